"""The driver over saved tables against lark's own parser: the same trees, and the same first error."""

import json
import random
from collections.abc import Iterator
from typing import Any

import lark
import pytest
from lark.exceptions import UnexpectedToken
from lark.lexer import Lexer

from mgrad_cli.language.compile_grammar import compile_grammar
from mgrad_cli.language.driver import Driver, UnexpectedTokenError
from mgrad_cli.language.parser import LEXER, TABLES, Limits
from mgrad_cli.language.tables import GRAMMAR
from mgrad_cli.language.tokens import END, TokenList
from mgrad_cli.operations import TABLE
from tests.conftest import ROOT, SHARED

TERMINALS = TABLES["terminals"]
SIGNATURES = [f"{name}({', '.join(row.operands)})".replace("*", "") for name, (row, *_) in TABLE.items()]
EXAMPLES = [line for path in sorted((ROOT / "examples").glob("*.mg")) for line in path.read_text().splitlines()]
CORPORA = [
    json.loads(line)["expr"]
    for name in ("edges", "feynman", "accuracy")
    if (SHARED / f"{name}.jsonl").exists()
    for line in (SHARED / f"{name}.jsonl").read_text().splitlines()
]
BROKEN = [
    "2a",
    "a b",
    "(a",
    "a)",
    "a,",
    "f(a,",
    "a = 1, 2",
    "x.",
    "x.f",
    "a; ; b,",
    "a < ",
    "not",
    "1 +* 2",
    "",
    ";",
    "a=b=c",
]
CHUNKS, CHUNK_STRINGS = 50, 20_000


class Words(Lexer):
    """A lexer for lark that takes tokens of ours."""

    __future_interface__ = 2

    def __init__(self, lexer_conf: Any) -> None:
        pass

    def lex(self, lexer_state: Any, parser_state: Any) -> Iterator[lark.Token]:
        tokens: TokenList = lexer_state.text
        for index, (kind, word) in enumerate(zip(tokens.kinds, tokens.words, strict=True)):
            if kind != END:
                yield lark.Token(TERMINALS[kind], word, index)


class Trees:
    """A builder of plain tuples: the name of a rule and its children."""

    def __getattr__(self, name: str) -> Any:
        def build(values: list[Any], starts: list[int], base: int, end: int) -> Any:
            children: list[Any] = []
            for value in values[base:]:
                children += value[1] if value[0] == "repetition" else [value]
            return name, children

        return build


def lark_parser() -> lark.Lark:
    with open(GRAMMAR, encoding="utf-8") as file:
        return lark.Lark(file.read(), start="program", parser="lalr", lexer=Words, keep_all_tokens=True)


LARK = lark_parser()
DRIVER = Driver(TABLES, Trees())


def plain(tree: Any) -> Any:
    return str(tree) if isinstance(tree, lark.Token) else (str(tree.data), [plain(child) for child in tree.children])


def by_lark(tokens: TokenList) -> Any:
    try:
        return plain(LARK.parse(tokens))
    except UnexpectedToken as error:
        return len(tokens.kinds) - 1 if error.token.type == "$END" else error.token.start_pos


def by_driver(tokens: TokenList) -> Any:
    try:
        return DRIVER.run(tokens)
    except UnexpectedTokenError as error:
        return error.index


def token_list(kinds: list[int]) -> TokenList:
    words = [f"{TERMINALS[kind]} " for kind in kinds]
    starts = [sum(map(len, words[:index])) for index in range(len(words) + 1)]
    return TokenList([*kinds, END], [*words, ""], starts, None)


@pytest.mark.slow
@pytest.mark.parametrize(
    "formulas", [SIGNATURES, EXAMPLES, CORPORA, BROKEN], ids=["rows", "examples", "corpora", "broken"]
)
def test_formulas_have_the_trees_and_the_first_errors_of_lark(formulas: list[str]) -> None:
    for formula in formulas:
        tokens = LEXER.tokens(formula, Limits(), frozenset())
        assert tokens.failure is None, formula
        assert by_driver(tokens) == by_lark(tokens), formula


@pytest.mark.sampled(CHUNKS)
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_random_tokens_have_the_trees_and_the_first_errors_of_lark(chunk: int) -> None:
    """A million strings in all: half are any tokens, and half are mostly those of formulas, so that they go further."""
    generator = random.Random(chunk)
    kinds = [index for index, name in enumerate(TERMINALS) if name not in {"$END", *TABLES["ignored"]}]
    likely = [TERMINALS.index(name) for name in ("NAME", "NUMBER", "LPAR", "RPAR", "COMMA", "MINUS", "COMPARISON")]
    parsed = 0
    for _ in range(CHUNK_STRINGS):
        among = kinds if generator.random() < 0.5 else [*kinds, *likely * 4]
        tokens = token_list(generator.choices(among, k=generator.randrange(1, 12)))
        ours, theirs = by_driver(tokens), by_lark(tokens)
        assert ours == theirs, tokens
        parsed += not isinstance(ours, int)
    assert parsed > CHUNK_STRINGS // 200


def test_the_tables_of_the_package_are_those_of_the_grammar() -> None:
    with open(GRAMMAR, encoding="utf-8") as file:
        assert compile_grammar(file.read()) == TABLES
