"""Run functions that were written in other languages."""

import ctypes
import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

FLAGS = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-O1", "-shared", "-fPIC"]


def python_function(code: str) -> Callable[..., Any]:
    """Return the function that a Python code defines last."""
    scope: dict[str, Any] = {}
    exec(code, scope)
    function: Callable[..., Any] = [thing for thing in scope.values() if callable(thing)][-1]
    return function


def c_functions(codes: Sequence[str], folder: Path) -> list[Any]:
    """Return the compiled function of each code in C; skip the test without gcc."""
    if shutil.which("gcc") is None:
        pytest.skip("gcc is not installed")
    sources = []
    for index, code in enumerate(codes):
        source = folder / f"formula{index}.c"
        source.write_text(re.sub(r"^(double|void) \w+\(", rf"\1 formula{index}(", code, flags=re.MULTILINE))
        sources.append(str(source))
    library = folder / "formulas.so"
    subprocess.run(["gcc", *FLAGS, "-o", str(library), *sources, "-lm"], check=True)
    loaded = ctypes.CDLL(str(library))
    return [loaded[f"formula{index}"] for index in range(len(codes))]


def javascript_results(codes: Iterable[tuple[str, Iterable[Sequence[float]]]], folder: Path) -> list[list[Any]]:
    """Return what the function of each code in JavaScript returns for each list of arguments; skip without node.

    Numbers that are not finite are texts.
    """
    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    script = ["const results = [];"]
    for code, points in codes:
        name = re.findall(r"^function (\w+)\(", code, re.MULTILINE)[-1]
        calls = ", ".join(f"[{', '.join(map(repr, arguments))}]" for arguments in points)
        script.append(f"results.push((() => {{\n{code}\nreturn [{calls}].map(p => {name}(...p));\n}})());")
    script.append("const plain = (k, x) => typeof x === 'number' && !Number.isFinite(x) ? String(x) : x;")
    script.append("console.log(JSON.stringify(results, plain));")
    path = folder / "formulas.js"
    path.write_text("\n".join(script))
    ran = subprocess.run(["node", str(path)], capture_output=True, text=True, check=True)
    results: list[list[Any]] = json.loads(ran.stdout)
    return results
