"""Records behave as classes of `typing.NamedTuple` do, for which type checkers take them."""

import copy
import pickle
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from mgrad_cli.records import Record


class Place(Record):
    """A place with a height."""

    x: float
    y: float
    height: float = 0.0
    name: str = ""

    @property
    def is_flat(self) -> bool:
        return self.height == 0


class NamedPlace(NamedTuple):
    x: float
    y: float
    height: float = 0.0
    name: str = ""


class Summit(Place):
    """A place that remembers who was there."""

    visitors: int


CALLS: list[Callable[[Any], Any]] = [
    lambda kind: kind(1, 2),
    lambda kind: kind(1, 2, 3),
    lambda kind: kind(1, 2, 3, "peak"),
    lambda kind: kind(1, y=2),
    lambda kind: kind(1, 2, name="peak"),
    lambda kind: kind(name="peak", y=2, x=1),
    lambda kind: kind(1, 2)._replace(height=3),
    lambda kind: kind(1, 2, 3)[1:3],
    lambda kind: kind(1, 2)._asdict(),
    lambda kind: (lambda x, y, *others: (y, x))(*kind(1, 2)),
    lambda kind: kind(1, 2) == (1, 2, 0.0, ""),
    lambda kind: hash(kind(1, 2)),
    lambda kind: kind(2, 1) > kind(1, 2),
    lambda kind: kind._fields,
    lambda kind: kind.__match_args__,
    lambda kind: repr(kind(1, 2)).removeprefix("Named"),
    lambda kind: copy.deepcopy(kind(1, 2)),
    lambda kind: pickle.loads(pickle.dumps(kind(1, 2))),
]
WRONG: list[Callable[[Any], Any]] = [
    lambda kind: kind(),
    lambda kind: kind(1),
    lambda kind: kind(1, height=2),
    lambda kind: kind(1, 2, 3, "peak", 5),
    lambda kind: kind(1, 2, x=3),
    lambda kind: kind(1, 2, depth=3),
    lambda kind: kind(1, 2)._replace(depth=3),
    lambda kind: setattr(kind(1, 2), "x", 3),
    lambda kind: setattr(kind(1, 2), "depth", 3),
]


@pytest.mark.parametrize("call", CALLS)
def test_a_record_is_what_a_named_tuple_is(call: Callable[[Any], Any]) -> None:
    assert call(Place) == call(NamedPlace)


@pytest.mark.parametrize("call", WRONG)
def test_a_record_refuses_what_a_named_tuple_refuses(call: Callable[[Any], Any]) -> None:
    for kind in (Place, NamedPlace):
        with pytest.raises((TypeError, ValueError, AttributeError)):
            call(kind)


def test_copies_are_of_the_same_class() -> None:
    for place in (Place(1, 2), Summit(1, 2)):
        for same in (copy.copy(place), pickle.loads(pickle.dumps(place)), place._replace(x=1)):
            assert type(same) is type(place)


def test_methods_patterns_and_classes_derived_from_a_record_work() -> None:
    assert Place(1, 2).is_flat
    match Place(1, 2, 3):
        case Place(x, _, height):
            assert (x, height) == (1, 3)
    summit = Summit(1, 2, 3000)
    summit.visitors = 5
    assert (summit.height, summit.visitors, summit) == (3000, 5, Place(1, 2, 3000))
