"""Stores past the cache, for outputs that do not fit in it: the other stores read every line that they write to.

They are slow where a vector takes long to compute, so that only a short computation, which waits for memory, has them.
"""

import re
from collections.abc import Iterable

from mgrad_cli.operations import Operation

STREAMED_BYTES = 1 << 24
"""The bytes of inputs and outputs from which they are more than the cache holds."""
MAX_CYCLES = 70
"""The most cycles for a vector of a computation that waits for memory."""
DIVISION_CYCLES, EXPONENTIAL_CYCLES, FUNCTION_CYCLES = 16, 25, 30


def waits_for_memory(operations: Iterable[Operation]) -> bool:
    """Return whether a program of these operations takes less time to compute than to load and store."""
    return sum(map(cycles, operations)) <= MAX_CYCLES


def cycles(operation: Operation) -> int:
    """Return the approximate number of cycles of an operation on a vector."""
    if operation.name in {"divide", "sqrt"}:
        return DIVISION_CYCLES
    if operation.name in {"exp", "gaussian"}:
        return EXPONENTIAL_CYCLES
    return FUNCTION_CYCLES if operation.libm else 1


def streaming(function: str, lanes: int) -> str:
    """Return the function of a segment with stores past the cache, into outputs that are aligned to vectors."""
    named = function.replace("@segment_", "@streaming_", 1).replace("  ret void", "  fence seq_cst\n  ret void")
    return re.sub(r"^(store .*), align 8$", rf"\1, align {8 * lanes}, !nontemporal !1", named, flags=re.MULTILINE)


def either_call(segment: str, stream: str, inputs: int, outputs: int, lanes: int) -> str:
    """Return the code that calls `stream` for many rows of aligned outputs, and `segment` for others."""
    addresses = "".join(
        f"""
  %entry_{output} = getelementptr ptr, ptr %table, i64 {inputs + output}
  %column_{output} = load ptr, ptr %entry_{output}
  %row_{output} = getelementptr double, ptr %column_{output}, i64 %first
  %begin_{output} = ptrtoint ptr %row_{output} to i64
  %bits_{output + 1} = or i64 %bits_{output}, %begin_{output}"""
        for output in range(outputs)
    )
    return f"""%bits_0 = or i64 0, 0{addresses}
  %stray = and i64 %bits_{outputs}, {8 * lanes - 1}
  %are_aligned = icmp eq i64 %stray, 0
  %are_many = icmp sge i64 %rows, {STREAMED_BYTES // (8 * (inputs + outputs))}
  %streams = and i1 %are_aligned, %are_many
  br i1 %streams, label %past, label %through
past:
  {stream}
  br label %rest_of_rows
through:
  {segment}
  br label %rest_of_rows
rest_of_rows:"""
