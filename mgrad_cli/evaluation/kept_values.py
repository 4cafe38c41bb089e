"""The value of a statement that calls functions of the text, which are run and not expanded: equal calls once."""

from collections.abc import Sequence

from mgrad_cli.errors import LimitError
from mgrad_cli.evaluation.graph import number_at
from mgrad_cli.language.user_functions import MAX_STEPS
from mgrad_cli.operations.function_operation import FunctionOperation
from mgrad_cli.script import Assignment, Script, Step


class Frame:
    """A body that is run: its steps, the results of the first ones, and the numbers that its names stand for."""

    def __init__(self, steps: Sequence[Step], arguments: Sequence[float], named: dict[str, float]) -> None:
        self.steps = steps
        self.registers = list(arguments)
        self.named = named

    def run(self, known: dict[tuple[object, ...], float]) -> Step | None:
        """Run to the end, or to a call whose result is not known, which is returned."""
        for step in self.steps[len(self.registers) :]:
            operands = self.operands(step)
            if isinstance(step.operation, FunctionOperation):
                if (key := call_key(step.operation, operands)) not in known:
                    return step
                result = known[key]
            else:
                result = self.named[step.name] if step.name in self.named else number_at(step, operands)
            self.registers.append(result)
        return None

    def operands(self, step: Step) -> list[float]:
        return [self.registers[index] for index in step.operands]


def kept_value(script: Script, block: Assignment) -> float:
    """Return the value of a statement without variables, in a script whose calls stay calls.

    Raises: LimitError for more than `MAX_STEPS` operations.
    """
    bodies = {function.operation: function.steps for function in script.kept}
    known: dict[tuple[object, ...], float] = {}
    frames = [Frame(block.steps, (), {})]
    count = len(block.steps)
    keys: list[tuple[object, ...]] = []
    while True:
        call = frames[-1].run(known)
        if call is None:
            result = frames.pop().registers[-1]
            if not frames:
                return result
            known[keys.pop()] = result
            continue
        operation = call.operation
        assert isinstance(operation, FunctionOperation)
        operands, size = frames[-1].operands(call), len(operation.parameters)
        count += len(bodies[operation])
        if count > MAX_STEPS:
            message = f"the value of '{block.name}' takes more than {MAX_STEPS:,} operations"
            raise LimitError(message, script.text, block.span)
        keys.append(call_key(operation, operands))
        named = dict(zip(operation.variables, operands[size:], strict=True))
        frames.append(Frame(bodies[operation], operands[:size], named))


def call_key(operation: FunctionOperation, operands: Sequence[float]) -> tuple[object, ...]:
    """Return what equal calls share: the function, and the bits of its operands."""
    return (operation, *map(float.hex, operands))
