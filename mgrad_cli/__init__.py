"""mgrad: a formula in, its value and every partial derivative out.

The public names are resolved when they are first used, so that importing the package costs nothing and
`python -m mgrad_cli.value` runs the module once.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mgrad_cli.compiled import Compiled as Compiled
    from mgrad_cli.compiled import Gradients as Gradients
    from mgrad_cli.compiled import compile as compile  # noqa: A004
    from mgrad_cli.numerical import Check as Check
    from mgrad_cli.numerical import gradcheck as gradcheck
    from mgrad_cli.value import Value as Value

HOMES = {
    "Check": "mgrad_cli.numerical",
    "Compiled": "mgrad_cli.compiled",
    "Gradients": "mgrad_cli.compiled",
    "Value": "mgrad_cli.value",
    "compile": "mgrad_cli.compiled",
    "gradcheck": "mgrad_cli.numerical",
}
__all__ = ["Check", "Compiled", "Gradients", "Value", "compile", "gradcheck"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name in HOMES:
        return getattr(import_module(HOMES[name]), name)
    raise AttributeError(f"module 'mgrad_cli' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted({*globals(), *HOMES})
