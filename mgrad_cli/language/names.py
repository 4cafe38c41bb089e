"""Names outside formulas, in options and lists: a plain one, or any text, which may stand between backquotes."""

import re
from collections.abc import Iterator

from mgrad_cli.text import normalised

COMMENT = re.compile(r"(`[^`\n]+`)|#[^\n]*")
PIECE = re.compile(r"`[^`\n]+`|#[^\n]*|[()\n]|[^`#()\n]+|`")
"""The parts of a text that `one_line` tells apart."""
QUOTED = re.compile(r"\s*`([^`\n]+)`\s*")


def read_name(text: str) -> str:
    """Return the name that a text spells, normalised and without backquotes around it; it may be empty.

    >>> read_name(" x "), read_name("Temp (°C)"), read_name("`a, b`")
    ('x', 'Temp (°C)', 'a, b')
    """
    quoted = QUOTED.fullmatch(text)
    return normalised(quoted[1] if quoted else text.strip())


def is_name(name: str) -> bool:
    """Return whether a formula can spell a name."""
    return bool(name) and "`" not in name and "\n" not in name


def name_and_value(text: str) -> tuple[str, bool, str]:
    """Return the name before an equals sign, whether there is one, and the text after it.

    >>> name_and_value("x = 2"), name_and_value("`a=b`=c == 1"), name_and_value("x")
    (('x', True, ' 2'), ('a=b', True, 'c == 1'), ('x', False, ''))
    """
    quoted = QUOTED.match(text)
    start = quoted.end() if quoted else 0
    name, equals, value = text[start:].partition("=")
    return read_name(text[:start] + name), bool(equals), value


def split_list(text: str) -> Iterator[str]:
    """Yield the parts of a list with commas; a comma in a name between backquotes is part of the name.

    >>> list(split_list("x, `a, b`, c=1"))
    ['x', ' `a, b`', ' c=1']
    """
    start = 0
    is_quoted = False
    for index, character in enumerate(text):
        if character == "`":
            is_quoted = not is_quoted and "`" in text[index + 1 :]
        elif character == "," and not is_quoted:
            yield text[start:index]
            start = index + 1
    yield text[start:]


def read_names(text: str) -> list[str]:
    """Return the names in a list with commas.

    >>> read_names("x,`a, b`")
    ['x', 'a, b']
    """
    return [read_name(part) for part in split_list(text)]


def without_comments(text: str) -> str:
    """Return a text of the language without its comments.

    >>> without_comments("`#1` + 2 # and more")
    '`#1` + 2 '
    """
    return COMMENT.sub(lambda found: found[1] or "", text)


def one_line(text: str) -> str:
    r"""Return a program on one line, without its comments, as a heading shows it.

    >>> one_line("k = 2  # N/m\nhypot(k,\n  x)")
    'k = 2; hypot(k, x)'
    """
    lines: list[list[str]] = [[]]
    depth = 0
    for piece in PIECE.findall(text):
        if piece == "\n" and depth <= 0:
            lines.append([])
        elif not piece.startswith("#"):
            depth += (piece == "(") - (piece == ")")
            lines[-1].append(piece)
    statements = (" ".join("".join(line).split()).strip("; ") for line in lines)
    return "; ".join(filter(None, statements))
