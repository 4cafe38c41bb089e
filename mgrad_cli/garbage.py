"""Garbage collection for processes that compute for long: rare, since what they make is mostly no garbage."""

import gc

GARBAGE_THRESHOLD = 50_000
"""Objects between two collections: the program of a long formula is many, none of them garbage."""


def collect_garbage_rarely() -> None:
    """Turn garbage collection on, for what runs long, without the objects that there are already."""
    gc.freeze()
    gc.set_threshold(GARBAGE_THRESHOLD)
    gc.enable()
