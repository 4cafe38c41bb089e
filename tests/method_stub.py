"""The types of `Value`'s methods, written from the table of operations: python -m tests.method_stub.

`Value` gets its methods from the table when it is imported. Type checkers and editors read them in
`mgrad_cli/operations/methods.pyi`, a class that stands between `Operand` and `Value` for them alone.
"""

from collections.abc import Iterator, Sequence

from mgrad_cli.language.printing import derivatives
from mgrad_cli.operations import TABLE, Operation
from tests.conftest import ROOT

PATH = ROOT / "mgrad_cli" / "operations" / "methods.pyi"
HEAD = """# Written by `python -m tests.method_stub` from the table of operations.

from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeAlias, overload

import numpy

from mgrad_cli.operations import Operand
from mgrad_cli.value import Value

Number: TypeAlias = Value | float | Fraction | Decimal | numpy.number[Any] | numpy.bool_
Array: TypeAlias = numpy.ndarray[Any, Any]

class Methods(Operand):
"""
BINARY = ("add", "sub", "mul", "truediv", "pow")
UNARY = ("neg", "pos", "abs")


def stub() -> str:
    """Return the text of the stub."""
    operators = [f"__{side}{name}__" for name in BINARY for side in ("", "r")]
    lines = [
        f"    @overload\n    def {name}(self, other: {kind}, /) -> {result}: ..."
        for name in operators
        for kind, result in (("Number", "Value"), ("Array", "Array"))
    ]
    lines += [f"    def __{name}__(self) -> Value: ..." for name in UNARY]
    for name, rows in sorted(TABLE.items()):
        if not rows[0].is_internal:
            parameters = ", ".join(["self", *operands(rows)])
            lines += [f"    def {name}({parameters}) -> Value:", *documentation(rows[0]), ""]
    return HEAD + "\n".join(lines).rstrip() + "\n"


def operands(rows: Sequence[Operation]) -> Iterator[str]:
    """Yield the parameters after the first of a name's rows; one that not all of them have may be left out."""
    if rows[0].variadic:
        yield "*others: Number"
        return
    longest = max(rows, key=lambda row: len(row.operands))
    needed = min(len(row.operands) for row in rows)
    defaults = dict(zip(reversed(longest.operands), reversed(longest.defaults), strict=False))
    for index, name in enumerate(longest.operands[1:], 1):
        default = defaults.get(name, "..." if index >= needed else None)
        yield f"{name}: Number" if default is None else f"{name}: Number = {default}"


def documentation(row: Operation) -> list[str]:
    """Return the lines of a docstring: what the row computes, its derivatives, and where it is defined."""
    lines = []
    if not row.variadic:
        names = [f"{row.operands[0]}, this Value", *row.operands[1:]]
        lines += [f"Derivative by {name}: {formula}" for name, formula in zip(names, derivatives(row), strict=True)]
    lines += [f"Domain: {row.domain}"] if row.domain else []
    if not lines:
        return [f'        """{sentence(row.doc)}"""']
    return [f'        """{sentence(row.doc)}', "", *(f"        {line}" for line in lines), '        """']


def sentence(doc: str) -> str:
    """Return a row's line of documentation as a sentence; what begins with a formula stays as it is."""
    is_word = len(first := doc.split()[0]) > 1 and first.rstrip(",").isalpha()
    return f"{doc[:1].upper() if is_word else doc[:1]}{doc[1:]}."


if __name__ == "__main__":
    PATH.write_text(stub())
