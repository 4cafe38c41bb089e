"""The Graphviz program `dot`, which places the nodes of a graph and routes its edges."""

from mgrad_cli.errors import MissingExtraError, OutputError, UsageError
from mgrad_cli.text import printable

MAX_COMPLAINT = 200


def run_dot(source: str, output_format: str, what: str = "a picture of a graph") -> bytes:
    """Return what `dot` makes of DOT text: `svg`, `png` or `json0`. `what` names what needs it in errors.

    Raises: MissingExtraError without the package graphviz; UsageError without the program; OutputError if it fails.
    """
    try:
        import graphviz
    except ImportError:
        raise MissingExtraError(what, "graphviz", "graph") from None
    try:
        picture: bytes = graphviz.pipe("dot", output_format, source.encode(), quiet=True)
    except graphviz.ExecutableNotFound:
        install = "install it, for example apt install graphviz"
        raise UsageError(f"{what} needs the program dot (Graphviz): {install}") from None
    except graphviz.CalledProcessError as error:
        complaint = " ".join((error.stderr or b"").decode(errors="replace").split()) or f"exit code {error.returncode}"
        raise OutputError(f"dot failed: {printable(complaint[:MAX_COMPLAINT])}") from None
    return picture
