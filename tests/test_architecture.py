"""What holds the house together: one direction of dependencies, and nothing heavy where it is not needed."""

import ast
import functools
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from mgrad_cli.errors import EXTRAS
from tests.conftest import ROOT

PACKAGE = ROOT / "mgrad_cli"
LAYERS = [
    "text",
    "suggestions",
    "excerpts",
    "errors",
    "garbage",
    "processes",
    "storage",
    "operations",
    "value",
    "script",
    "program",
    "language",
    "series",
    "evaluation",
    "exact",
    "symbolic",
    "codegen",
    "data",
    "kernels",
    "analysis",
    "mapping",
    "plotting",
    "renderers",
    "library",
    "batch",
    "repl",
    "cli",
    "__main__",
]
"""From the bottom: a module imports its own layer and those before it."""
OWNERS = {
    "lark": {"language"},
    "rich": {"renderers"},
    "click": {"cli"},
    "cloudpickle": {"mapping"},
    "dask": {"mapping"},
    "flint": {"exact"},
    "distributed": {"mapping"},
    "numpy": {"operations", "evaluation", "exact", "kernels", "analysis", "data", "mapping", "plotting"},
    "scipy": {"operations", "analysis"},
    "llvmlite": {"kernels"},
    "graphviz": {"renderers"},
    "matplotlib": {"renderers"},
    "plotext": {"renderers"},
    "polars": {"data"},
    "prompt_toolkit": {"repl"},
    "pyarrow": {"data", "storage"},
}
MODULES = sorted(PACKAGE.rglob("*.py"))


@functools.cache
def nodes(module: Path) -> list[ast.AST]:
    """Return every node of a module's syntax tree, parsed once."""
    return list(ast.walk(ast.parse(module.read_text())))


def layer(module: Path) -> str:
    return module.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(module: Path) -> set[str]:
    """Return every module that the file imports, anywhere in it, by statement or by name."""
    found = set()
    for node in nodes(module):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            found |= {
                part.value
                for part in ast.walk(node.args[0])
                if isinstance(part, ast.Constant) and isinstance(part.value, str)
            }
    return found


def may_import(home: str, name: str) -> bool:
    """Whether a layer may import a module."""
    package, _, inner = name.partition(".")
    inner = inner.partition(".")[0]
    if package == "mgrad_cli" and inner in LAYERS:
        return LAYERS.index(inner) <= LAYERS.index(home)
    return home in OWNERS.get(package, {home})


def test_dependencies_point_one_way() -> None:
    above = [module for module in MODULES if module != PACKAGE / "__init__.py"]
    assert [(module, name) for module in above for name in imports(module) if not may_import(layer(module), name)] == []


def test_nothing_runs_text_as_code() -> None:
    forbidden = {"eval", "exec", "compile", "__import__"}
    for module in MODULES:
        calls = [node.func for node in nodes(module) if isinstance(node, ast.Call)]
        assert not {call.id for call in calls if isinstance(call, ast.Name)} & forbidden, module
        assert not imports(module) & {"pickle", "marshal", "shelve"}, module


@pytest.mark.parametrize(
    ("words", "absent"),
    [
        (
            ["eval", "tanh(a)*erf(b)", "--a", "2", "--b", "3", "--json"],
            [
                "numpy",
                "rich",
                "scipy",
                "bisect",
                "csv",
                "difflib",
                "json",
                "lark",
                "traceback",
                "shutil",
                "urllib.parse",
                "dataclasses",
                "locale",
                "copy",
                "unicodedata",
                "mgrad_cli.operations.other_systems",
                "mgrad_cli.storage.files",
                "mgrad_cli.storage.overlap",
                "mgrad_cli.storage.stores",
            ],
        ),
        (["eval", "a*b", "--a", "2", "--b", "3"], ["numpy", "scipy", "rich"]),
        (["eval", "a*b", "--a", "2", "--b", "3", "--format", "csv"], ["numpy", "rich"]),
        (["eval", "f(x) = x*x; f(3)"], ["numpy", "rich", "mgrad_cli.language.call_errors"]),
        (["diff", "x**2"], ["numpy", "rich", "mgrad_cli.language.call_errors"]),
        (["eval", "a*b", "--a", "2", "--b", "3", "--format", "markdown"], ["numpy", "rich", "csv"]),
    ],
)
def test_what_is_not_needed_is_not_imported(words: list[str], absent: list[str]) -> None:
    assert not set(absent) & modules_after(words)


@pytest.mark.parametrize("kept", [[], ["--keep", "x"]])
def test_large_text_is_mapped_without_what_its_libraries_import_late(tmp_path: Path, kept: list[str]) -> None:
    data = tmp_path / "data.csv"
    data.write_text("x\n" + "0.123456789012345678901234\n" * 50_000)
    modules = modules_after(["map", "x**2", str(data), "-o", str(tmp_path / "out.csv"), "--quiet", *kept])
    assert "polars" in modules
    assert not {"numpy.ma", "pyarrow.compute", "pyarrow.parquet", "rich", "scipy"} & modules


def modules_after(words: list[str]) -> set[str]:
    """Return the modules that a successful run of a command has imported."""
    script = (
        "import sys; from mgrad_cli.cli.main import run; code = run(sys.argv[1:]); "
        "print(code, *sorted(set(sys.modules)), file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", script, *words], capture_output=True, text=True, check=True)
    code, *modules = ran.stderr.split()
    assert code == "0"
    return set(modules)


def test_the_package_itself_imports_nothing() -> None:
    script = "import sys; before = set(sys.modules); import mgrad_cli; print(*sorted(set(sys.modules) - before))"
    ran = subprocess.run([sys.executable, "-S", "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    assert not {"lark", "click", "rich", "mgrad_cli.value"} & set(ran.stdout.split())


def test_contributing_names_modules_that_exist() -> None:
    text = (ROOT / ".github" / "CONTRIBUTING.md").read_text()
    names = re.findall(r"`([\w./]+(?:/|\.(?:py|js|md|lark)))`", text)
    tops = (PACKAGE, ROOT / "tests", ROOT / "examples")
    known = [f"/{path.relative_to(ROOT)}" for top in tops for path in (top, *top.rglob("*"))]
    missing = [name for name in names if not any(path.endswith(f"/{name.rstrip('/')}") for path in known)]
    assert names
    assert not missing


def test_public_names() -> None:
    import mgrad_cli

    for name in mgrad_cli.__all__:
        assert getattr(mgrad_cli, name) is not None
    with pytest.raises(AttributeError):
        _ = mgrad_cli.absent


def errors_are_printed_by(module: Path) -> set[str]:
    """Return the names in a module that could write to standard error."""
    used = set()
    for node in nodes(module):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            used.add(f"{node.value.id}.{node.attr}")
        elif isinstance(node, ast.ImportFrom):
            used |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Call) and any(keyword.arg in {"err", "stderr"} for keyword in node.keywords):
            used.add("err=")
    printers = {f"traceback.print_{what}" for what in ("exc", "exception", "last", "list", "stack", "tb")}
    loggers = {"logging.StreamHandler", "logging.basicConfig", "warnings.warn", "warnings.showwarning"}
    return used & {"sys.stderr", "sys.__stderr__", "os.write", "err=", *printers, *loggers}


def test_standard_error_is_written_in_one_place() -> None:
    """`streams.log` replaces what could do something to a terminal, so nothing may reach standard error beside it."""
    assert [module for module in MODULES if errors_are_printed_by(module)] == [PACKAGE / "storage" / "streams.py"]


def test_every_library_that_may_be_absent_has_an_extra_that_installs_it() -> None:
    """So that its absence, wherever it is noticed, ends in a line that says what to install."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    core = {"lark", "rich", "click", "numpy"}
    assert set(EXTRAS) == set(OWNERS) - core
    assert set(EXTRAS.values()) <= set(extras)
    installed_as = {
        "prompt_toolkit": "prompt-toolkit",
        "cloudpickle": "distributed",
        "dask": "distributed",
        "flint": "python-flint",
    }
    for library, extra in EXTRAS.items():
        assert [each for each in extras[extra] if each.startswith(installed_as.get(library, library))], library


def test_a_class_name_has_one_meaning() -> None:
    homes: dict[str, str] = {}
    for module in MODULES:
        for node in ast.parse(module.read_text()).body:
            if isinstance(node, ast.ClassDef):
                assert homes.setdefault(node.name, module.name) == module.name, node.name


def test_the_top_level_holds_what_it_should() -> None:
    """Nothing that a command wrote while it was tried stands beside the package."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a checkout")
    top = {line.partition("/")[0] for line in listed.stdout.splitlines()}
    wanted = {"mgrad_cli", "tests", "examples", "pyproject.toml", "README.md", "LICENSE"}
    assert {name for name in top if not name.startswith(".")} == wanted
