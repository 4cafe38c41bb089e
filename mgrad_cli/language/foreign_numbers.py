"""Numbers as other languages and people write them: `0x1F`, `1_000`, `1d-3`, `6.02x10^23`, `1,000`, `1 1/2`."""

import re

from mgrad_cli.errors import Span
from mgrad_cli.language.tokens import Token

BASES = {"x": 16, "X": 16, "o": 8, "O": 8, "b": 2, "B": 2}
RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻−", "0123456789+--")
BASED = re.compile(r"0([xXoObB])([0-9a-fA-F]+)\b")
GROUPED = re.compile(r"[0-9.]+(?:_[0-9]+)+")
FORTRAN = re.compile(r"([0-9.]+)[dD]([-+]?[0-9]+)\b")
SCIENTIFIC = re.compile(
    r"([0-9.]+)\s*[xX]\s*10(?:\s*(?:\^|\*\*)\s*\(?\s*([-+−⁻]?[0-9]+)\b|([-−][0-9]+)\b|([⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+))"
)
APART = re.compile(r"([0-9.]+)\s*[eEᴇ]([-+−⁻]?[0-9]+)\b")
TIMES = re.compile(r"([0-9.]+)\s*[xX]\s*([0-9.]+)(?![\w.])")
MIXED = re.compile(r"([0-9]+)\s+([0-9]+\s*/\s*[0-9]+)(?![\w.])")
BLANKS = re.compile(r"[0-9]{1,3}(?: [0-9]{3})+(?:[.,][0-9]+)?(?![\w.])")
COMMA = re.compile(r"(?<![\w.])[0-9]+(?:[.,][0-9]+)+(?![\w.])")
THOUSANDS = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")
SUFFIXES = frozenset({"d", "D", "f", "F", "l", "L"})
MAX_NUMBER = 60


def foreign_number(text: str, previous: Token, token: Token) -> tuple[str, str, Span] | None:
    """Return the message, source and span for a number of another language at two adjacent tokens, or `None`."""
    start = previous.start_pos
    if previous.type != "NUMBER":
        return None
    written = text[start : start + MAX_NUMBER]
    is_glued = previous.end_pos == token.start_pos
    if scientific := SCIENTIFIC.match(written):
        exponent = next(filter(None, scientific.groups()[1:])).translate(RAISED)
        return f"write {scientific[1]}e{exponent} for a number", text, spanned(start, scientific)
    if (apart := APART.match(written)) and apart.end() > len(previous):
        exponent = apart[2].translate(RAISED)
        product = f"{apart[1]}*{apart[0][len(apart[1]) :].strip()}"
        return f"write {apart[1]}e{exponent} for a number, {product} for a product", text, spanned(start, apart)
    return glued_number(text, written, previous, token) if is_glued else None


def glued_number(text: str, written: str, previous: Token, token: Token) -> tuple[str, str, Span] | None:
    """Return the message for a number that goes on as a name: `0x1F`, `1_000`, `1d-3`, `2.0f`, `2j`; or `None`."""
    start = previous.start_pos
    if previous == "0" and (literal := BASED.match(written)):
        try:
            advice = f"; write {int(literal[2], BASES[literal[1]])}"
        except ValueError:
            advice = ""
        return f"'{literal[0]}': numbers are decimal{advice}", text, spanned(start, literal)
    if digits := GROUPED.match(written):
        message = f"digits cannot be grouped with '_'; write {digits[0].replace('_', '')}"
        return message, text, spanned(start, digits)
    if fortran := FORTRAN.match(written):
        product = f"{fortran[1]}*{fortran[0][len(fortran[1]) :]}"
        message = f"write {fortran[1]}e{fortran[2]} for a number, {product} for a product"
        return message, text, spanned(start, fortran)
    span = Span(start, token.end_pos)
    if (str(token) in SUFFIXES and not previous.isdigit()) or token == "L" or token.startswith("_"):
        return f"numbers have no suffix; write {previous}, or {previous}*{token} for a product", text, span
    if str(token) in {"i", "j"}:
        return f"numbers are real; write {previous}*{token} for a product with a variable", text, span
    return None


def number_advice(text: str, previous: Token) -> tuple[str, Span] | None:
    """Return the message and span for numbers side by side, or with an `x` for a product between them; or `None`."""
    start = previous.start_pos
    written = text[start : start + MAX_NUMBER]
    if grouped := BLANKS.match(written):
        plain = grouped[0].replace(" ", "").replace(",", ".")
        return f"two numbers side by side; digits cannot be grouped, write {plain}", spanned(start, grouped)
    if mixed := MIXED.match(written):
        return f"two numbers side by side; write ({mixed[1]} + {mixed[2]}) for a mixed number", spanned(start, mixed)
    if times := TIMES.match(written):
        other = "" if " " in times[0] else f", or {times[1]}*{times[0][len(times[1]) :]} for a name"
        return f"'x' is a name; write {times[1]}*{times[2]}{other}", spanned(start, times)
    return None


def spanned(start: int, match: re.Match[str]) -> Span:
    """Return the span of a match in the text that begins at `start`."""
    return Span(start, start + match.end())


def comma_advice(text: str, comma: int) -> str:
    """Return how a number with a comma at an index is written, or an empty text if it is not a number."""
    for number in COMMA.finditer(text, max(0, comma - MAX_NUMBER), comma + MAX_NUMBER):
        if number.start() <= comma < number.end():
            break
    else:
        return ""
    written = number[0]
    whole, _, decimals = written.rpartition(",")
    decimal = f"{whole.replace('.', '').replace(',', '')}.{decimals}"
    if written.count(",") > 1 or "." in decimals:
        return f"write {written.replace(',', '')}" if THOUSANDS.fullmatch(written) else ""
    if THOUSANDS.fullmatch(written) and "." not in whole and not whole.startswith("0"):
        return f"write {decimal}, or {written.replace(',', '')} for thousands"
    return f"write {decimal}"
