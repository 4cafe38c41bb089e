"""mgrad: a formula in, its value and every partial derivative out.

The public names are resolved when they are first used, so that importing the package costs nothing and
`python -m mgrad_cli.value` runs the module once.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mgrad_cli.analysis.budget import Propagation as Propagation
    from mgrad_cli.errors import BindingError as BindingError
    from mgrad_cli.errors import ExpressionError as ExpressionError
    from mgrad_cli.errors import InputError as InputError
    from mgrad_cli.errors import LimitError as LimitError
    from mgrad_cli.errors import MgradError as MgradError
    from mgrad_cli.errors import MissingExtraError as MissingExtraError
    from mgrad_cli.errors import MissingValueError as MissingValueError
    from mgrad_cli.errors import NoRootError as NoRootError
    from mgrad_cli.errors import OutputError as OutputError
    from mgrad_cli.errors import SeriesError as SeriesError
    from mgrad_cli.errors import UndecidedError as UndecidedError
    from mgrad_cli.errors import UndeterminedError as UndeterminedError
    from mgrad_cli.errors import UnknownFunctionError as UnknownFunctionError
    from mgrad_cli.errors import UnknownVariableError as UnknownVariableError
    from mgrad_cli.errors import UsageError as UsageError
    from mgrad_cli.evaluation.accuracy import Accuracy as Accuracy
    from mgrad_cli.evaluation.accuracy import accuracy as accuracy
    from mgrad_cli.evaluation.gradcheck import Check as Check
    from mgrad_cli.evaluation.gradcheck import gradcheck as gradcheck
    from mgrad_cli.exact.figures import Certified as Certified
    from mgrad_cli.exact.values import certify as certify
    from mgrad_cli.kernels.compiled import Compiled as Compiled
    from mgrad_cli.kernels.compiled import Gradients as Gradients
    from mgrad_cli.kernels.compiled import compile as compile  # noqa: A004
    from mgrad_cli.library.evaluation import Evaluation as Evaluation
    from mgrad_cli.library.expression import Expression as Expression
    from mgrad_cli.library.solving import Solution as Solution
    from mgrad_cli.value import Value as Value

HOMES = {
    "Accuracy": "mgrad_cli.evaluation.accuracy",
    "BindingError": "mgrad_cli.errors",
    "Certified": "mgrad_cli.exact.figures",
    "Check": "mgrad_cli.evaluation.gradcheck",
    "Compiled": "mgrad_cli.kernels.compiled",
    "Evaluation": "mgrad_cli.library.evaluation",
    "Expression": "mgrad_cli.library.expression",
    "ExpressionError": "mgrad_cli.errors",
    "Gradients": "mgrad_cli.kernels.compiled",
    "InputError": "mgrad_cli.errors",
    "LimitError": "mgrad_cli.errors",
    "MgradError": "mgrad_cli.errors",
    "MissingExtraError": "mgrad_cli.errors",
    "MissingValueError": "mgrad_cli.errors",
    "NoRootError": "mgrad_cli.errors",
    "OutputError": "mgrad_cli.errors",
    "Propagation": "mgrad_cli.analysis.budget",
    "SeriesError": "mgrad_cli.errors",
    "Solution": "mgrad_cli.library.solving",
    "UndecidedError": "mgrad_cli.errors",
    "UndeterminedError": "mgrad_cli.errors",
    "UnknownFunctionError": "mgrad_cli.errors",
    "UnknownVariableError": "mgrad_cli.errors",
    "UsageError": "mgrad_cli.errors",
    "Value": "mgrad_cli.library.notebook",  # which gives it what it shows there
    "accuracy": "mgrad_cli.evaluation.accuracy",
    "certify": "mgrad_cli.exact.values",
    "compile": "mgrad_cli.kernels.compiled",
    "gradcheck": "mgrad_cli.evaluation.gradcheck",
}
__all__ = [
    "Accuracy",
    "BindingError",
    "Certified",
    "Check",
    "Compiled",
    "Evaluation",
    "Expression",
    "ExpressionError",
    "Gradients",
    "InputError",
    "LimitError",
    "MgradError",
    "MissingExtraError",
    "MissingValueError",
    "NoRootError",
    "OutputError",
    "Propagation",
    "SeriesError",
    "Solution",
    "UndecidedError",
    "UndeterminedError",
    "UnknownFunctionError",
    "UnknownVariableError",
    "UsageError",
    "Value",
    "accuracy",
    "certify",
    "compile",
    "gradcheck",
]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name in HOMES:
        return getattr(import_module(HOMES[name]), name)
    raise AttributeError(f"module 'mgrad_cli' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted({*globals(), *HOMES})
