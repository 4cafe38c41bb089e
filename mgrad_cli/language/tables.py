"""Load the LALR tables of the parser: built once from `grammar.lark`, then cached in the user's own folder.

The name of the file contains a digest of the grammar and the versions of its writers, so that any change rebuilds it.
A file or folder that another user could have written is not read.
"""

import os
import sys
from hashlib import sha256
from io import BytesIO
from stat import S_ISREG

import lark

from mgrad_cli.language.builder import TreeBuilder
from mgrad_cli.language.lexer import GrammarLexer

DIGEST_BYTES = 32
GRAMMAR = os.path.join(os.path.dirname(__file__), "grammar.lark")


def load_parser() -> lark.Lark:
    """Return the parser, from cached tables if they can be trusted."""
    with open(GRAMMAR, encoding="utf-8") as file:
        grammar = file.read()
    classes = f"{GrammarLexer.__module__}.{GrammarLexer.__name__} {TreeBuilder.__module__}"
    versions = f"{lark.__version__} {sys.version_info[:2]} {classes}"
    digest = sha256(f"{grammar}{versions}".encode()).hexdigest()
    saved = os.path.join(cache_folder(), f"grammar-{digest[:32]}")
    tables = read_own(saved)
    if tables is not None:
        try:
            return lark.Lark.load(BytesIO(tables))
        except Exception:  # a damaged file can raise anything; build the tables again
            tables = None
    parser = build_parser(grammar)
    buffer = BytesIO()
    parser.save(buffer)
    write_own(saved, buffer.getvalue())
    return parser


def build_parser(grammar: str) -> lark.Lark:
    """Build the parser from the text of the grammar."""
    return lark.Lark(grammar, start="program", parser="lalr", lexer=GrammarLexer, transformer=TreeBuilder())


def cache_folder() -> str:
    """Return the user's cache folder: `$XDG_CACHE_HOME/mgrad`, by default `~/.cache/mgrad`."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    return os.path.join(base if os.path.isabs(base) else os.path.expanduser("~/.cache"), "mgrad")


def is_own(status: os.stat_result) -> bool:
    """Return whether only this user can write the file with this status."""
    return not hasattr(os, "getuid") or (status.st_uid == os.getuid() and not status.st_mode & 0o022)


def read_own(path: str) -> bytes | None:
    """Return the content of a complete file that only this user can write, in such a folder; otherwise `None`."""
    try:
        if not is_own(os.lstat(os.path.dirname(path))):
            return None
        if not S_ISREG(os.lstat(path).st_mode):
            return None
        with open(path, "rb") as file:
            if not is_own(os.fstat(file.fileno())):
                return None
            digest, content = file.read(DIGEST_BYTES), file.read()
            return content if sha256(content).digest() == digest else None
    except OSError:
        return None


def write_own(path: str, content: bytes) -> None:
    """Write a file completely or not at all. Errors are ignored: without the cache, loading is only slower."""
    import tempfile

    try:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        if not is_own(os.lstat(os.path.dirname(path))):
            return
        descriptor, temporary = tempfile.mkstemp(dir=os.path.dirname(path))
    except OSError:
        return
    try:
        with open(descriptor, "wb") as file:
            file.write(sha256(content).digest() + content)
        os.replace(temporary, path)
    except OSError:
        os.unlink(temporary)
