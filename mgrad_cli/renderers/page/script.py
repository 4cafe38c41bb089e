"""What the script of a page computes with: a tape as instructions and words, and the primitives they use.

Every number of the page comes from these instructions; the words are those of lessons, with places for the numbers.
"""

import json
import math
import re
from typing import Any

from mgrad_cli.codegen.javascript import JAVASCRIPT
from mgrad_cli.codegen.primitives import Spelled, requirements, spell
from mgrad_cli.evaluation.diagnosis import number
from mgrad_cli.evaluation.recording import why_nothing
from mgrad_cli.evaluation.tape import UNREACHED, Contribution, NodeRecord, Tape, written
from mgrad_cli.language.syntax import Name
from mgrad_cli.renderers.explanations.steps import LEGEND, Words
from mgrad_cli.renderers.graphs.graph import MAX_DETAIL, definition, single_line
from mgrad_cli.renderers.page.instructions import Instructions, instructions
from mgrad_cli.renderers.page.placement import edges_of
from mgrad_cli.text import printable

PLACE = re.compile("([\ue000-\uf8ff])")
"""A character of private use stands for the operand of its number, where a number goes."""
FIRST_PLACE = 0xE000
MAX_PLACES = 200
HARMLESS = str.maketrans({char: f"\\u{ord(char):04x}" for char in "<>&"})
"""What could end a script element, or begin one, as JSON may also write it."""


def embedded(tape: Tape) -> str:
    """The data of a page as JSON, in which no character means anything to HTML."""
    program = instructions(tape)
    words = Words(tape)
    data = {
        "inputs": [input_members(tape, name) for name in program.inputs],
        "constants": list(map(spelled, program.constants)),
        "code": program.code,
        "nodes": [node_members(tape, words, entry, program) for entry in tape.entries],
        "edges": [[operand.id, entry.id] for operand, entry in edges_of(tape)],
        "steps": steps(tape, words, program),
        "output": tape.output,
        "legend": " ".join(LEGEND),
    }
    return json.dumps(data, separators=(",", ":"), allow_nan=False).translate(HARMLESS)


def spelled(value: float) -> float | str:
    """A number; as a text where JSON has none for it."""
    return value if math.isfinite(value) else number(value)


def input_members(tape: Tape, name: str) -> dict[str, Any]:
    node = next(entry for entry in tape.inputs if entry.label == name)
    return {"node": node.id, "name": single_line(name, MAX_DETAIL), "value": spelled(tape.vars[name])}


def node_members(tape: Tape, words: Words, entry: NodeRecord, program: Instructions) -> dict[str, Any]:
    """What is said of a node: its formula also in pieces, with places for the numbers of its operands."""
    is_told = entry.formula and entry.label != entry.name
    return {
        "name": printable(entry.name),
        "formula": single_line(entry.label if entry.is_constant else f"{entry.name}{definition(entry)}", MAX_DETAIL),
        "text": single_line(entry.label, MAX_DETAIL) if is_told else "",
        "numbers": in_places(entry),
        "operands": entry.operands,
        "gradient": printable(words.gradient(entry)),
        "constant": entry.is_constant,
        "data": program.data[entry.id],
        "grad": program.grad[entry.id],
    }


def in_places(entry: NodeRecord) -> list[str | int]:
    """The operation of an entry in pieces: texts, and between them the positions of its operands."""
    if entry.operation is None or len(entry.operands) > MAX_PLACES:
        return []
    names = [Name(chr(FIRST_PLACE + index)) for index in range(len(entry.operands))]
    pieces = PLACE.split(written(entry.operation, [*names]))
    return [ord(piece) - FIRST_PLACE if PLACE.fullmatch(piece) else piece for piece in pieces if piece]


def steps(tape: Tape, words: Words, program: Instructions) -> list[dict[str, Any]]:
    """The entries that may have something to hand back, in the order of the backward pass."""
    reached = {tape.output, *(operand for _, operand, _, _ in program.pulls)}
    flows: dict[int, list[tuple[int, int, int]]] = {}
    for index, operand, slope, share in program.pulls:
        flows.setdefault(index, []).append((operand, slope, share))
    first_edges: dict[int, int] = {}
    for edge, (_, entry) in enumerate(edges_of(tape)):
        first_edges.setdefault(entry.id, edge)
    taken = [tape.entries[index] for index in tape.backward if index in reached and tape.entries[index].pulls]
    return [
        {
            "node": entry.id,
            "unreached": printable(f"{UNREACHED} {entry.name}"),
            "pulls": pulls(tape, words, entry, flows.get(entry.id, []), first_edges[entry.id]),
        }
        for entry in taken
    ]


def pulls(
    tape: Tape, words: Words, entry: NodeRecord, flows: list[tuple[int, int, int]], first_edge: int
) -> list[dict[str, Any]]:
    """What an entry hands back: the registers of the slope and the share, or none where nothing ever comes."""
    operation = entry.operation
    assert operation is not None
    is_step = [not operation.variadic and operation.partials[index] is None for index in range(len(entry.operands))]
    variables = [index for index, operand in enumerate(entry.operands) if not tape.entries[operand].is_constant]
    waiting = list(flows)
    closed = len(variables) - sum(is_step[index] for index in variables) - len(waiting)
    members = []
    for index, pull in zip(variables, entry.pulls, strict=True):
        shown = {"operand": pull.operand, "edge": first_edge + index, "product": product(words, entry, pull)}
        shown["nothing"] = why_nothing(operation, is_step[index], lets_through=False)
        is_next = bool(waiting) and waiting[0][0] == pull.operand
        if not is_step[index] and is_next and not (closed and pull.nothing):
            _, slope, share = waiting.pop(0)
            shown |= {"slope": slope, "share": share}
        elif not is_step[index]:
            closed -= 1  # by a condition that is a constant
        members.append(shown)
    return members


def product(words: Words, entry: NodeRecord, pull: Contribution) -> str:
    """`dL/dc * b`; the derivatives of a function of many operands are known as numbers alone."""
    assert entry.operation is not None
    if entry.operation.variadic:
        operand = words.tape.entries[pull.operand]
        pull = pull._replace(formula=f"d{entry.name}/d{operand.name}")
    return printable(words.product(entry, pull))


def operations(tape: Tape) -> str:
    """JavaScript: the primitives that the instructions of a tape use, by their names; what they need stands inside."""
    used = {name for name, _ in instructions(tape).code}
    primitives = {name: JAVASCRIPT.primitives[name] for name in sorted(used)}
    definitions = requirements(JAVASCRIPT, [need for one in primitives.values() for need in one.needs]).definitions
    lines = []
    for name, primitive in primitives.items():
        operands = ("a", "b", "c")[: len(primitive.operand_levels)]
        lines.append(f"  {name}: ({', '.join(operands)}) => {spell(primitive, *map(Spelled, operands)).text},\n")
    support = "\n\n".join([*definitions, f"return {{\n{''.join(lines)}}};"])
    return f"const OPERATIONS = (() => {{\n{support}\n}})();\n"
