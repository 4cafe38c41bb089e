"""Figures rounded to some digits, for people."""

EXACT = 1e12
"""Smaller whole numbers are shown exactly."""


def rounded(value: float, digits: int) -> float:
    """Return a figure with so many significant digits, or as it is if it is a whole number that is not large.

    >>> rounded(3.14159, 3), rounded(12345.0, 3), rounded(1e15 + 2, 3)
    (3.14, 12345.0, 1000000000000000.0)
    """
    return value if value.is_integer() and abs(value) < EXACT else float(f"{value:.{digits}g}")


def rounding_note(digits: int, whole: str) -> str:
    """Return the note below rounded figures. `whole` is the option that shows them as they are."""
    return f"figures rounded to {digits} {'digit' if digits == 1 else 'digits'}; {whole} has them whole"
