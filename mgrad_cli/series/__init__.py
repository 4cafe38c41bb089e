"""Truncated power series as operands, for limits and coefficients of any order.

`replay` runs any program on series, as on floats or formulas. Rows of the table need no rules for them: for y = f(x)
with the partial p(x, y), the coefficients of y follow from y' = p(x, y) * x'.
"""
