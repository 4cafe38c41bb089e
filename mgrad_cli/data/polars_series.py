"""Take arrays of Arrow as Series of polars, by Arrow's C interface, for which polars imports no `pyarrow.compute`."""

from typing import Any


class ExportedArray:
    """An array of which polars sees nothing but the interface."""

    def __init__(self, array: Any) -> None:
        self.array = array

    def __arrow_c_array__(self, requested_schema: Any = None) -> Any:
        return self.array.__arrow_c_array__(requested_schema)


class ExportedChunks:
    """The same for a chunked array."""

    def __init__(self, array: Any) -> None:
        self.array = array

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return self.array.__arrow_c_stream__(requested_schema)


def series_from(array: Any, name: str = "") -> Any:
    """Return an array, chunked or not, as a Series, which shares its memory."""
    import polars

    exported = ExportedArray if hasattr(array, "__arrow_c_array__") else ExportedChunks
    return polars.Series(exported(array)).alias(name)
