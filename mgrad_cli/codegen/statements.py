"""Convert programs back to statements. Shared expressions get names, so that a text grows no faster than a program."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from mgrad_cli.language.printing import constant
from mgrad_cli.language.syntax import Call, Expression, Name, Statement
from mgrad_cli.operations import call_name
from mgrad_cli.operations.function_operation import written_count
from mgrad_cli.program import ApplyNode, ConstantNode, InputNode, Program, booleans

MAX_SIZE = 10**9
CONDITION = 12
"""The least size of a condition that gets a name. A named condition is a number, and no longer a condition of the
language.
"""
LETTERS = ("v", "t", "u", "w", "k", "q")


class Naming(NamedTuple):
    """The rules for which registers get a name.

    small       the largest size of a text, everything written out, that needs no names
    worth       the least size of a shared expression that gets a name
    depth       the deepest nesting of operations in one statement
    conditions  how many times `where` writes its condition
    """

    small: int
    worth: int
    depth: int
    conditions: int = 1


FORMULAS = Naming(small=60, worth=5, depth=400)
TYPESET = FORMULAS._replace(conditions=2)
CODE = Naming(small=0, worth=2, depth=12)


def statements(
    program: Program,
    results: Sequence[str | None],
    known: Mapping[int, str],
    taken: Collection[str],
    naming: Naming = FORMULAS,
    constants: Collection[str] = (),
) -> list[Statement]:
    """Return the statements that compute the first outputs of a program. The last ones assign the `results`.

    A register that is used more than once gets its `known` name, or a new one that is not `taken`. Registers that
    depend only on `constants` get none, since a statement without variables would declare an input.
    """
    outputs = program.outputs[: len(results)]
    needed = needed_registers(program, outputs)
    fixed = fixed_registers(program, needed, constants)
    named = named_registers(program, needed, outputs, naming) - fixed
    used = {*filter(None, results), *(known[index] for index in needed if index in known)}
    fresh = fresh_names(frozenset(taken), used)
    trees: dict[int, Expression] = {}
    lines: list[Statement] = []
    for index in needed:
        node = program.nodes[index]
        if isinstance(node, ApplyNode):
            operands = node.operands[: written_count(node.operation)]
            trees[index] = Call(call_name(node.operation), tuple([trees[operand] for operand in operands]))
        elif isinstance(node, ConstantNode):
            trees[index] = constant(node.number)
        else:
            trees[index] = Name(node.name)
        if index in named:
            name = known.get(index) or next(fresh)
            lines.append(Statement(name, trees[index]))
            trees[index] = Name(name)
    return [*lines, *(Statement(name, trees[output]) for name, output in zip(results, outputs, strict=True))]


def needed_registers(program: Program, outputs: Collection[int]) -> list[int]:
    """Return the registers that these outputs need, in order."""
    nodes = program.nodes
    needed = set(outputs)
    stack = list(needed)
    while stack:
        node = nodes[stack.pop()]
        if isinstance(node, ApplyNode):
            for operand in node.operands:
                if operand not in needed:
                    needed.add(operand)
                    stack.append(operand)
    return sorted(needed)


def fixed_registers(program: Program, needed: Sequence[int], constants: Collection[str]) -> set[int]:
    """Return the registers that depend on no inputs other than these constants."""
    fixed: set[int] = set()
    for index in needed:
        node = program.nodes[index]
        if node.name in constants if isinstance(node, InputNode) else fixed.issuperset(operands_of(program, index)):
            fixed.add(index)
    return fixed


def operands_of(program: Program, index: int) -> tuple[int, ...]:
    """Return the operands of a register; none for an input or constant."""
    node = program.nodes[index]
    return node.operands if isinstance(node, ApplyNode) else ()


def written_operands(program: Program, index: int, naming: Naming) -> tuple[int, ...]:
    """Return the operands of a register, each as many times as it is written."""
    node = program.nodes[index]
    if not isinstance(node, ApplyNode):
        return ()
    if naming.conditions > 1 and node.operation.name == "where":
        return (*node.operands, *node.operands[:1] * (naming.conditions - 1))
    return node.operands[: written_count(node.operation)]


def named_registers(program: Program, needed: Sequence[int], outputs: Sequence[int], naming: Naming) -> set[int]:
    """Return the registers that get a name: large shared expressions, and those nested too deep."""
    boolean_registers = booleans(program, needed)
    uses = dict.fromkeys(needed, 0)
    written: dict[int, tuple[int, ...]] = {}
    whole: dict[int, int] = {}
    for index in needed:
        written[index] = operands = written_operands(program, index, naming)
        total = 1
        for operand in operands:
            uses[operand] += 1
            total += whole[operand]
        whole[index] = min(MAX_SIZE, total)
    for output in outputs:
        uses[output] += 1
    is_large = sum(whole[output] for output in outputs) > naming.small
    sizes: dict[int, int] = {}
    depths: dict[int, int] = {}
    named = set()
    for index, operands in written.items():
        size, depth = 1, 0
        for operand in operands:
            size += sizes[operand]
            if depths[operand] >= depth:
                depth = depths[operand] + 1
        if uses[index] > 1 and is_large:
            is_named = size >= (CONDITION if index in boolean_registers else naming.worth)
        else:
            is_named = False
        if is_named or (depth >= naming.depth and index not in outputs):
            named.add(index)
            size, depth = 1, 0
        sizes[index], depths[index] = min(MAX_SIZE, size), depth
    return named


def fresh_names(taken: frozenset[str], more: Collection[str]) -> Iterator[str]:
    """Yield unused names, of one letter and a number."""
    stems = stems_of(taken)
    others = {stem(name) for name in more}
    letter = next((one for one in LETTERS if one not in stems and one not in others), "v_")
    return (name for count in range(1, 1 << 31) if (name := f"{letter}{count}") not in taken and name not in more)


@lru_cache(maxsize=1)
def stems_of(names: frozenset[str]) -> frozenset[str]:
    """Return the names without trailing digits."""
    return frozenset(map(stem, names))


def stem(name: str) -> str:
    """Return a name without trailing digits."""
    return name.rstrip("0123456789")
