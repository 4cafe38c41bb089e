"""Write expressions in another language, and collect the definitions that they need."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from mgrad_cli.codegen.primitives import Language, Primitive, Spelled, requirements, spell
from mgrad_cli.codegen.statements import CODE, statements
from mgrad_cli.language.syntax import Call, Expression, Name, Number, Statement, nodes_of
from mgrad_cli.operations import TABLE, Operation, find
from mgrad_cli.program import ApplyNode, body
from mgrad_cli.program.nodes import COMPARISONS, CONNECTIVES

Definition = Callable[[str, Sequence[str], Sequence[str], str], str]
"""Returns a function of doubles, given its name, inputs, lines and result."""
DEFINABLE = frozenset(row.name for rows in TABLE.values() for row in rows if row.body is not None)
"""Functions of the table that may be defined beside a formula. Nothing else can have these names."""


class CodeEmitter:
    """Writes expressions in a language, and records what they need."""

    def __init__(self, language: Language, definition: Definition, needs: Sequence[str]) -> None:
        self.language = language
        self.definition = definition
        self.needs: dict[str, None] = dict.fromkeys(needs)
        self.rows: dict[str, Operation] = {}

    def statement(self, line: Statement, names: Mapping[str, str]) -> str:
        """Return an assignment, with variables replaced by these names."""
        assert line.name is not None
        return self.language.statement.format(name=line.name, expression=self.text(line.expression, names))

    def text(self, tree: Expression, names: Mapping[str, str]) -> str:
        """Return an expression, with variables replaced by these names."""
        numbers: dict[int, Callable[[], Spelled]] = {}
        booleans: dict[int, Callable[[], Spelled]] = {}
        for node in nodes_of(tree):
            match node:
                case Number(value):
                    numbers[id(node)] = self.later(self.language.literal(value))
                case Name(name) if name in {"inf", "nan"}:
                    numbers[id(node)] = self.later(self.language.literal(float(name)))
                case Name(name):
                    numbers[id(node)] = partial(Spelled, names.get(name, name))
                case Call():
                    self.call(node, numbers, booleans)
        return numbers[id(tree)]().text

    def call(
        self, node: Call, numbers: dict[int, Callable[[], Spelled]], booleans: dict[int, Callable[[], Spelled]]
    ) -> None:
        """Add the spelling of a call as a number, and as a condition if it is one. Each is made only when used."""
        language = self.language
        operation = find(node.function, len(node.operands))
        name = operation.name
        texts = [numbers[id(operand)] for operand in node.operands]
        conditions = [booleans[id(operand)] for operand in node.operands if id(operand) in booleans]
        are_booleans = len(conditions) == len(texts)
        primitive = language.primitives.get(name)
        if name == "where" and id(node.operands[0]) in booleans:
            primitive, texts[0] = language.booleans[name], conditions[0]
        elif name == "divide" and isinstance(node.operands[1], Number) and node.operands[1].value != 0:
            primitive = language.quotient
        elif primitive is None:
            self.rows[name] = operation
            indices = ", ".join(f"{{{index}}}" for index in range(len(texts)))
            primitive = Primitive(f"{name}({indices})", operand_levels=(0,) * len(texts))
        if name in COMPARISONS or (name in CONNECTIVES and are_booleans):
            inner = texts if name in COMPARISONS else conditions
            booleans[id(node)] = self.later(language.booleans[name], *inner)
            numbers[id(node)] = self.later(primitive, *texts)
        else:
            made = self.spelled(primitive, *(text() for text in texts))
            numbers[id(node)] = lambda: made

    def later(self, primitive: Primitive, *operands: Callable[[], Spelled]) -> Callable[[], Spelled]:
        """Return a function that spells a primitive on operands."""
        return lambda: self.spelled(primitive, *(operand() for operand in operands))

    def spelled(self, primitive: Primitive, *operands: Spelled) -> Spelled:
        """Spell a primitive on operands, and record its needs."""
        self.needs.update(dict.fromkeys(primitive.needs))
        return spell(primitive, *operands)

    def preamble(self) -> list[str]:
        """Return what precedes the text: imports, definitions, and functions of the table, callees first."""
        rows = self.definitions()
        imports, support = requirements(self.language, self.needs)
        return [*(["\n".join(imports)] if imports else []), *support, *rows]

    def definitions(self) -> list[str]:
        """Return the definitions of called functions that the language lacks, callees first."""
        written: dict[str, str] = {}
        stack = list(self.rows.values())
        while stack:
            operation = stack[-1]
            if operation.name in written:
                stack.pop()
                continue
            program = body(operation)
            callees = [node.operation for node in program.nodes if isinstance(node, ApplyNode)]
            waiting = [row for row in callees if row.name not in self.language.primitives and row.name not in written]
            if waiting:
                stack.extend(waiting)
                continue
            identifiers = self.language.identifiers
            names = identifiers.choose(program.inputs, DEFINABLE)
            taken = {*names.values(), *identifiers.reserved, *DEFINABLE}
            lines = statements(program, [None], {}, taken, CODE)
            *named, result = lines
            texts = [self.statement(line, names) for line in named]
            inputs = [names[name] for name in program.inputs]
            written[operation.name] = self.definition(
                operation.name, inputs, texts, self.text(result.expression, names)
            )
            stack.pop()
        return list(written.values())
