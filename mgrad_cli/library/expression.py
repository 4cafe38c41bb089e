"""`Expression`: a formula as a Python object, with the verbs of the command line as methods."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mgrad_cli.errors import BindingError, UsageError
from mgrad_cli.evaluation.gradients import check_wrt
from mgrad_cli.evaluation.graph import evaluate, input_names, input_values
from mgrad_cli.language.lowering import Script, read
from mgrad_cli.language.outputs import check_one_output
from mgrad_cli.language.parser import DEFAULT_LIMITS, Limits
from mgrad_cli.library.evaluation import Evaluation
from mgrad_cli.library.values import check_mapping, number_of
from mgrad_cli.suggestions import nearest

if TYPE_CHECKING:
    from mgrad_cli.analysis.budget import Propagation
    from mgrad_cli.analysis.extremum import Extremum
    from mgrad_cli.analysis.solutions import Solution
    from mgrad_cli.evaluation.gradcheck import Check
    from mgrad_cli.evaluation.hessian import Hessian
    from mgrad_cli.exact.figures import Certified
    from mgrad_cli.kernels.compiled import Compiled
    from mgrad_cli.library.display import Explanation, GraphDrawing
    from mgrad_cli.library.fits import Fit
    from mgrad_cli.library.taylor import TaylorPolynomial
    from mgrad_cli.program.budget import Budget
    from mgrad_cli.renderers.formulas import Formulas
    from mgrad_cli.symbolic.rules import RuleSteps


class Expression:
    """A formula in the language of `mgrad`, parsed once. With `implicit`, products need no sign: `2x`, `x(y + 1)`.

    text        the formula as it was given
    variables   the names of its variables, in order of appearance
    outputs     the names of its outputs, most often one
    script      the parsed formula, which the rest of the package works on

    Raises: ExpressionError, with the place of what is wrong and a caret below it.

    >>> f = Expression("a*b*(a+b)")
    >>> f.variables
    ('a', 'b')
    >>> f(a=2, b=3).grads
    {'a': 21.0, 'b': 16.0}
    >>> f.diff("a")
    Expression('b*(2*a + b)')
    >>> Expression("2x(y + 1)", implicit=True)(x=3, y=4).value
    30.0
    """

    def __init__(self, text: str, limits: Limits = DEFAULT_LIMITS, *, implicit: bool = False) -> None:
        if implicit:
            limits = limits._replace(implicit=True)
        self._set(read(text, limits), limits)

    def _set(self, script: Script, limits: Limits) -> None:
        self.text = script.text
        self.script = script
        self.outputs = script.outputs
        self._limits = limits
        self.variables = tuple(input_names(script, ())[0])

    @classmethod
    def of_script(cls, script: Script, limits: Limits = DEFAULT_LIMITS) -> "Expression":
        """Return the expression of a script that is parsed already.

        >>> Expression.of_script(Expression("x*y").script)
        Expression('x*y')
        """
        expression = cls.__new__(cls)
        expression._set(script, limits)
        return expression

    def output(self, name: str) -> "Expression":
        """Return one of the outputs as an expression of its own, of the same variables.

        Methods that take a single output can be called on it.

        Raises: BindingError for a name that is no output.

        >>> f = Expression("a = r*cos(t); b = r*sin(t); a, b, hypot(a, b)")
        >>> f.output("b")
        Expression('b = r*sin(t)')
        >>> f.output("f3").diff("t")
        Expression('0')
        """
        from mgrad_cli.language.selection import output_index, output_text

        index = output_index(self.script, name)
        if len(self.outputs) == 1:
            return self
        return restored(output_text(self.script, index), self.variables, self._limits)

    def __call__(self, /, *values: Mapping[str, Any], **named: Any) -> Evaluation:
        """Return the value and every partial derivative at a point.

        Give the values of the variables by name, or in a mapping where a name is none that Python can spell. The
        result has `value`, `grads` by variable, `nodes` in the order of evaluation, and `findings`, which say where
        what is not finite comes from. Of several outputs it has `outputs` and `jacobian`, by name.

        Raises: BindingError for a variable without a value, a value without a variable, or one that is not a number.

        >>> result = Expression("x**2 + 1")(x=3)
        >>> result.value, result.grads, [node.data for node in result.nodes]
        (10.0, {'x': 6.0}, [3.0, 2.0, 9.0, 1.0, 10.0])
        """
        return Evaluation(self.script, self.variables, self._point(values, named), explain=False)

    def evaluate(
        self,
        point: Mapping[str, float],
        wrt: Sequence[str] = (),
        with_nodes: bool = False,
        with_hints: bool = False,
        with_digits: bool = False,
        order: int = 1,
        vector: Mapping[str, float] | None = None,
    ) -> Evaluation:
        """Return the value and the partial derivatives at a point, as a call does.

        `wrt` restricts the derivatives to these variables. `with_nodes` computes the nodes at once, where a call
        computes them when they are asked for. `with_hints` adds limits to the findings where they say more, and
        `with_digits` estimates how many digits are right. With `order=2` the `result` has the `hessian`, and with a
        `vector` the product `hvp`.

        Raises: BindingError as a call does, and for a name in `wrt` or `vector` that is not a variable; UsageError for
        another order.

        >>> Expression("x*y").evaluate({"x": 2, "y": 3}, wrt=["y"]).grads
        {'y': 2.0}
        """
        check_mapping("the point", point)
        variables = () if wrt else self.variables
        return Evaluation(
            self.script, variables, point, wrt, with_nodes, with_hints, with_digits, order=order, vector=vector
        )

    def jacobian(self, /, *values: Mapping[str, Any], **named: Any) -> dict[str, dict[str, float]]:
        """Return the partial derivatives of every output at a point: by output, then by variable.

        Give the values as for a call, whose result has the same as `jacobian`, beside the values of the `outputs`.

        Raises: BindingError as a call does; LimitError for more than four million entries.

        >>> Expression("u = x*y; u, x + y").jacobian(x=2, y=3)
        {'u': {'x': 3.0, 'y': 2.0}, 'f2': {'x': 1.0, 'y': 1.0}}
        """
        return self(*values, **named).jacobian

    def value(self, /, *values: Mapping[str, Any], **named: Any) -> float:
        """Return the value at a point, a double, without any derivative.

        Give the values as for a call. Raises: BindingError as a call does; UsageError if there are several outputs.

        >>> Expression("x**2*y").value(x=2, y=3)
        12.0
        """
        self._check_one_output("value")
        return evaluate(self.script, self._point(values, named)).output.data

    def gradient(self, /, *values: Mapping[str, Any], **named: Any) -> dict[str, float]:
        """Return the partial derivatives at a point by variable, the `grads` of a call.

        Give the values as for a call. Raises: BindingError as a call does; UsageError if there are several outputs.

        >>> Expression("x**2*y").gradient(x=2, y=3)
        {'x': 12.0, 'y': 4.0}
        """
        self._check_one_output("gradient")
        return self(*values, **named).grads

    def hessian(self, /, *values: Mapping[str, Any], **named: Any) -> "Hessian":
        """Return the second partial derivatives at a point, by the names of two variables.

        Give the values as for a call. The result is a mapping of rows, `h["x"]["y"]`, symmetric to the last bit.
        `h.matrix` is the same as a NumPy array of doubles of shape (n, n), in the order of the n `variables`.

        Each pair of variables is computed once, by forward mode over reverse mode, and pairs that no operation couples
        cost nothing. At an edge where the order of differentiation matters, the variable that appears first comes
        first.

        Raises: BindingError as a call does; UsageError if there are several outputs; LimitError for more than two
        million operations.

        >>> h = Expression("x**2*y").hessian(x=2, y=3)
        >>> h["x"]["y"], h.matrix.tolist()
        (4.0, [[6.0, 4.0], [4.0, 0.0]])
        """
        self._check_one_output("hessian")
        return next(iter(self.hessians(*values, **named).values()))

    def hessians(self, /, *values: Mapping[str, Any], **named: Any) -> "dict[str, Hessian]":
        """Return the Hessian of every output at a point by its name, each as `hessian` returns it.

        Raises: BindingError as a call does; LimitError for more than two million operations.

        >>> Expression("u = x*y; u, x**2").hessians(x=2, y=3)["u"]
        Hessian({'x': {'x': 0.0, 'y': 1.0}, 'y': {'x': 1.0, 'y': 0.0}})
        """
        from mgrad_cli.evaluation.second_order import hessians

        point = input_values(self.script, self._point(values, named))
        present = [name for name in self.variables if name in point]
        found = hessians(self.script, point, present)
        return {name: each.among(self.variables) for name, each in zip(self.script.outputs, found, strict=True)}

    def hvp(self, vector: Mapping[str, float], /, *values: Mapping[str, Any], **named: Any) -> dict[str, float]:
        """Return the product of the Hessian at a point and a vector, by variable, without the matrix.

        The vector has a number for some variables; the others are 0. Give the values as for a call. It takes about
        twice the time of the gradient, however many variables there are.

        Raises: BindingError as a call does, and for a name in the vector that is not a variable; UsageError if there
        are several outputs.

        >>> Expression("x**2*y").hvp({"x": 1}, x=2, y=3)
        {'x': 6.0, 'y': 4.0}
        """
        from mgrad_cli.evaluation.second_order import products

        self._check_one_output("hvp")
        check_mapping("the vector", vector)
        check_wrt(tuple(vector), self.variables)
        point = input_values(self.script, self._point(values, named))
        present = [name for name in self.variables if name in point]
        moving = {name: number_of(name, component) for name, component in vector.items() if name in point}
        return dict.fromkeys(self.variables, 0.0) | products(self.script, point, present, moving)[0]

    def certify(self, /, *values: Mapping[str, Any], **named: Any) -> "Certified":
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
        from mgrad_cli.exact.figures import Certified, require_flint

        require_flint("certify")
        from mgrad_cli.exact.certifying import certified

        point = self._point(values, named)
        proven = certified(self.script, point)
        return Certified(proven.value, dict.fromkeys(self.variables, 0.0) | proven.grads, proven.bits)

    def diff(self, *variables: str) -> "Expression":
        """Return the derivative with respect to a variable, as an expression of the same variables.

        Several names differentiate with respect to one after the other. An expression of one variable needs no name.

        Raises: BindingError for a name that is not a variable, or no name where there are several variables;
        ExpressionError for several outputs; LimitError for a derivative of more than a million terms.

        >>> Expression("x**2*sin(x)").diff()
        Expression('2*x*sin(x) + x**2*cos(x)')
        >>> Expression("x**2*y").diff("x", "x")
        Expression('2*y')
        """
        from mgrad_cli.program.budget import Budget

        check_one_output(self.script, "diff")
        if not variables and len(self.variables) > 1:
            raise BindingError(f"name the variable to differentiate by; there are {', '.join(self.variables)}")
        derivative = self
        for name in variables or self.variables or (None,):
            wrt = None if name is None else [name]
            budget = Budget()
            formulas = derivative.derivatives(wrt, inputs=self.variables, budget=budget)
            formulas.measure(budget)
            text = "; ".join(formulas.program(0))
            derivative = restored(text, self.variables, self._limits)
        return derivative

    def derivatives(
        self,
        wrt: Sequence[str] | None = None,
        order: int = 1,
        values: Mapping[str, float] | None = None,
        is_exact: bool = False,
        inputs: Sequence[str] | None = None,
        budget: "Budget | None" = None,
        with_first: bool = False,
        with_accuracy: bool = False,
    ) -> "Formulas":
        """Return the derivatives of an order as formulas, which `mgrad diff` writes.

        wrt         the variables to differentiate by; by default all that have no value
        values      the variables that are replaced by numbers
        is_exact    whether the formulas are those that `eval` computes, without simplification
        inputs      the variables of the formulas; by default those that appear
        budget      the most terms to build; by default there is no limit
        with_first  whether the derivatives of the first order precede those of a higher one
        with_accuracy   whether to find out which formulas keep the digits that `eval` keeps

        Raises: BindingError for a name in `wrt` that is not a variable or has a value, or if no variable is left;
        LimitError if the budget is used up.

        >>> Expression("x*y").derivatives(["x"]).program(0)
        ['y']
        """
        from mgrad_cli.library.derivation import formulas_of

        return formulas_of(self.script, wrt, order, values, is_exact, inputs, budget, with_first, with_accuracy)

    def rule_steps(self, wrt: str) -> "RuleSteps":
        """Return the rules that lead to the derivative by a variable, one by one, with their results.

        Raises: UsageError if there are several outputs; BindingError if `wrt` is not a variable; LimitError if there
        are too many steps.

        >>> [step.rule.name for step in Expression("x**2*sin(3*x)").rule_steps("x").steps]
        ['power rule', 'constant multiple', 'chain rule', 'product rule']
        """
        from mgrad_cli.library.teaching import rule_steps

        check_one_output(self.script, "rule_steps")
        if wrt not in self.variables:
            raise BindingError(f"no variable '{wrt}' in the expression{nearest(wrt, self.variables)}")
        return rule_steps(self.script, self.variables, wrt)

    def latex(self) -> str:
        r"""Return the formula in LaTeX; of several statements, an `aligned` environment with an equation for each.

        >>> print(Expression("sqrt(x)/y").latex())
        \frac{\sqrt{x}}{y}
        """
        from mgrad_cli.library.equations import equations

        return equations(self.script, self._limits)

    def code(self, language: str = "python", order: int = 1) -> str:
        r"""Return the source of a function of the value and the gradient: in `python`, `numpy`, `c` or `js`.

        With `order=2` the function returns the Hessian too, with a higher order all derivatives of that order. `latex`
        gives the equations.

        Raises: UsageError for another language, or an order that is not a positive number.

        >>> print(Expression("x*y").code("latex"))
        f\left(x, y\right) = x \, y
        \frac{\partial f}{\partial x} = y
        \frac{\partial f}{\partial y} = x
        <BLANKLINE>
        """
        from mgrad_cli.program.budget import Budget
        from mgrad_cli.renderers import View
        from mgrad_cli.renderers.formulas import CODE_FORMATS

        if language not in CODE_FORMATS:
            raise UsageError(f"no language '{language}'; there are {', '.join(CODE_FORMATS)}")
        if order < 1:
            raise UsageError(f"the order of derivatives is at least 1, not {order}")
        is_exact = language != "latex"
        formulas = self.derivatives(self.variables, order, None, is_exact, self.variables, Budget(), with_first=True)
        return "".join(CODE_FORMATS[language](formulas, View()))

    def explain(self, /, *values: Mapping[str, Any], **named: Any) -> "Explanation":
        """Return the chain rule at work at a point, step by step, as text and as Markdown.

        Values are given as in a call. Raises: BindingError as a call does.

        >>> print(Expression("a*b").explain(a=2, b=3))  # doctest: +ELLIPSIS
        Forward, each node is computed from its operands...
        """
        from mgrad_cli.evaluation.tape import record
        from mgrad_cli.library.display import Explanation

        return Explanation(self.script, record(self.script, self._point(values, named)))

    def graph(self, /, *values: Mapping[str, Any], **named: Any) -> "GraphDrawing":
        """Return the graph of the computation at a point, with `tree`, `dot`, `mermaid`, `svg`, `png` and `html`.

        Values are given as in a call. Raises: BindingError as a call does.

        >>> print(Expression("a*b").graph(a=2, b=3))
                 local  data  grad
        L = a*b            6     1
        ├─ a        ×3     2     3
        └─ b        ×2     3     2
        local: derivative of the node above by this one; grad: derivative of the output
        """
        from mgrad_cli.evaluation.tape import record
        from mgrad_cli.library.display import GraphDrawing

        return GraphDrawing(record(self.script, self._point(values, named)))

    def propagate(
        self,
        values: Mapping[str, Any],
        corr: Mapping[Any, float] | None = None,
        cov: Mapping[str, Mapping[str, float]] | None = None,
        coverage: float | None = None,
        second_order: bool = False,
        monte_carlo: int | None = None,
        seed: int = 0,
        distributions: Mapping[str, str] | None = None,
    ) -> "Propagation":
        """Return the outputs with their standard uncertainties, from those of the variables.

        values          each variable's value and uncertainty, as (1.2, 0.002) or "1.2±0.002", or an exact number
        corr            correlation coefficients by pairs of names: {("a", "b"): 0.3} or {"a,b": 0.3}
        cov             a covariance matrix by names, in products of their units; its diagonal gives uncertainties
        coverage        the factor k of the expanded uncertainty k*u
        second_order    whether to add the mean and the uncertainty in second order
        monte_carlo     the number of draws of a simulation, repeatable by `seed`
        distributions   those of variables that are not "normal" in it: "uniform", "triangular" or "arcsine"

        The result has `value`, `standard`, `budget` and `expanded` of the first output, `outputs` for all, and their
        `covariance` and `correlation` matrices. Formulas are those of JCGM 100:2008 (5.1.2, 5.2.2), 101 and 102.

        Raises: BindingError for a value that cannot be read, and as a call does; UsageError for an unknown name in
        `corr`, for correlations that cannot hold together, and for an unknown distribution.

        >>> g = Expression("4*pi**2*L/T**2").propagate({"L": (1.2, 0.002), "T": "2.198±0.004"})
        >>> print(g)
        f = 9.806 ± 0.039
        >>> [(line.name, round(line.share, 3)) for line in g.budget]
        [('L', 0.173), ('T', 0.827)]
        """
        from mgrad_cli.library.propagation import propagation_of

        check_mapping("what is propagated", values)
        lost = {*self.variables} - {*self.script.names}
        values = {name: value for name, value in values.items() if name not in lost}
        return propagation_of(self.script, values, corr, cov, coverage, second_order, monte_carlo, seed, distributions)

    def check(
        self,
        /,
        *values: Mapping[str, Any],
        tolerance: float | None = None,
        on_progress: Callable[[], None] = lambda: None,
        order: int = 1,
        **named: Any,
    ) -> "list[Check]":
        """Return every partial derivative at a point compared with a numerical one.

        Values are given as in a call. `tolerance` is the largest relative difference that passes, 1e-6 by default.
        `on_progress` is called after each variable. With `order=2` the second derivatives are compared with differences
        of the gradient.

        Raises: BindingError as a call does; UsageError for another order, or a tolerance that is not positive;
        LimitError where it takes too long.

        >>> [check.verdict for check in Expression("x*tanh(y)").check(x=2, y=0.5)]
        ['pass', 'pass']
        """
        evaluation = Evaluation(self.script, self.variables, self._point(values, named), explain=False, order=order)
        return evaluation.check(tolerance, on_progress)

    def solve(
        self,
        starts: "Mapping[str, float | tuple[float, float]]",
        /,
        *values: Mapping[str, Any],
        slope: bool = False,
        certify: bool = False,
        **named: Any,
    ) -> "Solution":
        """Return a point where the expression is zero, and how it moves with the other variables.

        `starts` has a number for each unknown, where the search starts, or for a single unknown the two ends of a
        bracket between which the sign changes. The values of the other variables are given as in a call. There are as
        many unknowns as outputs; an output may be an equation, as in `x**3 == 5`. With `slope`, the point is one where
        the gradient by the unknowns is zero. With `certify`, the root is proven to exist and to be the only one in a
        box, and its figures are the doubles nearest to the true ones.

        The result has `root` by unknown, in its units; `derivatives[unknown][parameter]`, exact by the implicit
        function theorem (dx/dp = -F_x^-1 F_p), and nan at a multiple root; and the fields of `Solution`.

        Raises: NoRootError, with the point where the expression is smallest; UsageError if there are not as many
        outputs as unknowns; BindingError as a call does; MissingExtraError without SciPy, or with `certify` without
        python-flint; UndecidedError for a root that cannot be proven.

        >>> found = Expression("x**3 - p*x - q").solve({"x": 2}, p=2, q=5)
        >>> found.root, found.derivatives["x"]["q"]
        ({'x': 2.0945514815423265}, 0.0895941924781195)
        """
        from mgrad_cli.library.solving import solved

        return solved(self.script, starts, self._point(values, named), slope, certify)

    def taylor(
        self,
        /,
        *values: Mapping[str, Any],
        around: Sequence[str] | Mapping[str, Any] | None = None,
        order: int = 6,
        certify: bool = False,
        **named: Any,
    ) -> "TaylorPolynomial":
        """Return the Taylor polynomial around a point, of the total degree `order`.

        Values are given as in a call. `around` names the variables of the polynomial, or maps them to the point; by
        default they are all that have a value. The others are parameters. Quotients that are 0/0 at the point are
        expanded as their limits.

        With python-flint each coefficient is the double nearest to the true one. Without it, functions have at the
        point the values that they have in doubles, which `certify` excludes.

        Source: for y = f(x), the coefficients follow from y' = f'(x)*x' (Griewank and Walther, Evaluating Derivatives,
        2nd edition 2008, chapter 13).

        Raises: SeriesError where there is no power series, as for sqrt(x) at 0; BindingError as a call does, and for
        a name in `around` that is not a variable; UsageError for an order that is not a whole number from 0; LimitError
        for too many coefficients; with `certify` MissingExtraError and UndecidedError.

        >>> Expression("sin(x)/x").taylor(x=0, order=4)
        TaylorPolynomial('1 - x**2/6 + x**4/120')
        >>> Expression("exp(a*x*y)").taylor(around={"x": 0, "y": 1}, a=2, order=2).coefficients[1, 1]
        2.0
        """
        from mgrad_cli.analysis.taylor import taylor
        from mgrad_cli.library.taylor import TaylorPolynomial

        names = None if around is None else [around] if isinstance(around, str) else list(around)
        if isinstance(around, Mapping):
            values = (*values, around) if not values else (dict(*values) | dict(around),)
        return TaylorPolynomial(taylor(self.script, self._point(values, named), names, order, certify))

    def minimize(
        self,
        starts: Mapping[str, Any] | None = None,
        /,
        *values: Mapping[str, Any],
        bounds: Mapping[str, tuple[float | None, float | None]] | None = None,
        maximize: bool = False,
        max_iterations: int | None = None,
        **named: Any,
    ) -> "Extremum":
        """Return a minimum over some variables, found from a start with exact gradients and Hessians.

        starts          the start of each variable to minimize over
        bounds          a lowest and a highest value of some of the variables, infinite or `None` if open
        maximize        whether a maximum is sought
        max_iterations  the most iterations; by default 10,000

        The values of the other variables, the parameters, are given as in a call. Without `starts`, `f.minimize(x=1)`
        minimizes over all variables that have a value.

        Without bounds, a trust region with the exact Hessian is used (Moré and Sorensen, SIAM J. Sci. Stat. Comput. 4,
        1983; SciPy's `trust-exact`, and `trust-krylov` for many variables); with bounds L-BFGS-B (Byrd, Lu, Nocedal and
        Zhu, SIAM J. Sci. Comput. 16, 1995), and the trust region over the variables that are not at a bound. The result
        says what the point is, in `kind`, and how it moves with the parameters, in `value_by` (the envelope theorem)
        and `point_by` (the implicit function theorem). `is_found` says whether it is a minimum.

        Raises: BindingError for a variable without a value, or a value without a variable; UsageError for a bound that
        excludes the start; MissingExtraError without SciPy.

        >>> found = Expression("(a - x)**2 + b*(y - x**2)**2").minimize({"x": -1, "y": 1}, a=1, b=100)
        >>> found.kind, found.value, found.point
        ('minimum', 0.0, {'x': 1.0, 'y': 1.0})
        >>> found.point_by["y"]["a"]
        2.0
        >>> Expression("x*exp(-x)").minimize(x=3, maximize=True).point
        {'x': 1.0}
        """
        from mgrad_cli.analysis.minima import MAX_ITERATIONS, minimize_script
        from mgrad_cli.library.bounds import bound_pairs

        point = self._point(values, named)
        if starts is None:
            starts, point = point, {}
        point = self._point((starts,), point)
        return minimize_script(
            self.script, list(starts), point, bound_pairs(bounds), maximize, max_iterations or MAX_ITERATIONS
        )

    def compile(self, wrt: Sequence[str] | None = None, kernel: str = "auto") -> "Compiled":
        """Return the value and the partial derivatives as a function of arrays or tables, as `compile` does.

        >>> gradient = Expression("x*y").compile(wrt=["x"])
        >>> gradient(x=[1, 2, 3], y=2).value.tolist()
        [2.0, 4.0, 6.0]
        """
        from mgrad_cli.kernels.compiled import compile_script

        return compile_script(self.script, wrt, kernel, self.variables)

    def fit(
        self,
        data: Any,
        y: str,
        params: Mapping[str, float] | Sequence[str],
        *,
        values: Mapping[str, float] | None = None,
        columns: Mapping[str, str] | None = None,
        sigma: Any = None,
        absolute_sigma: bool = False,
        fix: Collection[str] = (),
        bounds: Mapping[str, tuple[float | None, float | None]] | None = None,
        log_y: bool = False,
        loss: str = "linear",
        loss_scale: float = 1.0,
        certify: bool = False,
        skip_missing: bool = False,
    ) -> "Fit":
        """Fit the formula to data by nonlinear least squares, with exact derivatives, and return the frozen result.

        data            columns of n numbers: a mapping of arrays, or a table of pyarrow, pandas or polars
        y               what the formula describes: a column, or an expression of columns
        params          the parameters and their starts; from a list of names they start at 1
        values          numbers for other variables
        columns         the columns of variables whose column has another name
        sigma           standard deviations of the rows: a column, a number, an expression of columns, or an array
        absolute_sigma  whether standard errors rest on sigma alone; else sigma gives weights, and the residuals scale
                        them, as in SciPy's `curve_fit`, gnuplot and Origin by default
        fix             parameters to hold at their start
        bounds          the lower and the upper bound of parameters; infinite or `None` if open
        log_y           whether the formula describes the natural logarithm of `y`
        loss            `linear` for squares, or `soft_l1`, `huber`, `cauchy`, `arctan`, by which outliers count less
        loss_scale      the residual from which on they do, in units of sigma
        certify         whether to prove the result in ball arithmetic; decimals are then taken as written
        skip_missing    whether rows without a finite number are left out; otherwise they are an error

        Estimates have the unit of the parameter, the residual deviation that of `y`. Minimizer: MINPACK's
        Levenberg-Marquardt (Moré 1978) or a trust region within bounds, then Newton steps. Covariance: that of the
        linear model at the minimum, s**2 (J^T J)^-1 (Seber and Wild, Nonlinear Regression, 2.1).

        Raises: BindingError and UsageError for names and options that do not fit together; InputError for data that
        are missing or too few; UndeterminedError for parameters that the data do not determine, or a search without
        end; UndecidedError for a proof that fails; MissingExtraError without SciPy, or to certify without python-flint.

        >>> data = {"t": [0, 1, 2, 3, 4], "n": [1012, 601, 372, 215, 139]}
        >>> decay = Expression("n0*exp(-t/tau)").fit(data, y="n", params={"n0": 1000, "tau": 2})
        >>> decay
        <Fit of 5 rows: n0=1009.68, tau=1.97096>
        >>> round(decay.errors["tau"], 3), decay.dof
        (0.026, 3)
        """
        from mgrad_cli.analysis.fit_problem import FitOptions
        from mgrad_cli.analysis.fit_table import FitTable
        from mgrad_cli.library.fits import fitted

        options = FitOptions(loss=loss, loss_scale=loss_scale, is_absolute=absolute_sigma, certify=certify)
        table = FitTable(data, columns or {}, skip_missing)
        response = (y, log_y, sigma)
        return fitted(self.script, table, response, params, values or {}, fix, bounds, options)

    def _check_one_output(self, method: str) -> None:
        """Raise UsageError if there are several outputs."""
        count = len(self.script.outputs)
        if count > 1:
            meant = {"value": "call it for its 'outputs'", "gradient": "use jacobian()", "hessian": "use hessians()"}
            advice = f"; {meant[method]}" if method in meant else ""
            raise UsageError(f"{method}() takes one output, and the expression has {count}{advice}")

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
        lost = {*self.variables} - {*self.script.names}
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
        return restored, (self.text, self.variables, self._limits)


def restored(text: str, variables: tuple[str, ...], limits: Limits) -> Expression:
    """Return the expression of a text with these variables."""
    expression = Expression(text, limits)
    expression.variables = variables
    return expression
