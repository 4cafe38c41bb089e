"""What stands around a sign that is not of the language."""

import re
from collections.abc import Container
from typing import NamedTuple

OPERAND_AT_END = re.compile(r"([^\W\d]\w*|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)\s*$")


class SignContext(NamedTuple):
    """What stands around a sign: the operand that ends before it, and the texts before and after.

    `functions` are the names of functions.
    """

    operand: str
    before: str
    after: str
    functions: Container[str]

    def follows_value(self) -> bool:
        """Return whether a value ends before the sign."""
        return bool(self.operand) or self.before.rstrip().endswith(")")
