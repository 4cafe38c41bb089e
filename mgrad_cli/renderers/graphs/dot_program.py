"""The program `dot` of Graphviz, which places the nodes of a graph and leads its edges around them."""

from mgrad_cli.errors import MissingExtraError, OutputError, UsageError
from mgrad_cli.text import printable

MAX_COMPLAINT = 200


def run_dot(source: str, output_format: str, what: str = "a picture of a graph") -> bytes:
    """What `dot` makes of a text in its language: `svg`, `png`, `json`.

    Raises: MissingExtraError without the package, UsageError without the program; `what` is what needs them.
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
