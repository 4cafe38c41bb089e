"""`Value` against micrograd 0.1.0, and a chain of a million operations: python -m tests.bench.value.

Each measurement is a process of its own, so that neither's garbage is the other's to collect. Times are CPU times.

The ratio of the chains is that of Python's garbage collector. It walks all objects each time they have grown by a
quarter, but not before 70,000: three walks for the three objects of each of 100,000 operations, thirteen for 1,000,000.
That is 1.4 visits of an object against 4.2. The chain without the collector shows what the graph itself takes.
"""

import gc
import json
import statistics
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from importlib import import_module
from typing import Any

from tests.bench import report

NODES = 100_000
ROUNDS = 5
ENGINES = {"mgrad": "mgrad_cli.value", "micrograd": "micrograd.engine"}


def network(value: Callable[[float], Any], nodes: int) -> Any:
    """A graph of about so many nodes, sums and products and rectifiers in layers, all of them needed by its output."""
    inputs = [value(((index * 37) % 41 - 20) / 20) for index in range(100)]
    layer = inputs
    made = 0
    while made < nodes:
        new = []
        for index in range(1000):
            a, b = layer[index % len(layer)], layer[(index * 7 + 3) % len(layer)]
            if index % 3:
                new.append((a + b) * 0.5 + a * b * 1e-3)
                made += 7
            else:
                new.append((a - b * 0.5).relu())
                made += 4
        layer = new
    while len(layer) > 1:
        odd = [layer[-1]] if len(layer) % 2 else []
        layer = [a + b for a, b in zip(layer[::2], layer[1::2], strict=False)] + odd
    return layer[0]


def chain(value: Callable[[float], Any], nodes: int) -> Any:
    """A graph as deep as it has nodes."""
    y = value(1.0)
    for _ in range(nodes):
        y = y * 1.0000001
    return y


def measure(engine: str, what: str, nodes: int) -> dict[str, float]:
    """Seconds to build and to run backward, or bytes a node."""
    value = import_module(ENGINES[engine]).Value
    sys.setrecursionlimit(1_000_000)
    if what == "memory":
        tracemalloc.start()
        output = network(value, nodes)
        return {"bytes": tracemalloc.get_traced_memory()[0] / nodes, "check": output.data}
    if what == "uncollected":
        gc.disable()
    start = time.process_time()
    output = network(value, nodes) if what == "network" else chain(value, nodes)
    built = time.process_time()
    output.backward()
    return {"seconds": time.process_time() - start, "build": built - start, "check": output.data}


def in_process(*words: str) -> dict[str, float]:
    ran = subprocess.run(
        [sys.executable, "-m", "tests.bench.value", *words], check=True, capture_output=True, text=True
    )
    result: dict[str, float] = json.loads(ran.stdout)
    return result


def main() -> None:
    if len(sys.argv) > 1:
        engine, what, nodes = sys.argv[1:]
        print(json.dumps(measure(engine, what, int(nodes))))
        return
    try:
        import_module("micrograd.engine")
    except ImportError:
        sys.exit("micrograd is absent: pip install 'mgrad-cli[bench]'")
    pairs = [[in_process(engine, "network", str(NODES)) for engine in ENGINES] for _ in range(ROUNDS)]
    assert all(ours["check"] == theirs["check"] for ours, theirs in pairs)
    ours, theirs = (statistics.median(pair[side]["seconds"] for pair in pairs) for side in (0, 1))
    ratio = statistics.median(b["seconds"] / a["seconds"] for a, b in pairs)
    memory = [in_process(engine, "memory", str(NODES))["bytes"] for engine in ENGINES]
    chains = []
    for what in ("chain", "uncollected"):
        tenth, whole = (
            min(in_process("mgrad", what, str(nodes))["seconds"] for _ in range(ROUNDS))
            for nodes in (100_000, 1_000_000)
        )
        chains.append((f"{whole:.1f} s", f"{tenth:.2f} s", f"{whole / tenth:.1f}"))
    report(
        f"Value against micrograd 0.1.0, {NODES:,} nodes; a chain of 1,000,000 operations",
        [
            ("build and backward", f"{ours:.2f} s", f"{theirs:.2f} s", f"{ratio:.1f}x faster", ">= 4x"),
            (
                "memory a node",
                f"{memory[0]:.0f} B",
                f"{memory[1]:.0f} B",
                f"{memory[1] / memory[0]:.1f}x less",
                ">= 3x",
            ),
            ("chain of 1,000,000, to one of 100,000", *chains[0], "<= 11"),
            ("the same after gc.disable()", *chains[1], "<= 11"),
        ],
    )


if __name__ == "__main__":
    main()
