"""How a tape is made: a unit evaluated, the chain rule run back, and what happened taken down."""

import math
import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from mgrad_cli.evaluation.conventions import conventions
from mgrad_cli.evaluation.diagnosis import describe, findings
from mgrad_cli.evaluation.gradcheck import Check
from mgrad_cli.evaluation.graph import Graph, evaluate
from mgrad_cli.evaluation.sampling import check_unit
from mgrad_cli.evaluation.tape import MAX_FORMULA, UNREACHED, Contribution, NodeRecord, Tape, written
from mgrad_cli.language.lowering import Script
from mgrad_cli.language.printing import LEVELS, Formula, constant, level, literal, unparse
from mgrad_cli.language.syntax import Expression, Name
from mgrad_cli.operations import Operation
from mgrad_cli.operations.operation import at, mask_at
from mgrad_cli.text import truncate
from mgrad_cli.value import Constant, topological_order

OUTPUT_NAMES = ("L", "f", "y", "out")
NODE_LETTERS = ("v", "t", "u", "w", "n", "node")
MAX_NAME = 24
"""Characters of a name; an entry whose own name is longer goes by a short one."""
CHECK_EFFORT = 10_000
"""The most variables times entries for which numerical derivatives are taken; each costs some hundred evaluations."""


def record(unit: Script, bindings: Mapping[str, float]) -> Tape:
    """Evaluates a unit, runs the chain rule back, and takes down what happened.

    Raises: BindingError for a variable without a value, or a value without a variable.
    """
    graph = evaluate(unit, bindings, merges=True)
    graph.output.backward()
    return taped(graph)


def taped(graph: Graph) -> Tape:
    """What happened in a graph, whose gradients are known."""
    indices = {id(node): index for index, node in enumerate(graph.nodes)}
    names = handles(graph)
    order = [indices[id(node)] for node in reversed(topological_order(graph.output))]
    pulls = handed_back(graph, indices, names, order)
    named: dict[int, list[str]] = {}
    for name, node in graph.named.items():
        named.setdefault(indices[id(node)], []).append(name)
    entries = []
    for index, node in enumerate(graph.nodes):
        operands = tuple(indices[id(operand)] for operand in node._prev)
        operation = node._operation
        formula = written(operation, [leaf(graph, operand, names) for operand in operands]) if operation else ""
        is_constant = isinstance(node, Constant)
        entries.append(
            NodeRecord(
                index,
                names[index],
                describe(graph, index),
                "const" if is_constant else node._op,
                operation,
                formula,
                operands,
                node.data,
                None if is_constant else node.grad,
                tuple(pulls.get(index, ())),
                tuple(name for name in named.get(index, ()) if name != node.label),
            )
        )
    values = {name: node.data for name, node in graph.inputs.items()}
    is_finite = all(map(math.isfinite, (graph.output.data, *(node.grad for node in graph.inputs.values()))))
    return Tape(
        graph.unit.text,
        tuple(entries),
        indices[id(graph.output)],
        tuple(order),
        values,
        tuple(conventions(graph.nodes)),
        () if is_finite else tuple(findings(graph)),
    )


def handed_back(
    graph: Graph, indices: Mapping[int, int], names: list[str], order: Iterable[int]
) -> dict[int, list[Contribution]]:
    """The pulls of each entry, read off the graph after its backward pass, whose every gradient is known."""
    gradients: dict[int, float | None] = {}
    pulls: dict[int, list[Contribution]] = {}
    for index in order:
        node = graph.nodes[index]
        operation = node._operation
        if operation is None:
            continue
        is_reached = node is graph.output or gradients.get(index) is not None
        operands = [indices[id(operand)] for operand in node._prev]
        arguments = (*(operand.data for operand in node._prev), node.data)
        formulas = (*(Formula(leaf(graph, operand, names)) for operand in operands), Formula(Name(names[index])))
        slopes = list(operation.local_rules(operands, arguments))
        partials = slopes if operation.variadic else operation.local_rules(operands, formulas)
        pulls[index] = []
        for (operand, slope, mask), (_, partial, _) in zip(slopes, partials, strict=True):
            if isinstance(graph.nodes[operand], Constant):
                continue
            before = gradients.get(operand)
            formula = truncate(text_of(partial(*formulas) if callable(partial) else partial or 0.0), MAX_FORMULA)
            amount = float(at(slope, *arguments) if callable(slope) else slope or 0)
            nothing = why_nothing(operation, slope is None, mask is None or bool(mask_at(mask, *arguments)))
            if not is_reached:
                nothing = f"{UNREACHED} {names[index]}"
            if nothing:
                pulls[index].append(Contribution(operand, formula, amount, 0.0, before, before or 0.0, nothing))
            else:
                share = node.grad * amount
                total = gradients[operand] = share if before is None else before + share
                pulls[index].append(Contribution(operand, formula, amount, share, before, total))
    return pulls


def leaf(graph: Graph, index: int, names: list[str]) -> Expression:
    """What stands for a node in a formula: its name, or the number that a constant without one is."""
    node = graph.nodes[index]
    return constant(node.data) if isinstance(node, Constant) and not node.label else Name(names[index])


def why_nothing(operation: Operation, is_step: bool, lets_through: bool) -> str:
    """Why an operand receives nothing at all, not even zero times infinity; empty where it receives something."""
    if is_step:
        return "it only chooses" if operation.is_selection else "it moves in steps"
    if lets_through:
        return ""
    if not operation.is_selection:
        return "by convention at this edge"
    return "the branch not taken" if operation.name == "where" else "the operand not chosen"


def text_of(partial: Formula | float) -> str:
    """A local derivative as a factor of a product."""
    tree = partial.tree if isinstance(partial, Formula) else constant(partial)
    return f"({unparse(tree)})" if level(tree) < LEVELS["multiply"] else unparse(tree)


def handles(graph: Graph) -> list[str]:
    """What formulas call each node: its own name where it has a short one, the number of a constant, or a new name."""
    taken = {*graph.unit.names, *(node.label for node in graph.nodes)}
    letter = free_letter(taken)
    names = []
    count = 0
    for node in graph.nodes:
        if isinstance(node, Constant) and node is not graph.output:
            names.append(node.label or literal(node.data))
        elif node.label and len(node.label) <= MAX_NAME and not isinstance(node, Constant):
            names.append(node.label)
        elif node is graph.output:
            names.append(next((name for name in OUTPUT_NAMES if name not in taken), f"{letter}_out"))
        else:
            count += 1
            names.append(f"{letter}{count}")
    return names


def free_letter(taken: Collection[str]) -> str:
    """A letter that no name in the text is made of with a number behind it."""
    used = {re.sub(r"[0-9]+$", "", name) for name in taken}
    letters: Iterator[str] = iter((*NODE_LETTERS, *(f"v{'_' * count}" for count in range(1, len(used) + 2))))
    return next(letter for letter in letters if letter not in used or letter.endswith("_"))


def checked(unit: Script, tape: Tape) -> list[Check]:
    """The gradients of a tape against numerical derivatives, or nothing where those would take long."""
    grads = {entry.label: entry.grad for entry in tape.inputs if entry.grad is not None}
    if len(grads) * len(tape.entries) > CHECK_EFFORT:
        return []
    return check_unit(unit, tape.vars, grads)
