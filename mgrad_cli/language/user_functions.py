"""The functions that a text defines, as `f(x, y) = x*y`, and what was expanded of them."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from mgrad_cli.errors import Span
from mgrad_cli.language.syntax import FunctionDefinition
from mgrad_cli.script import Assignment

if TYPE_CHECKING:
    from mgrad_cli.language.expansion import Cost, UserFunction

MAX_STEPS = 1_000_000
"""The most operations that the calls of a text are expanded to."""
NOTHING: Mapping[str, int] = {}

FORMS = frozenset({"diff", "prod", "sum"})
"""Functions of the language that are no rows of the table. They bind a name, and calls of them are expanded."""
FIXED_NAMES = frozenset({"inf", "nan"})
"""Constants that cannot be given a value."""


class Functions:
    """The functions that a text has defined so far, all that it `declared`, and the cost of all that was expanded.

    defined     each function whose calls are expanded, by its name; those of the language are `None`
    current     the definition that is read now, if any
    assigned    the statement of each name that the text assigns
    blocks      the statements read so far
    derived_by  the constants that were differentiated by, each with its first place
    indices     the names that are the index of a sum or product, each with its function
    is_keeping  whether calls stay calls, but for those in limits of sums and in what `diff` differentiates
    """

    __slots__ = ("assigned", "blocks", "current", "declared", "defined", "derived_by", "indices", "is_keeping", "spent")

    def __init__(self, definitions: tuple[FunctionDefinition, ...] = (), is_keeping: bool = False) -> None:
        self.declared = frozenset([definition.name for definition in definitions])
        self.defined: dict[str, UserFunction | None] = dict.fromkeys(FORMS)
        self.current: FunctionDefinition | None = None
        self.spent: Cost | None = None
        self.assigned: Mapping[str, int] = NOTHING
        self.blocks: list[Assignment] = []
        self.derived_by: dict[str, Span | None] = {}
        self.indices: dict[str, str] = {}
        self.is_keeping = is_keeping
