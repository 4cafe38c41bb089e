"""Proven values: formulas evaluated in ball arithmetic, at the precision they need."""
