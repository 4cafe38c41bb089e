"""What variables are called in other languages: names of every kind, in code that compiles without a warning and runs."""

import builtins
import ctypes
import json
import keyword
import math
import re
import shutil
import subprocess
import sys
import unicodedata
from pathlib import Path
from random import Random
from typing import Any

import pytest

from mgrad_cli.codegen import CODES
from mgrad_cli.codegen.functions import FUNCTION_NAMES
from mgrad_cli.codegen.layouts import LAYOUTS, LOCALS, layout
from mgrad_cli.codegen.reserved import C_FUNCTIONS
from mgrad_cli.errors import ExpressionError
from mgrad_cli.evaluation.graph import input_names
from mgrad_cli.language.lowering import FIXED, read
from mgrad_cli.language.printing import spelled_name
from mgrad_cli.operations import TABLE
from tests.test_diff import code_of

LETTERS = [
    char
    for code in range(128, sys.maxunicode + 1)
    if unicodedata.category(char := chr(code)).startswith("L")
    if unicodedata.is_normalized("NFC", char) and char != "\u2e2f"
]
SPECIAL = """
    _Generic _Bool _Complex _Atomic __func__ __proto__ __debug__ __class__ __dirname __file__ __name__ constructor
    M_PIl M_PI HUGE_VALF SNANF64X DBL_MAX FLT_RADIX UINT_FAST16_WIDTH PATH_MAX SEEK_SET NULL FP_NAN hasOwnProperty
    _ __ ___ _1 __1 _x _X _1_ x_ x__ v1 t1 u1 d_x d_d_x gradient_of_2
"""
WORDS = sorted(
    {
        *(word for name in LAYOUTS for word in layout(name).language.identifiers.reserved),
        *(f"{name}{suffix}" for name in C_FUNCTIONS.split() for suffix in ("", "f", "l", "f64x", "_r")),
        *SPECIAL.split(),
        *FUNCTION_NAMES,
        *LOCALS,
        *TABLE,
        *keyword.kwlist,
        *keyword.softkwlist,
        *dir(builtins),
    }
    - {"and", "or", "not", *FIXED}  # the formulas are products, and nan makes them nan
)


def formula(random: Random) -> str:
    """A product of names of every kind: words of the languages, these with something added, and letters of any script."""
    names = []
    for _ in range(random.randint(1, 6)):
        kind = random.random()
        name = random.choice(WORDS) if kind < 0.6 else ""
        if kind < 0.1:
            name = random.choice(["_", "d_"]) + name
        elif kind < 0.2:
            name += random.choice(["_", "1", "l", "f"])
        elif kind > 0.6:
            start = [random.choice("_aAzZ"), random.choice(LETTERS), random.choice("θασΘΑΣ")]
            more = [*start, random.choice("0123456789"), random.choice(LETTERS)]
            name = random.choice(start) + "".join(random.choice(more) for _ in range(random.randint(0, 4)))
        names.append(unicodedata.normalize("NFC", name))
    return "*".join(["3", *names])


FORMULAS = [
    "*".join(FUNCTION_NAMES),
    "_1*x",
    "__1*x__1",
    "θ*theta*theta_*Θ",
    "ſ*s*u17f",
    "x*d_x*d_d_x",
    "_1 = 2; __1 = _1*x; __1**2 + _1",
    *(formula(Random(seed)) for seed in range(600)),
    "3*`Temp (°C)`*`temp c`*`temp-c`*temp_c",
    "3*`a b`*`a-b`*a_b*a_b_",
    "3*`</script>`*`/`*`//`*`\\`",
    "3*`and`*`{0}`*`%s`*`\"`*`'`",
    "3*`1`*_*` `*`日 本`",
    f"3*`{'long name ' * 50}`*`{'long name ' * 50}2`",
    "3*`\x1b[31m`*`\u202e`*`??/`",
]
POINT = (3.0, 5.0, 7.0, 11.0, 13.0, 17.0)


def names_of(text: str) -> list[str]:
    """The inputs, those with a default last."""
    names, declared = input_names(read(text), ())
    return sorted(names, key=lambda name: name in declared)


def assert_right(text: str, value: float, gradient: dict[str, float]) -> None:
    """Every name has its own value: each is differentiated by, and no two are one."""
    names = names_of(text)
    assert list(gradient) == input_names(read(text), ())[0]
    if ";" in text:
        return
    powers = {name: text.split("*").count(spelled_name(name)) for name in names}
    constants = math.prod(getattr(math, word) for word in text.split("*") if word in {"pi", "tau", "e"} - {*names})
    point = dict(zip(names, POINT, strict=False))
    want = 3 * constants * math.prod(point[name] ** powers[name] for name in names)
    assert not text.startswith("3*") or value == pytest.approx(want), text
    for name, grad in gradient.items():
        assert grad == pytest.approx(value * powers[name] / point[name]), (text, name)


@pytest.mark.parametrize("language", ["python", "numpy"])
def test_names_in_python(language: str) -> None:
    for text in FORMULAS:
        scope: dict[str, Any] = {}
        exec(compile(code_of(text, language), text, "exec"), scope)
        function = list(scope.values())[-1]
        value, gradient = function(*POINT[: len(names_of(text))])
        assert_right(text, float(value), {name: float(grad) for name, grad in gradient.items()})


def test_names_in_c(tmp_path: Path) -> None:
    if shutil.which("gcc") is None:
        pytest.skip("gcc is not installed")
    headers = "".join(f"#include <{name}.h>\n" for name in ("float", "limits", "stdio", "stdlib", "errno"))
    codes = [code_of(text, "c") for text in FORMULAS]
    for index, code in enumerate(codes):
        codes[index] = re.sub(r"^double \w+\(", f"double formula{index}(", code, flags=re.MULTILINE)
    source, library = tmp_path / "formulas.c", tmp_path / "formulas.so"
    source.write_text(headers + "\n".join(codes))
    flags = ["-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC"]
    subprocess.run(["gcc", *flags, "-o", str(library), str(source), "-lm"], check=True)
    loaded = ctypes.CDLL(str(library))
    for index, text in enumerate(FORMULAS):
        function = loaded[f"formula{index}"]
        function.restype = ctypes.c_double
        inputs, names = input_names(read(text), ())[0], names_of(text)
        point = dict(zip(names, POINT, strict=False))
        gradient = (ctypes.c_double * len(inputs))()
        value = function(*(ctypes.c_double(point[name]) for name in inputs), gradient)
        assert_right(text, value, dict(zip(inputs, gradient, strict=True)))


def test_names_in_javascript(tmp_path: Path) -> None:
    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    script = ["const results = [];"]
    for text in FORMULAS:
        code = code_of(text, "js")
        name = re.findall(r"^function (\S+)\(", code, re.MULTILINE)[-1]
        inputs, names = input_names(read(text), ())[0], names_of(text)
        point = dict(zip(names, POINT, strict=False))
        call = f"{name}({', '.join(str(point[name]) for name in inputs)})"
        script.append(f"{{\n{code}\nconst r = {call};\nresults.push([r.value, Object.entries(r.gradient)]);\n}}")
    script.append("console.log(JSON.stringify(results));")
    path = tmp_path / "formulas.mjs"  # a module: strict, with `await` reserved
    path.write_text("\n".join(script))
    subprocess.run(["node", "--check", str(path)], check=True)
    ran = subprocess.run(["node", str(path)], capture_output=True, text=True, check=True)
    for text, (value, gradient) in zip(FORMULAS, json.loads(ran.stdout), strict=True):
        assert_right(text, value, dict(gradient))


@pytest.mark.parametrize("language", LAYOUTS)
def test_names_are_distinct_legal_and_not_reserved(language: str) -> None:
    identifiers = layout(language).language.identifiers
    chosen = identifiers.choose([*WORDS, *LETTERS], LOCALS)
    assert list(chosen) == [*WORDS, *LETTERS]
    assert len({*chosen.values()}) == len(chosen)
    for text in chosen.values():
        assert text.isidentifier()
        assert not text.startswith(identifiers.private)
        assert not identifiers.is_reserved(text)
        assert text not in LOCALS
    for plain in ("a", "x1", "sigma", "T_max", "M_sun", "EI", "I", "PV", "_" if identifiers.private == "__" else "x_"):
        assert chosen.get(plain, plain) == plain


def test_every_macro_of_the_headers_is_reserved_in_c() -> None:
    if shutil.which("gcc") is None:
        pytest.skip("gcc is not installed")
    identifiers = layout("c").language.identifiers
    includes = "".join(f"#include <{name}.h>\n" for name in ("math", "float", "limits", "stdio"))
    for standard in ("c99", "gnu17"):
        words = ["gcc", f"-std={standard}", "-D_GNU_SOURCE", "-dM", "-E", "-"]
        ran = subprocess.run(words, input=includes, capture_output=True, text=True, check=True)
        macros = re.findall(r"^#define ([A-Za-z]\w*)(?: |$)", ran.stdout, re.MULTILINE)
        assert {"M_PIl", "HUGE_VALF", "DBL_MAX", "EOF"} <= {*macros}
        assert [name for name in macros if not identifiers.is_reserved(name)] == []


@pytest.mark.parametrize("word", ["ⸯ", "aⸯ"])
def test_what_unicode_keeps_for_syntax_is_no_letter(word: str) -> None:
    with pytest.raises(ExpressionError, match="U\\+2E2F"):
        read(word)


def test_every_language_with_a_layout_is_offered() -> None:
    assert (*LAYOUTS,) == CODES
