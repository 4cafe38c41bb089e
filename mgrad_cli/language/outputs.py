"""The outputs of a script: their names, what the commas between them can mean, and one of several."""

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import count, pairwise

from mgrad_cli.errors import ExpressionError, Span
from mgrad_cli.language.syntax import Call, Expression, Name, Number, Statement
from mgrad_cli.script import Script

OUTPUT_NAMES = ("f", "g", "h", "y", "value")
NUMBERED = r"(.+?)([1-9][0-9]{0,6})$"
WHOLE_NUMBER = r"(?a)(?<![\w.])[0-9]+(?:\.[0-9]{3})*$"
MAX_DIGITS = 30


def output_names(outputs: Sequence[Statement], names: Collection[str]) -> tuple[str, ...]:
    """Return a name for each output. `names` are all that the program uses.

    A single output has its own name, or one that means nothing else in the program. Of several, one that is only a
    name is called by it, and any other by its position: `f1`, `f2`, or with the next letter that makes no name of the
    program. The second of two equal names is a position, too.
    """
    if len(outputs) == 1:
        return (outputs[0].name or free_output_name(names),)
    numbered = [match.groups() for match in map(re.compile(NUMBERED).match, names) if match is not None]
    taken = {letter for letter, number in numbered if int(number) <= len(outputs)}
    letter = next(letter for letter in letters() if letter not in taken)
    found: dict[str, None] = {}
    for position, output in enumerate(outputs, 1):
        name = output.expression.name if isinstance(output.expression, Name) else None
        found[f"{letter}{position}" if name is None or name in found else name] = None
    return tuple(found)


def letters() -> Iterator[str]:
    """Yield the names of single outputs, then others without end."""
    yield from OUTPUT_NAMES
    yield from (f"f{'_' * length}" for length in count(1))


def free_output_name(names: Collection[str]) -> str:
    """Return a name for a single output that is not among these names."""
    return "f" if "f" not in names else next(name for name in letters() if name not in names)


def check_commas(outputs: Sequence[Statement], text: str) -> None:
    """Check that no comma between outputs was meant as the decimal point of a number, as in `2*x + 1,5`.

    Such a comma has digits on both sides, and one of the outputs would be nothing but a number.

    Raises: ExpressionError otherwise.
    """
    for left, right in pairwise(outputs):
        if left.span is None or right.span is None or right.span.start != left.span.end + 1:
            continue
        before = text[max(0, left.span.end - MAX_DIGITS) : left.span.end]
        is_between_digits = re.search(WHOLE_NUMBER, before) is not None and text[right.span.start] in "0123456789"
        if is_between_digits and (is_number(left.expression) or is_number(right.expression)):
            from mgrad_cli.language.foreign_numbers import comma_advice

            comma = Span(left.span.end, right.span.start)
            is_listed = len(outputs) > 2 or not (is_number(left.expression) and is_number(right.expression))
            advice = "; between outputs, put a blank after the comma" if is_listed else ""
            spelled = comma_advice(text, comma.start)
            number = f": {spelled}" if spelled else ""
            raise ExpressionError(f"unexpected ','; numbers have a decimal point{number}{advice}", text, comma)


def is_number(expression: Expression) -> bool:
    """Return whether an expression is a number, perhaps with a sign."""
    if isinstance(expression, Call) and expression.function == "negative":
        (expression,) = expression.operands
    return isinstance(expression, Number)


def check_one_output(script: Script, what: str) -> None:
    """Raise ExpressionError, at the second output of a script that has several. `what` takes only one."""
    count = len(script.outputs)
    if count > 1:
        span = script.blocks[1 - count].span
        raise ExpressionError(f"{what} takes one output, and the expression has {count}", script.text, span)


def one_output(script: Script, index: int) -> Script:
    """Return a script with one of its outputs. All its variables and named statements stay.

    >>> from mgrad_cli.language.lowering import read
    >>> one_output(read("u = a*b; u, u + 1"), 1).outputs
    ('f2',)
    """
    count = len(script.outputs)
    if count == 1:
        return script
    first = len(script.blocks) - count
    blocks = (*script.blocks[:first], script.blocks[first + index])
    return script._replace(blocks=blocks, outputs=(script.outputs[index],))
