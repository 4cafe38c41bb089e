"""The machine code of a program: a loop over vectors for each segment, and a function of rows for a group of segments.

The functions get a table of NumPy arrays: the inputs, the outputs, the buffers, and last the address of a table of
addresses. That has columns of one vector in place of inputs and outputs, for rows that do not fill a vector.
"""

from collections.abc import Container, Mapping, Sequence
from typing import NamedTuple

from mgrad_cli.kernels.emitter import LlvmEmitter, LlvmValue
from mgrad_cli.kernels.machine import machine
from mgrad_cli.kernels.quotients import Divisor, Quotients, shared_divisors
from mgrad_cli.kernels.schedule import Slot
from mgrad_cli.kernels.segments import Segment
from mgrad_cli.kernels.streaming import either_call, streaming, waits_for_memory
from mgrad_cli.kernels.vector_code import apply
from mgrad_cli.program import ApplyNode, ConstantNode, Program, booleans

ALIGNED_STACK = 'alignstack(64) "frame-pointer"="all"'
"""Without it, values that do not fit into registers straddle cache lines."""
DATA_OFFSET = object.__basicsize__
"""The place of the address of its elements in a NumPy array: after the header, as NumPy's C interface fixes."""
METADATA = """
declare i1 @llvm.vector.reduce.and.v{lanes}i1(<{lanes} x i1>)
!0 = !{{}}
!1 = !{{i32 1}}
!2 = !{{!"branch_weights", i32 1000, i32 1}}
"""
MIN_ALIGNED = 16
"""The number of vectors from which it pays to compute a few rows apart, so that the others are aligned."""


class AddressTable(NamedTuple):
    """The number of columns of each kind in a table of addresses."""

    inputs: int
    outputs: int
    buffers: int

    def position(self, slot: Slot) -> int:
        """Return the position of a column in the table."""
        return {"input": 0, "output": self.inputs, "buffer": self.inputs + self.outputs}[slot.kind] + slot.number


def module_text(
    program: Program,
    segments: Sequence[Segment],
    groups: Sequence[Sequence[int]],
    table: AddressTable,
    *,
    optimizes: bool,
) -> str:
    """Return a module with a function `group_N` for each group, a list of positions among the segments."""
    shares = optimizes and machine().has_fma
    code = LlvmEmitter()
    boolean_registers = booleans(program)
    columns = table.inputs + table.outputs
    operations = [node.operation for node in program.nodes if isinstance(node, ApplyNode)]
    has_all = all(segment.row is None for segment in segments)  # and so nothing to load of the outputs
    parts = [
        copy_function("load_rows", 0, table.inputs if has_all else columns, fill_vector(code.lanes)),
        copy_function("store_rows", table.inputs, columns),
        addresses_function(table),
    ]
    for number, group in enumerate(groups):
        functions = []
        for at in group:
            divisors = shared_divisors(program, segments[at].registers) if shares else {}
            functions.append(segment_function(code, at, segments[at], program, boolean_registers, table, divisors))
        parts += functions
        parts.append(partial_function(number, group, table, code.lanes))
        streams = table.buffers == 0 and waits_for_memory(operations)
        parts.append(group_function(number, group, table, code.lanes, streams=streams))
        if streams:
            parts += [streaming(function, code.lanes) for function in functions]
    return "\n".join([*code.declarations.values(), *parts, METADATA.format(lanes=code.lanes)])


def segment_function(
    code: LlvmEmitter,
    position: int,
    segment: Segment,
    program: Program,
    boolean_registers: set[int],
    table: AddressTable,
    divisors: Mapping[int, Divisor],
) -> str:
    """Return a function that computes the registers of a segment for whole vectors of rows.

    Buffers start at row `block`. Quotients by the `divisors` are computed without dividing, and what depends on them
    is computed again for a vector with a row where that is not exact.
    """
    code.lines = []
    values: dict[int, LlvmValue] = {}

    def address(slot: Slot) -> str:
        entry = code.line("ptr", f"getelementptr ptr, ptr %table, i64 {table.position(slot)}")
        column = code.line("ptr", f"load ptr, ptr {entry.text}, !invariant.load !0")
        row = "%place" if slot.kind == "buffer" else "%row"
        return code.line("ptr", f"getelementptr double, ptr {column.text}, i64 {row}").text

    def value(register: int) -> LlvmValue:
        node = program.nodes[register]
        if isinstance(node, ConstantNode):
            return code.number(node.number)
        if register not in values:
            vector = code.line(code.vector, f"load {code.vector}, ptr {address(segment.reads[register])}, align 8")
            values[register] = code.boolean(vector) if register in boolean_registers else vector
        return values[register]

    def store(registers: Container[int]) -> None:
        for register, slot in segment.writes:
            if register in registers:
                number = code.double(value(register)).text
                code.lines.append(f"store {code.vector} {number}, ptr {address(slot)}, align 8")

    quotients = Quotients(code, program, divisors, value)
    doubtful: dict[int, ApplyNode] = {}
    for register in segment.registers:
        node = program.nodes[register]
        assert isinstance(node, ApplyNode)
        if node.operation.name == "divide" and node.operands[1] in divisors:
            values[register] = quotients.write(*node.operands)
            doubtful[register] = node
        else:
            values[register] = apply(code, node.operation, [value(operand) for operand in node.operands])
            if not doubtful.keys().isdisjoint(node.operands):
                doubtful[register] = node
    store({register for register, _ in segment.writes})
    are_right = quotients.are_right()
    if are_right is not None:
        code.lines += [
            f"%all = call i1 @llvm.vector.reduce.and.v{code.lanes}i1({code.booleans} {are_right.text})",
            "br i1 %all, label %done, label %again, !prof !2",
            "again:",
        ]
        for register, node in doubtful.items():
            values[register] = apply(code, node.operation, [value(operand) for operand in node.operands])
        store(doubtful)
    body = "\n".join(code.lines)
    return f"""
define internal void @segment_{position}(i64 %start, i64 %stop, ptr %table, i64 %block) noinline {ALIGNED_STACK} {{
entry:
  %some = icmp slt i64 %start, %stop
  br i1 %some, label %loop, label %end
loop:
  %row = phi i64 [ %start, %entry ], [ %next, %done ]
  %place = sub i64 %row, %block
{body}
  br label %done
done:
  %next = add i64 %row, {code.lanes}
  %more = icmp slt i64 %next, %stop
  br i1 %more, label %loop, label %end
end:
  ret void
}}"""


def group_function(number: int, group: Sequence[int], table: AddressTable, lanes: int, *, streams: bool) -> str:
    """Return the function of a group: the segments for the rows from `start` to `stop`.

    Without buffers, a few rows are computed ahead, so that the vectors of the first output are aligned. With `streams`,
    many rows of outputs that are all aligned then are stored past the cache.
    """
    operands = (group, "%first", "%last", "%table", "%start")
    work = calls("segment", *operands)
    if streams:
        work = either_call(work, calls("streaming", *operands), table.inputs, table.outputs, lanes)
    align = f"""
  %entry_of_output = getelementptr ptr, ptr %table, i64 {table.inputs}
  %output = load ptr, ptr %entry_of_output
  %first_output = getelementptr double, ptr %output, i64 %start
  %address = ptrtoint ptr %first_output to i64
  %place = lshr i64 %address, 3
  %missing = sub i64 0, %place
  %unaligned = and i64 %missing, {lanes - 1}
  %is_long = icmp sge i64 %rows, {lanes * MIN_ALIGNED}
  %ahead = select i1 %is_long, i64 %unaligned, i64 0"""
    return f"""
define void @group_{number}(i64 %start, i64 %stop, ptr %arrays) noinline optnone {{
  %table = alloca ptr, i64 {sum(table) + 1}
  call void @addresses(ptr %arrays, ptr %table)
  %rows = sub i64 %stop, %start{align if table.buffers == 0 else ""}
  %first = add i64 %start, {"%ahead" if table.buffers == 0 else "0"}
  %left = sub i64 %stop, %first
  %rest = and i64 %left, {lanes - 1}
  %last = sub i64 %stop, %rest
  call void @partial_{number}(i64 %start, i64 %first, ptr %table, i64 %start)
  {work}
  call void @partial_{number}(i64 %last, i64 %stop, ptr %table, i64 %start)
  ret void
}}"""


def partial_function(number: int, group: Sequence[int], table: AddressTable, lanes: int) -> str:
    """Return a function that runs a group for rows that do not fill a vector."""
    return f"""
define internal void @partial_{number}(i64 %start, i64 %stop, ptr %table, i64 %block) noinline optnone {{
entry:
  %some = icmp slt i64 %start, %stop
  br i1 %some, label %vector, label %end
vector:
  %count = sub i64 %stop, %start
  %last_entry = getelementptr ptr, ptr %table, i64 {sum(table)}
  %own = load ptr, ptr %last_entry
  %begin = sub i64 %block, %start
  call void @load_rows(i64 %count, ptr %table, i64 %start, ptr %own, i64 0)
  {calls("segment", group, "0", str(lanes), "%own", "%begin")}
  call void @store_rows(i64 %count, ptr %own, i64 0, ptr %table, i64 %start)
  br label %end
end:
  ret void
}}"""


def addresses_function(table: AddressTable) -> str:
    """Return a function that fills a table of addresses from one of arrays."""
    return f"""
define internal void @addresses(ptr %arrays, ptr %table) noinline optnone {{
entry:
  br label %test
test:
  %c = phi i64 [ 0, %entry ], [ %c_next, %column ]
  %array_entry = getelementptr ptr, ptr %arrays, i64 %c
  %array = load ptr, ptr %array_entry
  %entry_of_column = getelementptr ptr, ptr %table, i64 %c
  %is_column = icmp slt i64 %c, {sum(table)}
  br i1 %is_column, label %column, label %end
column:
  %place = getelementptr i8, ptr %array, i64 {DATA_OFFSET}
  %address = load ptr, ptr %place
  store ptr %address, ptr %entry_of_column
  %c_next = add i64 %c, 1
  br label %test
end:
  store ptr %array, ptr %entry_of_column
  ret void
}}"""


def calls(kind: str, group: Sequence[int], start: str, stop: str, table: str, block: str) -> str:
    """Return the calls of the functions of a kind for the segments of a group."""
    operands = f"i64 {start}, i64 {stop}, ptr {table}, i64 {block}"
    return "\n  ".join(f"call void @{kind}_{position}({operands})" for position in group)


def copy_function(name: str, first: int, last: int, fill: str = "") -> str:
    """Return a function that copies `count` rows of some columns from one table to another, after the code `fill`."""
    return f"""
define internal void @{name}(i64 %count, ptr %from, i64 %from_row, ptr %to, i64 %to_row) noinline optnone {{
entry:
  br label %column
column:
  %c = phi i64 [ {first}, %entry ], [ %c_next, %copied ]
  %from_entry = getelementptr ptr, ptr %from, i64 %c
  %to_entry = getelementptr ptr, ptr %to, i64 %c
  %from_column = load ptr, ptr %from_entry
  %to_column = load ptr, ptr %to_entry
  %source = getelementptr double, ptr %from_column, i64 %from_row
  %target = getelementptr double, ptr %to_column, i64 %to_row{fill}
  br label %row
row:
  %r = phi i64 [ 0, %column ], [ %r_next, %row ]
  %source_row = getelementptr double, ptr %source, i64 %r
  %target_row = getelementptr double, ptr %target, i64 %r
  %number = load double, ptr %source_row
  store double %number, ptr %target_row
  %r_next = add i64 %r, 1
  %more_rows = icmp slt i64 %r_next, %count
  br i1 %more_rows, label %row, label %copied
copied:
  %c_next = add i64 %c, 1
  %more_columns = icmp slt i64 %c_next, {last}
  br i1 %more_columns, label %column, label %end
end:
  ret void
}}"""


def fill_vector(lanes: int) -> str:
    """Return the code that fills a vector with the first row, so that no lane computes with leftovers."""
    vector = f"<{lanes} x double>"
    return f"""
  %first_row = load double, ptr %source
  %one_lane = insertelement {vector} poison, double %first_row, i32 0
  %all_lanes = shufflevector {vector} %one_lane, {vector} poison, <{lanes} x i32> zeroinitializer
  store {vector} %all_lanes, ptr %target, align 8"""
