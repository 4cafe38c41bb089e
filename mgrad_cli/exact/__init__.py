"""Figures that are proven: formulas in ball arithmetic, at whatever precision it takes."""
