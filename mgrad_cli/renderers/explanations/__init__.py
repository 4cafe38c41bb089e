"""Explanations of a tape, step by step."""
