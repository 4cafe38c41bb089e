"""The script of a page: the data that it computes with, and the primitive operations that it uses.

Every number on the page is computed by these instructions. The words are those of explanations, with places for the
numbers.
"""

import json
import math
import re
from typing import Any

from mgrad_cli.codegen.javascript import JAVASCRIPT
from mgrad_cli.codegen.primitives import Spelled, requirements, spell
from mgrad_cli.evaluation.diagnosis import number
from mgrad_cli.evaluation.tape import UNREACHED, Contribution, NodeRecord, Tape, call_text, why_nothing
from mgrad_cli.language.syntax import Name
from mgrad_cli.renderers.explanations.steps import LEGEND, Words
from mgrad_cli.renderers.graphs.graph import MAX_DETAIL, definition, operands, single_line
from mgrad_cli.renderers.page.instructions import Instructions
from mgrad_cli.renderers.page.placement import edges_of
from mgrad_cli.text import printable

PLACE = re.compile("`([\ue000-\uf8ff])`")
"""A private-use character that stands for an operand where its number goes; as a name it is printed in backquotes."""
FIRST_PLACE = 0xE000
MAX_PLACES = 200
HARMLESS = str.maketrans({char: f"\\u{ord(char):04x}" for char in "<>&"})
"""Escapes the characters that could end or begin a script element."""


def embedded(tape: Tape, program: Instructions) -> str:
    """Return the data of a page as JSON without any character that is special in HTML."""
    words = Words(tape)
    data = {
        "inputs": [input_members(tape, name) for name in program.inputs],
        "constants": list(map(spelled, program.constants)),
        "code": program.code,
        "nodes": [node_members(tape, words, node, program) for node in tape.nodes],
        "edges": [[operand.id, node.id] for operand, node in edges_of(tape)],
        "steps": steps(tape, words, program),
        "output": tape.output,
        "legend": " ".join(LEGEND),
    }
    return json.dumps(data, separators=(",", ":"), allow_nan=False).translate(HARMLESS)


def spelled(value: float) -> float | str:
    """Return a number as JSON holds it: as text if it is not finite."""
    return value if math.isfinite(value) else number(value)


def input_members(tape: Tape, name: str) -> dict[str, Any]:
    node = next(node for node in tape.inputs if node.label == name)
    return {"node": node.id, "name": single_line(name, MAX_DETAIL), "value": spelled(tape.vars[name])}


def node_members(tape: Tape, words: Words, node: NodeRecord, program: Instructions) -> dict[str, Any]:
    """Return the texts about a node, and the registers of its figures."""
    is_told = node.formula and node.label != node.name
    return {
        "name": printable(node.name),
        "formula": single_line(node.label if node.is_constant else f"{node.name}{definition(node)}", MAX_DETAIL),
        "text": single_line(node.label, MAX_DETAIL) if is_told else "",
        "numbers": in_places(node),
        "operands": node.operands,
        "gradient": printable(words.gradient(node)),
        "constant": node.is_constant,
        "data": program.data[node.id],
        "grad": program.grad[node.id],
    }


def in_places(node: NodeRecord) -> list[str | int]:
    """Return the operation of a node in pieces: texts, and the positions of operands where their numbers go."""
    if node.operation is None or len(node.operands) > MAX_PLACES:
        return []
    names = [Name(chr(FIRST_PLACE + index)) for index in range(len(node.operands))]
    pieces = PLACE.split(call_text(node.operation, [*names]))
    return [ord(piece) - FIRST_PLACE if index % 2 else piece for index, piece in enumerate(pieces) if piece]


def steps(tape: Tape, words: Words, program: Instructions) -> list[dict[str, Any]]:
    """Return the nodes that may have a gradient to pass on, in the order of the backward pass."""
    reached = {tape.output, *(tape.nodes[index].operands[position] for index, position in program.contributions)}
    first_edges: dict[int, int] = {}
    for edge, (_, node) in enumerate(edges_of(tape)):
        first_edges.setdefault(node.id, edge)
    taken = [tape.nodes[index] for index in tape.backward if index in reached and tape.nodes[index].contributions]
    return [
        {
            "node": node.id,
            "unreached": printable(f"{UNREACHED} {node.name}"),
            "pulls": additions(tape, words, node, program, first_edges[node.id]),
        }
        for node in taken
    ]


def additions(
    tape: Tape, words: Words, node: NodeRecord, program: Instructions, first_edge: int
) -> list[dict[str, Any]]:
    """Return what a node adds to each operand: its registers, unless it adds nothing wherever the inputs are."""
    operation = node.operation
    assert operation is not None
    members = []
    for position, (_, contribution) in enumerate(operands(tape, node)):
        if contribution is None:
            continue
        is_step = not operation.variadic and operation.partials[position] is None
        member = {
            "operand": contribution.operand,
            "edge": first_edge + position,
            "product": product(words, node, contribution),
            "nothing": why_nothing(operation, is_step, lets_through=False),
        }
        if registers := program.contributions.get((node.id, position)):
            member |= dict(zip(("slope", "share"), registers, strict=True))
        members.append(member)
    return members


def product(words: Words, node: NodeRecord, contribution: Contribution) -> str:
    """Return `dL/dc * b`; with `dc/da` for `b` if the function takes any number of operands."""
    assert node.operation is not None
    if node.operation.variadic:
        operand = words.tape.nodes[contribution.operand]
        contribution = contribution._replace(formula=f"d{node.name}/d{operand.name}")
    return printable(words.product(node, contribution))


def operations(program: Instructions) -> str:
    """Return JavaScript that defines the primitives of the instructions by their names, and what these need."""
    used = {name for name, _ in program.code}
    primitives = {name: JAVASCRIPT.primitives[name] for name in sorted(used)}
    definitions = requirements(JAVASCRIPT, [need for one in primitives.values() for need in one.needs]).definitions
    lines = []
    for name, primitive in primitives.items():
        operands = ("a", "b", "c")[: len(primitive.operand_levels)]
        lines.append(f"  {name}: ({', '.join(operands)}) => {spell(primitive, *map(Spelled, operands)).text},\n")
    support = "\n\n".join([*definitions, f"return {{\n{''.join(lines)}}};"])
    return f"const OPERATIONS = (() => {{\n{support}\n}})();\n"
