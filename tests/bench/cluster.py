"""`map` by parts: one process, processes of this machine, and a Dask cluster of one, two and four workers.

    python -m tests.bench.cluster [--files 20] [--rows 500000]

Prints for each the time of the job against that of one process with two threads, and what a part costs beside its work.
"""

import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import numpy
import pyarrow
from pyarrow import parquet

from tests.bench import report

FORMULA = "sin(x)*exp(-y) + log(z)*x*y"
REPEATS = 3


def written(folder: Path, files: int, rows: int) -> None:
    folder.mkdir()
    generator = numpy.random.default_rng(1)
    for index in range(files):
        columns = {name: generator.uniform(0.5, 2, rows) for name in "xyz"}
        parquet.write_table(pyarrow.table(columns), folder / f"{index:04}.parquet", use_dictionary=False)


def timed(data: Path, out: Path, *words: str) -> tuple[float, dict[str, Any]]:
    """The median time of a run, start to finish, and the figures of the last one."""
    report = out.with_suffix(".json")
    seconds = []
    for _ in range(REPEATS):
        shutil.rmtree(out, ignore_errors=True)
        begun = time.monotonic()
        command = ["mgrad", "map", FORMULA, str(data), "-o", f"{out}/", "--quiet", "--report", str(report), *words]
        subprocess.run(command, check=True)
        seconds.append(time.monotonic() - begun)
    figures: dict[str, Any] = json.loads(report.read_text())
    return median(seconds), figures


class Cluster:
    """A scheduler and workers as processes of their own."""

    def __init__(self, workers: int, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{port}"
        local = ["--host", "127.0.0.1"]
        kinds = [["scheduler", *local, "--port", str(port), "--dashboard-address", "127.0.0.1:0"]]
        worker = ["worker", self.address, *local, "--nthreads", "1", "--no-nanny", "--memory-limit", "0"]
        kinds += [[*worker, "--local-directory", str(folder / f"w{index}")] for index in range(workers)]
        self.processes = [
            subprocess.Popen(
                [sys.executable, "-m", "dask", *kind], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            for kind in kinds
        ]
        time.sleep(4)

    def close(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()


def row(what: str, ours: float, theirs: float, goal: str) -> tuple[str, str, str, str, str]:
    return what, f"{ours:.2f} s", f"{theirs:.2f} s", f"{ours / theirs:.2f}", goal


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--files", type=int, default=20)
    parser.add_argument("--rows", type=int, default=500_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        written(folder / "in", options.files, options.rows)
        one, _ = timed(folder / "in", folder / "one", "--threads", "2")
        shown = f"{options.files * options.rows:,} rows in {options.files} files"
        two, _ = timed(folder / "in", folder / "two", "--jobs", "2")
        rows = [row("--jobs 2", two, one, "")]
        for workers in (1, 2, 4):
            cluster = Cluster(workers, folder)
            try:
                words = ["--engine", "dask", "--scheduler", cluster.address]
                seconds, figures = timed(folder / "in", folder / f"dask{workers}", *words)
            finally:
                cluster.close()
            rows.append(
                row(f"Dask, {workers} worker{'s' * (workers > 1)}", seconds, one, "1.3" if workers == 2 else "")
            )
            busy = figures["part_seconds"]["median"] * figures["parts"] / min(workers, os.cpu_count() or 1)
            overhead = (figures["seconds"] - busy) / figures["parts"]
            print(
                f"{workers} workers: {figures['seconds']:.2f} s by parts, {1000 * overhead:.0f} ms beside the work a part"
            )
        report(f"{shown}, against one process with two threads", rows)


if __name__ == "__main__":
    main()
