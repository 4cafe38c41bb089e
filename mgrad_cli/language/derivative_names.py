"""The names of derivatives: `d_x`, `d_x_y`, or `d_u_x` for the output u."""

from collections.abc import Collection, Sequence

PREFIX = "d_"


def derivative_name(by: Sequence[str], taken: Collection[str], prefix: str = PREFIX) -> str:
    """Return the name of the derivative by some variables, with its first letter repeated while the name is taken.

    >>> derivative_name(["x", "y"], [])
    'd_x_y'
    >>> derivative_name(["a", "b_c"], ["d_a_b_c"])
    'dd_a_b_c'
    """
    return free_name(prefix + "_".join(by), taken)


def free_name(name: str, taken: Collection[str]) -> str:
    """Return a name, with its first letter repeated while it is taken."""
    first = name[:1]
    while name in taken:
        name = first + name
    return name


def is_derivative(name: str) -> bool:
    """Return whether a name says that it is a derivative."""
    return name.lstrip("d").startswith("_") and name.startswith("d")
