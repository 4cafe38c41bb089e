"""`Expression`: a formula as a Python object, with the verbs of the command line as methods."""

from collections.abc import Mapping, Sequence
from typing import Any

from mgrad_cli.codegen.latex import latex, symbol
from mgrad_cli.errors import BindingError, UsageError
from mgrad_cli.evaluation.gradcheck import TOLERANCE, Check
from mgrad_cli.evaluation.graph import input_names
from mgrad_cli.evaluation.results import differentiate
from mgrad_cli.evaluation.sampling import check_unit
from mgrad_cli.evaluation.tape import check_gradients, record
from mgrad_cli.exact.figures import Certified, require_flint
from mgrad_cli.kernels.compiled import Compiled, compile_script
from mgrad_cli.language.lowering import read
from mgrad_cli.language.parser import DEFAULT_LIMITS, Limits, parse
from mgrad_cli.library.derivation import formulas_of, free_output_name
from mgrad_cli.library.display import Explanation, GraphDrawing
from mgrad_cli.library.evaluation import Evaluation
from mgrad_cli.operations import FUNCTION_NAMES
from mgrad_cli.operations.operand import as_float
from mgrad_cli.program.budget import Budget
from mgrad_cli.renderers import View
from mgrad_cli.renderers.explanations.steps import ExplanationContent
from mgrad_cli.renderers.formulas import CODE_FORMATS


class Expression:
    """A formula in the language of `mgrad`, parsed once.

    text        the formula as it was given
    variables   the names of its variables, in order of appearance

    Raises: ExpressionError, with the place of what is wrong and a caret below it.

    >>> f = Expression("a*b*(a+b)")
    >>> f.variables
    ('a', 'b')
    >>> f(a=2, b=3).grads
    {'a': 21.0, 'b': 16.0}
    >>> f.diff("a")
    Expression('b*(a + b) + a*b')
    """

    def __init__(self, text: str, limits: Limits = DEFAULT_LIMITS) -> None:
        if not isinstance(text, str):
            raise TypeError(f"an expression is text, not {type(text).__name__}")
        self.text = text
        self._limits = limits
        self._unit = read(text, limits)
        self.variables = tuple(input_names(self._unit, ())[0])

    def __call__(self, /, *values: Mapping[str, Any], **named: Any) -> Evaluation:
        """Return the value and every partial derivative at a point.

        Give the values of the variables by name, or in a mapping where a name is none that Python can spell. The
        result has `value`, `grads` by variable, `nodes` in the order of evaluation, and `findings`, which say where
        what is not finite comes from.

        Raises: BindingError for a variable without a value, a value without a variable, or one that is no number.

        >>> result = Expression("x**2 + 1")(x=3)
        >>> result.value, result.grads, [node.data for node in result.nodes]
        (10.0, {'x': 6.0}, [3.0, 2.0, 9.0, 1.0, 10.0])
        """
        return Evaluation(self._unit, self.variables, self._point(values, named))

    def certify(self, /, *values: Mapping[str, Any], **named: Any) -> Certified:
        """Prove the value and the gradient at a point: return the doubles nearest to the true ones.

        Give the values as for a call. The doubles of the variables and of the numbers in the formula are taken as they
        are, `pi` and `e` as themselves, and everything is computed in ball arithmetic.

        Raises: MissingExtraError without python-flint; UndecidedError for a figure that no precision decides;
        BindingError as a call.

        >>> f = Expression("x/(x + y)")
        >>> f(x=28939328.677188694, y=-2.2003914538032663e-06).grads["x"]
        -2.63374307036884e-21
        >>> f.certify(x=28939328.677188694, y=-2.2003914538032663e-06).grads["x"]
        -2.6273809389550323e-21
        """
        require_flint("certify")
        from mgrad_cli.exact.certifying import certified

        point = self._point(values, named)
        proven = certified(self._unit, point)
        return Certified(proven.value, dict.fromkeys(self.variables, 0.0) | proven.grads, proven.bits)

    def diff(self, *variables: str) -> "Expression":
        """Return the derivative with respect to a variable, as an expression of the same variables.

        Several names differentiate with respect to one after the other. An expression of one variable needs no name.

        Raises: BindingError for a name that is no variable, or no name where there are several variables; LimitError
        for a derivative of more than a million terms.

        >>> Expression("x**2*sin(x)").diff()
        Expression('2*x*sin(x) + x**2*cos(x)')
        >>> Expression("x**2*y").diff("x", "x")
        Expression('2*y')
        """
        if not variables and len(self.variables) > 1:
            raise BindingError(f"name the variable to differentiate by; there are {', '.join(self.variables)}")
        derivative = self
        for name in variables or self.variables or (None,):
            wrt = None if name is None else [name]
            budget = Budget()
            formulas = formulas_of(derivative._unit, wrt, inputs=self.variables, budget=budget)
            formulas.measure(budget)
            text = "; ".join(formulas.program(0))
            derivative = _restored(text, self.variables, self._limits)
        return derivative

    def latex(self) -> str:
        r"""Return the formula in LaTeX; of several statements, an `aligned` environment with an equation for each.

        >>> print(Expression("sqrt(x)/y").latex())
        \frac{\sqrt{x}}{y}
        """
        statements = parse(self.text, self._limits, FUNCTION_NAMES).statements
        if len(statements) == 1 and statements[0].name is None:
            return latex(statements[0].expression)
        equals = " = " if len(statements) == 1 else " &= "
        output = free_output_name(self._unit)
        lines = [f"{symbol(each.name or output)}{equals}{latex(each.expression)}" for each in statements]
        return lines[0] if len(lines) == 1 else "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"

    def code(self, language: str = "python") -> str:
        r"""Return the source of a function of the value and the gradient: in `python`, `numpy`, `c` or `js`.

        `latex` gives the equations of both.

        Raises: UsageError for another language.

        >>> print(Expression("x*y").code("latex"))
        f\left(x, y\right) = x \, y
        \frac{\partial f}{\partial x} = y
        \frac{\partial f}{\partial y} = x
        <BLANKLINE>
        """
        if language not in CODE_FORMATS:
            raise UsageError(f"no language '{language}'; there are {', '.join(CODE_FORMATS)}")
        is_exact = language != "latex"
        formulas = formulas_of(self._unit, self.variables, 1, None, is_exact, self.variables, Budget())
        return "".join(CODE_FORMATS[language](formulas, View()))

    def explain(self, /, *values: Mapping[str, Any], **named: Any) -> Explanation:
        """Return the chain rule at work at a point, step by step, as text and as Markdown.

        Values are given as in a call. Raises: BindingError as a call does.

        >>> print(Expression("a*b").explain(a=2, b=3))  # doctest: +ELLIPSIS
        Forward, each node is computed from its operands...
        """
        tape = record(self._unit, self._point(values, named))
        return Explanation(ExplanationContent(tape, check_gradients(self._unit, tape)))

    def graph(self, /, *values: Mapping[str, Any], **named: Any) -> GraphDrawing:
        """Return the graph of the computation at a point, with `tree`, `dot`, `mermaid`, `svg`, `png` and `html`.

        Values are given as in a call. Raises: BindingError as a call does.

        >>> print(Expression("a*b").graph(a=2, b=3))
                 local  data  grad
        L = a*b            6     1
        ├─ a        ×3     2     3
        └─ b        ×2     3     2
        local: derivative of the node above by this one; grad: derivative of the output
        """
        return GraphDrawing(record(self._unit, self._point(values, named)))

    def check(self, /, *values: Mapping[str, Any], tolerance: float = TOLERANCE, **named: Any) -> list[Check]:
        """Return every partial derivative at a point compared with a numerical one, within a relative `tolerance`.

        Values are given as in a call. Raises: BindingError as a call does; LimitError where it takes too long.

        >>> [check.verdict for check in Expression("x*tanh(y)").check(x=2, y=0.5)]
        ['pass', 'pass']
        """
        result = differentiate(self._unit, self._point(values, named), explain=False)
        return check_unit(self._unit, result.vars, result.grads or {}, tolerance)

    def compile(self, wrt: Sequence[str] | None = None, kernel: str = "auto") -> Compiled:
        """Return the value and the partial derivatives as a function of arrays or tables, as `compile` does.

        >>> gradient = Expression("x*y").compile(wrt=["x"])
        >>> gradient(x=[1, 2, 3], y=2).value.tolist()
        [2.0, 4.0, 6.0]
        """
        return compile_script(self._unit, wrt, kernel, self.variables)

    def _point(self, values: tuple[Mapping[str, Any], ...], named: Mapping[str, Any]) -> dict[str, float]:
        """Return the values of the variables that the formula has; a derivative may have lost some.

        `values` are those of a mapping, if one was given, and `named` those of keyword arguments.
        """
        if len(values) > 1 or not all(isinstance(each, Mapping) for each in values):
            example = ", ".join(f"{name}={index}" for index, name in enumerate(self.variables[:2] or "x", 2))
            raise TypeError(f"values are given by name, as in f({example}), or in one mapping")
        given: dict[str, Any] = dict(*values)
        for name in named:
            if name in given:
                raise BindingError(f"'{name}' has two values")
        point = {name: number_of(name, value) for name, value in (given | dict(named)).items()}
        lost = {*self.variables} - {*self._unit.names}
        return {name: number for name, number in point.items() if name not in lost}

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Expression):
            return NotImplemented
        return (self.text, self.variables) == (other.text, other.variables)

    def __hash__(self) -> int:
        return hash((self.text, self.variables))

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (self.text, self.variables, self._limits)


def _restored(text: str, variables: tuple[str, ...], limits: Limits) -> Expression:
    """Return the expression of a text with these variables."""
    expression = Expression(text, limits)
    expression.variables = variables
    return expression


def number_of(name: str, value: Any) -> float:
    """Return the value of a variable as a float. Raises: BindingError if it is no real number."""
    try:
        return as_float(value)
    except TypeError as error:
        arrays = "; compile() takes arrays" if getattr(value, "ndim", 0) or isinstance(value, list | tuple) else ""
        raise BindingError(f"the value of '{name}' is not a number: {error}{arrays}") from None
