"""Formulas as Python objects, with the commands as methods."""
