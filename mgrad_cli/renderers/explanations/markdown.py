"""A lesson as Markdown, for notes: formulas are code, tables are GitHub's."""

import re
from collections.abc import Iterator, Sequence

from mgrad_cli.evaluation.tape import Contribution, NodeRecord
from mgrad_cli.renderers import View
from mgrad_cli.renderers.explanations.steps import LEGEND, ROUNDED, Lesson, Words
from mgrad_cli.text import printable


def lesson(content: Lesson, view: View) -> Iterator[str]:
    tape, words = content.tape, Words(content.tape)
    heading = quoted(view.title) if view.title else f"Gradient of {code(' '.join(tape.expr.split()))}"
    yield f"# {heading}\n\n{' '.join(LEGEND)}\n"
    if content.step is None:
        yield "\n## Forward pass\n\n"
        yield table(
            ("node", "is", "in numbers", "data"),
            [forward(entry, words) for entry in tape.entries if not entry.is_constant],
        )
        yield f"\n## Backward pass\n\nThe output: {code(f'{words.gradient(tape.result)} = 1')}.\n"
    for index, entry in content.shown:
        yield from step(index, entry, words)
    if content.step is None:
        yield f"\n## Result\n\n{code(f'{tape.result.name} = {words.figure(tape.result.data)}')}\n\n"
        yield from result(content, words)
        yield from (f"\nBy convention: {quoted(where)}\n" for where in tape.conventions)
    if words.was_rounded:
        yield f"\n*{ROUNDED}*\n"


def forward(entry: NodeRecord, words: Words) -> list[str]:
    also = f" (also {', '.join(map(code, entry.also))})" if entry.also else ""
    name, data = code(entry.name) + also, code(words.figure(entry.data))
    if not entry.formula:
        return [name, "input" if entry.is_input else "constant", "", data]
    return [name, code(entry.formula), code(words.numbers(entry)), data]


def step(index: int, entry: NodeRecord, words: Words) -> Iterator[str]:
    assert entry.grad is not None
    gradient = f"{words.gradient(entry)} = {words.figure(entry.grad)}"
    yield f"\n{index}. {code(f'{entry.name} = {entry.formula}')}, where {code(gradient)}\n"
    for pull in entry.pulls:
        yield f"   - {added(entry, pull, words)}\n"


def added(entry: NodeRecord, pull: Contribution, words: Words) -> str:
    target = words.operand(pull)
    if pull.nothing:
        return f"{code(target)} receives nothing: {pull.nothing}"
    first = code(f"{target} += {words.product(entry, pull)} = {words.share(entry, pull)}")
    accumulation = words.accumulation(pull)
    return f"{first}, so that {code(accumulation)}" if accumulation else first


def result(content: Lesson, words: Words) -> Iterator[str]:
    checks = {check.name: check for check in content.checks}
    rows = []
    for entry in content.tape.inputs:
        check = checks.get(entry.label)
        numerical = [f"{check.numeric:.10g}", check.verdict] if check else ["", "not checked"]
        rows.append([code(words.gradient(entry)), "" if entry.grad is None else words.figure(entry.grad), *numerical])
    if rows:
        yield table(("gradient", "by the chain rule", "numerically", "check"), rows)


def table(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heading, ["---"] * len(heading), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


def code(text: str) -> str:
    """A text as code; a fence longer than any run of backticks in it."""
    text = printable(text)
    runs = re.findall("`+", text)
    fence = "`" * (1 + max(map(len, runs), default=0))
    padding = " " if runs else ""
    return f"{fence}{padding}{text}{padding}{fence}"


def quoted(text: str) -> str:
    """A text of which no character means anything to Markdown or HTML."""
    return re.sub(r"([\\`*_{}\[\]()#+!|<>&~-])", r"\\\1", printable(text))
