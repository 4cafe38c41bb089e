"""Formulas as functions in programming languages, and as LaTeX."""

CODES = ("python", "numpy", "c", "js")
"""The names of the programming languages."""
