"""Named tuples that cost little to define, for the modules that every command imports before it starts.

`typing.NamedTuple` compiles a constructor for each class, which takes as long as importing a small module. A `Record`
is the same to type checkers, and does the same; its constructor takes a little longer.
"""

from collections import namedtuple
from typing import TYPE_CHECKING, Any

__all__ = ["Record"]

if TYPE_CHECKING:
    from typing import NamedTuple as Record
else:
    Fields = namedtuple("Fields", "a b c d e f g h i j k l")
    GETTERS = tuple(vars(Fields)[name] for name in Fields._fields)
    """The descriptors of the first field of a tuple, of the second, and so on, which serve for every class."""

    class RecordType(type):
        """Makes the annotations of a class that is derived from `Record` the fields of its tuples."""

        def __new__(cls, name: str, bases: tuple[Any, ...], members: dict[str, Any]) -> Any:
            if getattr(bases[0], "_fields", None) != ():
                return super().__new__(cls, name, bases, members)  # `Record` itself, or derived from a record
            kind = super().__new__(cls, name, bases, {**members, "__slots__": ()})
            kind._fields = kind.__match_args__ = tuple(kind.__annotations__)
            kind._defaults = tuple(members[field] for field in kind._fields if field in members)
            assert len(kind._fields) <= len(GETTERS)
            for field, getter in zip(kind._fields, GETTERS, strict=False):
                setattr(kind, field, getter)
            return kind

    class Record(tuple, metaclass=RecordType):
        """The base class of records. Fields with a value may be left out, and any may be given by name."""

        __slots__ = ()
        _fields = ()

        def __new__(cls, *values: Any, **named: Any) -> Any:
            missing = len(cls._fields) - len(values)
            if named or not 0 <= missing <= len(cls._defaults):
                values = completed(cls, values, named)
            elif missing:
                values += cls._defaults[-missing:]
            return tuple.__new__(cls, values)

        def __getnewargs__(self) -> tuple[Any, ...]:
            return tuple(self)

        def __repr__(self) -> str:
            return f"{type(self).__name__}({', '.join(map('{}={!r}'.format, self._fields, self))})"

        def _replace(self, **named: Any) -> Any:
            """Return a copy with some fields replaced."""
            replaced = tuple.__new__(type(self), map(named.pop, self._fields, self))
            if named:
                raise TypeError(f"{type(self).__name__} has no fields {', '.join(named)}")
            return replaced

        def _asdict(self) -> dict[str, Any]:
            """Return the fields by name."""
            return dict(zip(self._fields, self, strict=True))

    def completed(kind: Any, values: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, ...]:
        """Return all fields of a record, some of which are given by name or left out.

        Raises: TypeError for a field that is missing, given twice or unknown.
        """
        fields, rest = kind._fields, kind._fields[len(values) :]
        given = {**dict(zip(reversed(fields), reversed(kind._defaults), strict=False)), **named}
        if len(values) > len(fields) or not named.keys() <= {*rest} <= given.keys():
            raise TypeError(f"{kind.__name__} has the fields {', '.join(fields)}")
        return (*values, *(given[field] for field in rest))
