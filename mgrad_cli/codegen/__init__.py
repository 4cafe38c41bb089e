"""Formulas as functions in programming languages, and as LaTeX."""
