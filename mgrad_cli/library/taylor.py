"""Taylor polynomials as Python objects."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from mgrad_cli.analysis.polynomials import monomial_text, polynomial, polynomial_text
from mgrad_cli.analysis.taylor import Taylor
from mgrad_cli.language.parser import DEFAULT_LIMITS
from mgrad_cli.library.expression import Expression, restored


class TaylorPolynomial:
    """The Taylor polynomial of an expression around a point, which is also a function of its variables.

    around          the variables with the point
    order           the highest total degree
    coefficients    by the tuple of the exponents of the variables: that of `(2, 1)` stands before x**2*y
    polynomial      the polynomial as an expression
    outputs         of an expression with several outputs, the polynomial of each by name; this one is the first
    result          the record with everything else, such as `bits`, the precision of the proof

    >>> from mgrad_cli import Expression
    >>> series = Expression("log(x)").taylor(x=1, order=3)
    >>> series
    TaylorPolynomial('x - 1 - (x - 1)**2/2 + (x - 1)**3/3')
    >>> series.coefficients
    {(0,): 0.0, (1,): 1.0, (2,): -0.5, (3,): 0.3333333333333333}
    >>> series(x=1.1)
    0.09533333333333342
    """

    def __init__(self, result: Taylor, output: str = "") -> None:
        self.result = result
        self.name = output or next(iter(result.outputs))
        self.around = result.around
        self.order = result.order
        self.coefficients = result.outputs[self.name]

    @cached_property
    def polynomial(self) -> Expression:
        """The polynomial as an expression of the variables of the expansion."""
        return restored(polynomial_text(self.around, self.coefficients), tuple(self.around), DEFAULT_LIMITS)

    @property
    def outputs(self) -> "dict[str, TaylorPolynomial]":
        """The polynomial of each output, by name."""
        return {name: TaylorPolynomial(self.result, name) for name in self.result.outputs}

    def __call__(self, /, *values: Mapping[str, Any], **named: Any) -> float:
        """Return the value of the polynomial. Values are given as in a call of an expression.

        Raises: BindingError as that.
        """
        return self.polynomial(*values, **named).value

    def latex(self) -> str:
        r"""Return the polynomial in LaTeX.

        >>> from mgrad_cli import Expression
        >>> print(Expression("exp(x)").taylor(x=0, order=2).latex())
        1 + x + \frac{x^{2}}{2}
        """
        from mgrad_cli.codegen.latex import latex

        return latex(polynomial(self.around, self.coefficients))

    def __str__(self) -> str:
        return self.polynomial.text

    def __repr__(self) -> str:
        return f"TaylorPolynomial({self.polynomial.text!r})"

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"

    def _repr_html_(self) -> str:
        """Return the coefficients as an HTML table."""
        from html import escape

        rows = "".join(
            f"<tr><td>{escape(monomial_text(self.around, powers))}</td>"
            f'<td style="text-align:right">{number!r}</td></tr>'
            for powers, number in self.coefficients.items()
        )
        return f"<table><tr><th>term</th><th>coefficient</th></tr>{rows}</table>"
