"""Take arrays of Arrow as Series of polars."""

from typing import Any


class Exported:
    """An array that polars takes by Arrow's C interface, for which it does not import `pyarrow.compute`."""

    def __init__(self, array: Any) -> None:
        self.array = array

    def __arrow_c_array__(self, requested_schema: Any = None) -> Any:
        return self.array.__arrow_c_array__(requested_schema)


def series_from(array: Any, name: str = "") -> Any:
    """Return an array as a Series, which shares its memory."""
    import polars

    return polars.Series(Exported(array)).alias(name)
