"""Derivatives as JSON: the formulas and their LaTeX."""

from collections.abc import Iterator
from typing import Any

from mgrad_cli.renderers import View
from mgrad_cli.renderers.equations import definition_equations, equations
from mgrad_cli.renderers.formulas import Formulas
from mgrad_cli.renderers.json_lines import encode


def as_json(formulas: Formulas, view: View) -> Iterator[str]:
    """Yield one object; second derivatives are a full Hessian, those of a higher order a list, each once.

    Several outputs are in `outputs`, and the derivatives outside of it are the first one's.
    """
    found = [output_members(formulas, number) for number in range(len(formulas.outputs))]
    record: dict[str, Any] = {"v": 1, "expr": formulas.expr, **found[0]}
    if len(found) > 1:
        record["outputs"] = found
    yield f"{encode(record)}\n"


def output_members(formulas: Formulas, number: int) -> dict[str, Any]:
    """Return the derivatives of one output as JSON members."""
    indices = formulas.of_output(number)
    texts = {names: "; ".join(formulas.program(index)) for names, index in indices.items()}
    typeset = {
        names: [*definition_equations(formulas, [index]), *equations(formulas, index)]
        for names, index in indices.items()
    }
    words = ["full" if is_accurate else "reduced" for is_accurate in formulas.accurate]
    accuracy = {names: words[index] for names, index in indices.items()} if words else {}
    if all(len(names) == 1 for names in indices):
        derivatives: dict[str, Any] = {"derivatives": {names[0]: text for names, text in texts.items()}}
        derivatives["latex"] = {names[0]: lines for names, lines in typeset.items()}
        derivatives |= {"accuracy": {names[0]: word for names, word in accuracy.items()}} if accuracy else {}
    elif any(len(names) > 2 for names in indices):
        partials = [
            {"by": list(names), "formula": texts[names], "latex": typeset[names]}
            | ({"accuracy": accuracy[names]} if accuracy else {})
            for names in indices
        ]
        derivatives = {"order": len(partials[0]["by"]), "partials": partials}
    else:
        derivatives = {"hessian": square(texts), "latex": square(typeset)}
        derivatives |= {"accuracy": square(accuracy)} if accuracy else {}
    return {"output": formulas.outputs[number], **derivatives}


def square(values: dict[tuple[str, ...], Any]) -> dict[str, dict[str, Any]]:
    names = dict.fromkeys(name for pair in values for name in pair)
    return {a: {b: values.get((a, b), values.get((b, a))) for b in names} for a in names}
