"""Evaluate many formulas, one record per line, in order and in bounded memory."""
