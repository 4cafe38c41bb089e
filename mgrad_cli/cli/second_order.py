"""Read the vector that `--hvp` multiplies by the Hessian."""

from mgrad_cli.cli.assignments import components
from mgrad_cli.errors import BindingError, ExpressionError
from mgrad_cli.evaluation.graph import parse_value
from mgrad_cli.language.parser import Limits
from mgrad_cli.text import normalised


def vector_of(text: str, limits: Limits) -> dict[str, float]:
    """Return the components of a vector such as `a=1,b=pi/4`.

    Raises: BindingError for a component without a name or a value, one that is no number, or one that is given twice.
    """
    vector: dict[str, float] = {}
    for part in components(text):
        name, equals, value = (each.strip() for each in part.partition("="))
        name = normalised(name)
        if not (name and equals and value):
            raise BindingError(f"--hvp {text}: '{part.strip()}' is not NAME=VALUE; write a vector as a=1,b=0")
        if name in vector:
            raise BindingError(f"--hvp {text}: '{name}' has two values")
        try:
            vector[name] = parse_value(value, limits)
        except ExpressionError as error:
            raise BindingError(f"--hvp: the value of '{name}', '{value}', is not a number: {error.message}") from None
    return vector
