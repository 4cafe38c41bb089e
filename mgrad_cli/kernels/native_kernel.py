"""The machine-code kernel: a program compiled by LLVM for the vectors of this machine."""

import ctypes
import struct
import threading
from collections.abc import Sequence
from functools import cache
from itertools import groupby
from typing import Any, NamedTuple, TypeAlias

from llvmlite import binding

from mgrad_cli.kernels.loops import AddressTable, module_text
from mgrad_cli.kernels.machine import machine
from mgrad_cli.kernels.schedule import Slot
from mgrad_cli.kernels.segments import Segment, plan
from mgrad_cli.kernels.vector_code import is_native, kept
from mgrad_cli.program import ApplyNode, ConstantNode, Program, expand

MIN_ROWS, MAX_ROWS = 64, 4096
BUFFER_BYTES = 1 << 20
UNBLOCKED_ROWS = 1 << 40
CACHE_LINE = 64
SHORT_PROGRAM = 500
"""The most operations of a program that is optimized, as one segment. Longer programs spend their time on memory."""
SEGMENT_OPERATIONS = 100
"""The most operations in a segment of a longer program, so that it runs in registers and compiles in linear time."""
FUNCTION = ctypes.CFUNCTYPE(None, ctypes.c_int64, ctypes.c_int64, ctypes.c_char_p)
"""The type of a compiled group of segments: first row, row after the last, table of addresses."""
Columns: TypeAlias = Sequence[Any]


class Buffers(NamedTuple):
    """A thread's memory.

    columns     values that pass between segments
    ends        the end of a table of arrays: those columns, and the address of the own table
    own         the table of addresses of vectors, for rows that do not fill one, and of the columns
    vectors     their memory
    point       the inputs and outputs of one row
    rows        each of them as a column
    row_table   the table of those arrays
    """

    columns: list[Any]
    ends: bytes
    own: Any
    vectors: Any
    point: Any
    rows: list[Any]
    row_table: bytes


class NativeKernel:
    """A program compiled to loops over vectors. Operations without machine code run as array functions in between."""

    name = "native"

    def __init__(self, program: Program, block_rows: int | None = None) -> None:
        self.program = expand(program, kept=kept())
        is_short = len(self.program) <= SHORT_PROGRAM
        made = plan(self.program, is_native, SHORT_PROGRAM if is_short else SEGMENT_OPERATIONS)
        self.table = AddressTable(len(program.inputs), len(program.outputs), made.buffers)
        groups = [
            (row is None, [position for position, _ in group])
            for row, group in groupby(enumerate(made.segments), key=lambda numbered: numbered[1].row)
        ]
        compiled = [positions for is_compiled, positions in groups if is_compiled]
        text = module_text(self.program, made.segments, compiled, self.table, optimizes=is_short)
        self.engine = compile_module(text, optimizes=is_short)
        numbers = iter(range(len(compiled)))
        self.steps = [
            FUNCTION(self.engine.get_function_address(f"group_{next(numbers)}")) if is_compiled else made.segments[at]
            for is_compiled, positions in groups
            for at in positions[: 1 if is_compiled else None]
        ]
        lanes = machine().lanes
        fitting = BUFFER_BYTES // (8 * max(1, made.buffers))
        most = max(MIN_ROWS, min(MAX_ROWS, fitting)) if len(made.segments) > 1 else UNBLOCKED_ROWS
        self.block_rows = -(-min(block_rows or most, most) // lanes) * lanes
        self.pack = struct.Struct(f"{self.table.inputs + self.table.outputs}Q").pack
        self.local = threading.local()

    def __call__(self, inputs: Columns, outputs: Columns) -> None:
        """Fill the outputs from the inputs: contiguous arrays of doubles of one length. Thread-safe."""
        table = self.pack(*map(id, inputs), *map(id, outputs)) + self.buffers().ends
        rows = len(outputs[0])
        if rows <= self.block_rows:
            self.run_block(inputs, outputs, 0, rows, table)
            return
        for start in range(0, rows, self.block_rows):
            self.run_block(inputs, outputs, start, min(rows, start + self.block_rows), table)

    def at_point(self, numbers: Any) -> Any:
        """Return the outputs for numbers of the inputs, as `__call__` computes them for one row. Thread-safe."""
        buffers = self.buffers()
        count, point = self.table.inputs, buffers.point
        point[:count] = numbers
        self.run_block(buffers.rows[:count], buffers.rows[count:], 0, 1, buffers.row_table)
        return point[count:].copy()

    def run_block(self, inputs: Columns, outputs: Columns, start: int, stop: int, table: Any) -> None:
        """Run the segments for some rows."""
        for step in self.steps:
            if isinstance(step, Segment):
                columns = {"input": inputs, "output": outputs, "buffer": self.buffers().columns}
                self.run_row(step, columns, start, stop)
            else:
                step(start, stop, table)

    def run_row(self, segment: Segment, columns: dict[str, Columns], start: int, stop: int) -> None:
        """Run one operation by its array function."""
        import numpy

        count = stop - start

        def array(slot: Slot) -> Any:
            first = 0 if slot.kind == "buffer" else start
            return columns[slot.kind][slot.number][first : first + count]

        ((register, out),) = segment.writes
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
            node.operation.array_function()(*operands, out=array(out))

    def buffers(self) -> Buffers:
        """Return this thread's memory."""
        try:
            found: Buffers = self.local.buffers
        except AttributeError:
            found = self.local.buffers = self.make_buffers()
        return found

    def make_buffers(self) -> Buffers:
        """Return memory for the values between segments, and for rows that do not fill a vector."""
        import numpy

        lanes = machine().lanes
        columns = list(aligned(self.table.buffers, min(self.block_rows, MAX_ROWS) + lanes))
        vectors = aligned(self.table.inputs + self.table.outputs, lanes)
        own = numpy.array([column.ctypes.data for column in (*vectors, *columns)], dtype=numpy.uint64)
        ends = struct.pack(f"{len(columns) + 1}Q", *map(id, columns), own.ctypes.data)
        point = numpy.zeros(self.table.inputs + self.table.outputs)
        rows = [point[position : position + 1] for position in range(len(point))]
        return Buffers(columns, ends, own, vectors, point, rows, self.pack(*map(id, rows)) + ends)


def aligned(columns: int, rows: int) -> Any:
    """Return a matrix of zeros whose columns, its rows, begin at cache lines, if `rows` fills some."""
    import numpy

    memory = numpy.zeros(columns * rows + CACHE_LINE // 8)
    start = -(memory.ctypes.data // 8) % (CACHE_LINE // 8)
    return memory[start : start + columns * rows].reshape(columns, rows)


@cache
def start_compiler() -> None:
    """Initialise LLVM for this machine, once."""
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()


def compile_module(text: str, *, optimizes: bool) -> Any:
    """Return the engine that holds the functions of a module. It must outlive their callers."""
    start_compiler()
    # The instructions are those of the vectors already: LLVM's passes over them gain nothing that the selection of
    # machine instructions does not.
    target = binding.Target.from_default_triple().create_target_machine(
        cpu=binding.get_host_cpu_name(),
        features=binding.get_host_cpu_features().flatten() + ",-prefer-256-bit",
        opt=2 if optimizes else 0,
        jit=True,
    )
    engine = binding.create_mcjit_compiler(binding.parse_assembly(text), target)
    engine.finalize_object()
    return engine
