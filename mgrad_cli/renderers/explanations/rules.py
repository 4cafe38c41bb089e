"""The rules of a derivative, step by step: for a terminal, in Markdown, LaTeX and JSON."""

import textwrap
from collections.abc import Iterator, Sequence

from mgrad_cli.codegen.latex import derivative_sign, latex, symbol
from mgrad_cli.language.names import one_line
from mgrad_cli.language.parser import DEFAULT_LIMITS, parse
from mgrad_cli.operations import FUNCTION_NAMES
from mgrad_cli.renderers import Renderers, View
from mgrad_cli.renderers.json_lines import encode
from mgrad_cli.renderers.markdown import code, quoted
from mgrad_cli.symbolic.rules import RuleStep, RuleSteps
from mgrad_cli.text import printable

INDENT = "   "


def title_of(found: RuleSteps, view: View) -> str:
    return printable(view.title or f"derivative of {one_line(found.expr)} by {found.wrt}")


def as_text(found: RuleSteps, view: View) -> Iterator[str]:
    """Yield the steps for a terminal: the rule, what its letters stand for, and the derivative."""
    yield "\n".join([*wrapped(title_of(found, view), view, ""), "", ""])
    for number, step in enumerate(found.steps, 1):
        lines = [f"{number}. {step.rule.name}: {step.rule.formula}"]
        lines += wrapped(letters(step), view, INDENT)
        lines += wrapped(printable(equation(step)), view, INDENT)
        yield "\n".join([*lines, "", ""])
    yield "\n".join([*wrapped(printable(f"d/d{found.wrt} = {found.derivative}"), view, ""), ""])


def wrapped(text: str, view: View, indent: str) -> list[str]:
    """Return the lines of a text, indented, and broken where the page ends."""
    width = max(view.page.width or 80, 40)
    return textwrap.wrap(
        text, width, initial_indent=indent, subsequent_indent=indent + "  ", break_long_words=False,
        break_on_hyphens=False,
    )  # fmt: skip


def equation(step: RuleStep) -> str:
    """Return what a step finds: `(x**2)' = 2*x`."""
    named = f"{step.name} = " if step.name else ""
    is_call = step.expression.endswith(")") and step.expression.split("(")[0].isidentifier()
    closed = is_call and is_balanced(step.expression[step.expression.index("(") + 1 : -1])
    left = step.expression if closed and not named else f"({named}{step.expression})"
    return f"{left}' = {step.derivative}"


def is_balanced(text: str) -> bool:
    """Return whether no parenthesis is closed before it is opened."""
    depth = 0
    for char in text:
        depth += (char == "(") - (char == ")")
        if depth < 0:
            return False
    return depth == 0


def letters(step: RuleStep) -> str:
    """Return what the letters of a rule stand for."""
    return ", ".join(
        f"{part.letter} = {printable(part.expression)}{'' if part.step is None else f' (step {part.step})'}"
        for part in step.parts
    )


def as_markdown(found: RuleSteps, view: View) -> Iterator[str]:
    """Yield the steps as a numbered list."""
    yield f"## {code(title_of(found, view)) if not view.title else title_of(found, view)}\n\n"
    for number, step in enumerate(found.steps, 1):
        yield f"{number}. **{step.rule.name}**: {code(step.rule.formula)}, {code(letters(step))}  \n"
        yield f"   {code(printable(equation(step)))}\n"
    yield f"\nd/d{quoted(found.wrt)} = {code(found.derivative)}\n"


def as_latex(found: RuleSteps, view: View) -> Iterator[str]:
    """Yield an equation in a line for each step, with the name of its rule, and one for the result."""
    sign = r"\partial" if found.is_partial else "d"
    for step in found.steps:
        expression = latex(parse(step.expression, DEFAULT_LIMITS, FUNCTION_NAMES).statements[0].expression)
        left = rf"\frac{{{sign}}}{{{sign} {symbol(found.wrt)}}}\left({expression}\right)"
        if step.name:
            yield f"{symbol(step.name)} = {expression}\n"
            left = derivative_sign(step.name, (found.wrt,), found.is_partial)
        *shared, last = equations(left, step.derivative)
        rule = step.rule.name.replace("_", r"\_")
        yield "".join(f"{line}\n" for line in [*shared, rf"{last} \qquad \text{{{rule}}}"])
    left = derivative_sign(found.output, (found.wrt,), found.is_partial)
    yield "".join(f"{line}\n" for line in equations(left, found.derivative))


def equations(left: str, derivative: str) -> list[str]:
    """Return an equation for each statement of a derivative; `left` is the left side of the last."""
    statements = parse(derivative, DEFAULT_LIMITS, FUNCTION_NAMES).statements
    names = [symbol(statement.name or "") for statement in statements[:-1]]
    return [f"{name} = {latex(each.expression)}" for name, each in zip([*names, left], statements, strict=True)]


def as_json(found: RuleSteps, view: View) -> Iterator[str]:
    """Yield one object in a line."""
    record = {"v": 1, "expr": found.expr, "wrt": found.wrt, "steps": members(found.steps)}
    yield f"{encode({**record, 'derivative': found.derivative})}\n"


def members(steps: Sequence[RuleStep]) -> list[dict[str, object]]:
    """Return the steps as JSON members."""
    return [
        {
            "step": number,
            **({"name": step.name} if step.name else {}),
            "expr": step.expression,
            "rule": step.rule.name,
            "formula": step.rule.formula,
            "parts": [
                {"letter": part.letter, "expr": part.expression, **({"step": part.step} if part.step else {})}
                for part in step.parts
            ],
            "derivative": step.derivative,
        }
        for number, step in enumerate(steps, 1)
    ]


RULE_FORMATS: Renderers[RuleSteps] = {"text": as_text, "markdown": as_markdown, "latex": as_latex, "json": as_json}
