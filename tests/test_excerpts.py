"""Excerpts of a source: carets stand below their place, on a page of any width."""

import pytest

from mgrad_cli.excerpts import excerpt
from mgrad_cli.text import MIN_WIDTH, columns

PLACES = {
    "beginning": ("", "foo(q)", "+a*b*c*d" * 20),
    "middle": ("a*b+c" * 20, "foo(q)", "+a*b*c*d" * 20),
    "near the end": ("a*b+c" * 20, "foo(q)", "+1"),
    "end": ("a*b+c" * 20, "", ""),
    "wide characters": ("日本+変数*" * 20, "変数(q)", "+日本*変数" * 20),
    "characters of one and two columns": ("a日+" * 50, "b変(q)", "+c本*" * 50),
    "marks without a column": ("x\u0307\u0308+" * 50, "y\u0307(q)", "+z\u0307\u20dd" * 50),
    "long place": ("a*b+" * 20, "foo" * 100, "+1"),
    "control characters": ("a\t+\x1b" * 30, "foo(q)", "\u202e+b" * 30),
    "short line": ("a+", "foo", "+1"),
}


@pytest.mark.parametrize("width", [8, 18, 19, 40, 41, 80, 200, 5000])
@pytest.mark.parametrize("parts", PLACES.values(), ids=PLACES)
def test_carets_stand_below_their_place(
    parts: tuple[str, str, str], width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    before, marked, after = parts
    line, carets = excerpt(f"1\n{before}{marked}{after}\n2", (len(before) + 2, len(before + marked) + 2)).split("\n")
    page = max(width, MIN_WIDTH)
    assert max(columns(line), columns(carets)) <= page
    assert ("…" in line) == (columns(f"  2 | {before}{marked or ' '}{after}") > page)
    index_of = {columns(line[:index]): index for index in range(len(line) + 1)}
    first, last = carets.index("^"), len(carets)
    shown = line[index_of[first] : index_of[last]] if marked else ""
    assert marked.startswith(shown)
    assert shown == marked or line[index_of[last] :] == "…"


def test_a_line_that_fits_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    assert excerpt("12345678901234", (13, 14)).split("\n")[0] == "  1 | 12345678901234"
    assert excerpt("12345678901234", (14, 14)).split("\n")[0] == "  1 | …345678901234"


@pytest.mark.parametrize("given", ["²", "x", "-5", "0", "9" * 5000], ids=lambda given: given[:3])
def test_a_width_that_is_no_number_is_passed_over(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    usual = excerpt("a+*b", (2, 3))
    monkeypatch.setenv("COLUMNS", given)
    assert excerpt("a+*b", (2, 3)) == usual
