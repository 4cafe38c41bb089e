"""Explanations as Markdown: formulas are code, and tables have GitHub's syntax."""

from collections.abc import Iterator

from mgrad_cli.evaluation.tape import Contribution, NodeRecord, Tape
from mgrad_cli.language.names import one_line
from mgrad_cli.renderers import View
from mgrad_cli.renderers.explanations.steps import LEGEND, ExplanationContent, Words, entered
from mgrad_cli.renderers.markdown import code, limits, quoted, table


def explanation(content: ExplanationContent, view: View) -> Iterator[str]:
    tape, words = content.tape, Words(content.tape, view.page.digits)
    heading = quoted(view.title) if view.title else f"Gradient of {code(one_line(tape.expr))}"
    yield f"# {heading}\n\n{' '.join(LEGEND)}\n"
    if content.step is None:
        yield "\n## Forward pass\n\n"
        yield table(
            ("node", "is", "in numbers", "data"),
            list(forward_rows(tape, words)),
        )
        yield f"\n## Backward pass\n\nThe output: {code(f'{words.gradient(tape.result)} = 1')}.\n"
    for index, node in content.shown:
        yield from step(index, node, words)
    if content.step is None:
        yield f"\n## Result\n\n{code(f'{tape.result.name} = {words.figure(tape.result.data)}')}\n\n"
        yield from result(content, words)
        yield from (f"\nLost digits: {quoted(str(loss))}\n" for loss in content.tape.losses)
        yield from (f"\nBy convention: {quoted(where)}\n" for where in tape.conventions)
    if content.sides is not None:
        yield "\n## Limits\n\n"
        yield from limits(content.sides, tape.vars)
    if words.rounding:
        yield f"\n*{words.rounding}*\n"


def forward_rows(tape: Tape, words: Words) -> Iterator[list[str]]:
    """Yield a row for each node, and one before the nodes of a call."""
    before = None
    for node in tape.nodes:
        if not node.is_constant:
            for call in entered(tape, node, before):
                yield [f"*{code(call.text)}*", call.definition and code(call.definition), "", ""]
            before = node
            yield forward(node, words)


def forward(node: NodeRecord, words: Words) -> list[str]:
    also = f" (also {', '.join(map(code, node.also))})" if node.also else ""
    name, data = code(node.name) + also, code(words.figure(node.data))
    if not node.formula:
        return [name, "input" if node.is_input else "constant", "", data]
    return [name, code(node.formula), code(words.numbers(node)), data]


def step(index: int, node: NodeRecord, words: Words) -> Iterator[str]:
    assert node.grad is not None
    gradient = f"{words.gradient(node)} = {words.figure(node.grad)}"
    yield f"\n{index}. {code(f'{node.name} = {node.formula}')}, where {code(gradient)}\n"
    for contribution in node.contributions:
        yield f"   - {added(node, contribution, words)}\n"


def added(node: NodeRecord, contribution: Contribution, words: Words) -> str:
    target = words.operand(contribution)
    if contribution.nothing:
        return f"{code(target)} receives nothing: {contribution.nothing}"
    first = code(f"{target} += {words.product(node, contribution)} = {words.amount(node, contribution)}")
    accumulation = words.accumulation(contribution)
    return f"{first}, so that {code(accumulation)}" if accumulation else first


def result(content: ExplanationContent, words: Words) -> Iterator[str]:
    checks = {check.name: check for check in content.checks}
    rows = []
    for node in content.tape.inputs:
        check = checks.get(node.label)
        numerical = [f"{check.numeric:.10g}", check.verdict] if check else ["", "not checked"]
        rows.append([code(words.gradient(node)), "" if node.grad is None else words.figure(node.grad), *numerical])
    if rows:
        yield table(("gradient", "by the chain rule", "numerically", "check"), rows)
