"""The machine-code kernel: a program compiled by LLVM for the vectors of this machine."""

import ctypes
import re
import threading
from collections.abc import Sequence
from functools import cache
from typing import Any

from llvmlite import binding, ir

from mgrad_cli.kernels.schedule import Slot
from mgrad_cli.kernels.segments import Segment, plan
from mgrad_cli.kernels.vector_code import DOUBLE, LlvmEmitter, is_native, machine
from mgrad_cli.program import ApplyNode, ConstantNode, Program, booleans, expand

MIN_ROWS, MAX_ROWS = 64, 4096
BUFFER_BYTES = 1 << 20
UNBLOCKED_ROWS = 1 << 40
ROWS = ir.IntType(64)
COLUMN = DOUBLE.as_pointer()
LOOP = ctypes.CFUNCTYPE(None, ctypes.c_int64, ctypes.c_int64, ctypes.c_void_p)
"""The type of a compiled segment: first row, row after the last (a whole number of vectors), columns' addresses."""
DEFINITION = re.compile(r"^(define .*\))$", re.MULTILINE)


class NativeKernel:
    """A program compiled to loops over vectors. Operations without machine code run as array functions in between."""

    name = "native"

    def __init__(self, program: Program, block_rows: int | None = None) -> None:
        self.program = expand(program)
        self.plan = plan(self.program, is_native)
        self.lanes = machine().lanes
        self.engine = compile_segments(self.program, self.plan.segments)
        self.loops = [
            None if segment.row else LOOP(self.engine.get_function_address(segment_name(position)))
            for position, segment in enumerate(self.plan.segments)
        ]
        fitting = BUFFER_BYTES // (8 * max(1, self.plan.buffers))
        most = max(MIN_ROWS, min(MAX_ROWS, fitting)) if len(self.loops) > 1 else UNBLOCKED_ROWS
        self.block_rows = -(-min(block_rows or most, most) // self.lanes) * self.lanes
        self.local = threading.local()

    def __call__(self, inputs: Sequence[Any], outputs: Sequence[Any]) -> None:
        """Fill the outputs from the inputs: contiguous arrays of doubles of one length. Thread-safe."""
        import numpy

        rows = len(outputs[0])
        whole = rows - rows % self.lanes
        self.run(inputs, outputs, whole)
        if whole < rows:  # a last vector, padded with the last row
            padded = [last_vector(column[whole:], self.lanes) for column in inputs]
            results = [numpy.empty(self.lanes) for _ in outputs]
            self.run(padded, results, self.lanes)
            for column, result in zip(outputs, results, strict=True):
                column[whole:] = result[: rows - whole]

    def run(self, inputs: Sequence[Any], outputs: Sequence[Any], rows: int) -> None:
        """Run all segments over each block of the first `rows` rows, a multiple of the vector length."""
        import numpy

        columns = {"input": inputs, "output": outputs, "buffer": self.buffers()}
        tables = []
        for segment in self.plan.segments:
            slots = (*segment.reads.values(), *segment.writes.values())
            addresses = [columns[slot.kind][slot.number].__array_interface__["data"][0] for slot in slots]
            tables.append((ctypes.c_void_p * len(addresses))(*addresses))
        for start in range(0, rows, self.block_rows):
            stop = min(rows, start + self.block_rows)
            for segment, loop, table in zip(self.plan.segments, self.loops, tables, strict=True):
                if loop is not None:
                    loop(start, stop, table)
                else:
                    self.run_row(segment, columns, start, stop - start)
        for source, out in self.plan.copies:
            column = columns[out.kind][out.number]
            numpy.copyto(
                column[:rows], columns[source.kind][source.number][:rows] if isinstance(source, Slot) else source
            )

    def run_row(self, segment: Segment, columns: dict[str, Sequence[Any]], start: int, count: int) -> None:
        """Run one operation by its array function."""
        import numpy

        def array(slot: Slot) -> Any:
            first = 0 if slot.kind == "buffer" else start
            return columns[slot.kind][slot.number][first : first + count]

        (register,) = segment.registers
        node = self.program.nodes[register]
        assert isinstance(node, ApplyNode)
        operands = []
        for operand in node.operands:
            source = self.program.nodes[operand]
            if isinstance(source, ConstantNode):
                operands.append(numpy.full(count, source.number))
            else:
                operands.append(array(segment.reads[operand]))
        with numpy.errstate(all="ignore"):
            node.operation.array_function()(*operands, out=array(segment.writes[register]))

    def buffers(self) -> list[Any]:
        """Return this thread's columns for values that pass between segments."""
        import numpy

        if not hasattr(self.local, "buffers"):
            self.local.buffers = list(numpy.empty((self.plan.buffers, min(self.block_rows, MAX_ROWS))))
        buffers: list[Any] = self.local.buffers
        return buffers


def last_vector(rows: Any, lanes: int) -> Any:
    """Return the rows as a whole vector, padded with the last row."""
    import numpy

    vector = numpy.full(lanes, rows[-1])  # numpy.pad takes fifty times as long
    vector[: len(rows)] = rows
    return vector


def segment_name(position: int) -> str:
    """Return the name of a segment's function."""
    return f"segment_{position}"


@cache
def start_compiler() -> None:
    """Initialise LLVM for this machine, once."""
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()


def compile_segments(program: Program, parts: Sequence[Segment]) -> Any:
    """Return the engine that holds the segments' functions. It must outlive their callers."""
    start_compiler()
    module = ir.Module("program")
    boolean_registers = booleans(program)
    for position, segment in enumerate(parts):
        if segment.row is None:
            write_loop(module, segment_name(position), segment, program, boolean_registers)
    target = binding.Target.from_default_triple().create_target_machine(
        cpu=binding.get_host_cpu_name(),
        features=binding.get_host_cpu_features().flatten() + ",-prefer-256-bit",
        opt=2,
        jit=True,
    )
    # Align the stack to the vector, or values that do not fit into registers straddle cache lines.
    assembly = binding.parse_assembly(DEFINITION.sub(r'\1 alignstack(64) "frame-pointer"="all"', str(module)))
    options = binding.create_pipeline_tuning_options(speed_level=1)
    passes = binding.create_pass_builder(target, options)
    passes.getModulePassManager().run(assembly, passes)
    engine = binding.create_mcjit_compiler(assembly, target)
    engine.finalize_object()
    return engine


def write_loop(module: ir.Module, name: str, segment: Segment, program: Program, boolean_registers: set[int]) -> None:
    """Write a function that computes the registers of a segment, vector by vector."""
    function = ir.Function(module, ir.FunctionType(ir.VoidType(), [ROWS, ROWS, COLUMN.as_pointer()]), name)
    start, stop, table = function.args
    entry, loop, end = (function.append_basic_block(label) for label in ("entry", "loop", "end"))
    builder = ir.IRBuilder(entry)
    count = len(segment.reads) + len(segment.writes)
    columns = [builder.load(builder.gep(table, [ir.Constant(ROWS, position)])) for position in range(count)]
    slots = (*segment.reads.values(), *segment.writes.values())
    back = builder.neg(start)  # a buffer starts at the block
    columns = [
        builder.gep(column, [back]) if slot.kind == "buffer" else column
        for column, slot in zip(columns, slots, strict=True)
    ]
    builder.cbranch(builder.icmp_signed("<", start, stop), loop, end)

    builder.position_at_end(loop)
    row = builder.phi(ROWS)
    row.add_incoming(start, entry)
    code = LlvmEmitter(builder)
    columns_by_register = dict(zip((*segment.reads, *segment.writes), columns, strict=False))
    values: dict[int, Any] = {}

    def address(column: Any) -> Any:
        return builder.bitcast(builder.gep(column, [row]), code.vector.as_pointer())

    def value(register: int) -> Any:
        node = program.nodes[register]
        if register not in values:
            values[register] = code.number(node.number) if isinstance(node, ConstantNode) else loaded(register)
        return values[register]

    def loaded(register: int) -> Any:
        vector = builder.load(address(columns_by_register[register]), align=8)
        return code.boolean(vector) if register in boolean_registers else vector

    for register in segment.registers:
        node = program.nodes[register]
        assert isinstance(node, ApplyNode)
        values[register] = code.apply(node.operation, [value(operand) for operand in node.operands])
    for register, column in zip(segment.writes, columns[len(segment.reads) :], strict=True):
        builder.store(code.double(values[register]), address(column), align=8)
    following = builder.add(row, ir.Constant(ROWS, code.lanes))
    row.add_incoming(following, builder.block)
    builder.cbranch(builder.icmp_signed("<", following, stop), loop, end)

    builder.position_at_end(end)
    builder.ret_void()
