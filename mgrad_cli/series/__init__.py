"""Truncated power series: a reading of the rules that gives limits, and coefficients of any order.

A series is an operand like a float or a formula: `replay` runs any program on it. Rows of the table have no rule of
their own for it: for y = f(x) with the partial p(x, y), the coefficients of y follow from y' = p(x, y) * x'.
"""
