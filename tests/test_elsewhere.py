"""What other systems spell otherwise: modules, functions and constants are refused with a spelling that means the same."""

import math
import re
import unicodedata

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mgrad_cli.errors import BindingError, ExpressionError
from mgrad_cli.evaluation.gradients import differentiate
from mgrad_cli.evaluation.value_text import parse_value
from mgrad_cli.language.lowering import read
from mgrad_cli.language.words import REQUESTS
from mgrad_cli.operations import TABLE, other_functions, other_systems, rows
from mgrad_cli.repl.definitions import Session
from mgrad_cli.repl.statements import Typed

SPELLINGS = sorted(
    {
        *other_functions.FUNCTIONS.values(),
        *other_functions.MODULE_FUNCTIONS.values(),
        *other_functions.OTHER_COUNTS.values(),
    }
    | {spelled for meanings in other_functions.AMBIGUOUS.values() for spelled, _ in meanings}
)


def message(text: str) -> str:
    with pytest.raises(ExpressionError) as caught:
        read(text)
    return caught.value.message


def value(text: str, **bindings: float) -> float:
    result = differentiate(read(text), bindings)
    return math.nan if result.value is None else result.value


@pytest.mark.parametrize(
    "module", ["np", "numpy", "math", "torch", "jnp", "tf", "Math", "sp", "scipy.special", "tf.math"]
)
@pytest.mark.parametrize("call", ["log(x)", "log(x, 2)", "maximum(x, y)", "leaky_relu(x)", "tanh(x)", "sin(x, y, z)"])
def test_a_module_before_a_function_is_refused_whatever_the_number_of_arguments(module: str, call: str) -> None:
    name = call.partition("(")[0]
    want = f"functions have no prefix here; write {name}(...) without '{module}.'"
    assert message(f"{module}.{call}") == want
    assert message(f"2 + y*({module} . {call})**2") == want
    assert message(f"a = {module}.{call}; a") == want


def test_a_module_without_arguments_tells_both_spellings() -> None:
    assert message("np.log()") == (
        "functions have no prefix here; write log(...) without 'np.'; with a variable 'np', write log(np)"
    )


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("np = 2; np.log(8)", 1 / 3),
        ("math = x*2; math.exp()", math.exp(6)),
        ("log(np, x)", math.log(2) / math.log(3)),
        ("log(np) + np*2", math.log(2) + 4),
        ("x.log(np)", math.log2(3)),
        ("F.log(x)", math.log(5, 3)),
        ("F.tanh() + F.elu()", math.tanh(5) + 5),
    ],
)
def test_a_variable_with_the_name_of_a_module_stays_one(text: str, want: float) -> None:
    given = {
        name: number for name, number in {"np": 2.0, "x": 3.0, "F": 5.0}.items() if re.search(rf"\b{name}\b", text)
    }
    if text.startswith("np ="):
        given = {}
    assert math.isclose(value(text, **given), want)


def test_a_variable_of_the_session_with_the_name_of_a_module_stays_one() -> None:
    session = Session()
    with pytest.raises(ExpressionError, match="functions have no prefix"):
        session.statements("np.log(8)")
    session.set("np", 2)
    (typed,) = session.statements("np.log(8)")
    assert isinstance(typed, Typed)
    assert session.composed(typed).missing == []


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("np.pi*x", "constants have no prefix here; write pi"),
        ("Math.PI", "constants have no prefix here; write pi"),
        ("2*math.inf", "constants have no prefix here; write inf"),
        ("np.linalg.norm(x)", "'np.linalg.norm' is written hypot(x, y)"),
        ("math.remainder(a, b)", "'math.remainder' is written a - b*round(a/b)"),
        ("np.remainder(a, b)", "'np.remainder' is written mod(a, b)"),
        ("Math.round(x)", "'Math.round' is written floor(x + 0.5)"),
        ("np.vvvkkk(x)", "unknown function 'np.vvvkkk'"),
        ("np.foo.bar", "unknown name 'np.foo.bar'"),
        (
            "x.real",
            "'.real' is not a function; a dot must be followed by a call, as in x.sin(), and a name with a dot is written `x.real`",
        ),
        ("NaNMath.log(x)", "functions have no prefix here; write log(...) without 'NaNMath.'"),
        ("lax.rsqrt(x)", "'lax.rsqrt' is written 1/sqrt(x)"),
        ("HYPGEOM.DIST(a, b)", "unknown function 'HYPGEOM.DIST'"),
        ("STDEV.P(a)", "unknown function 'STDEV.P'"),
        ("CONFIDENCE.NORM(a, b, c)", "unknown function 'CONFIDENCE.NORM'"),
        ("x.sin", "expected '(' after '.sin'; write .sin()"),
        ("F.elu(x)", "functions have no prefix here; write elu(...) without 'F.'"),
        (
            "F.relu(x)",
            "relu takes relu(x), not 2 arguments; F.relu(...) is relu(F, ...), and functions of a module have no prefix here",
        ),
    ],
)
def test_names_of_modules(text: str, want: str) -> None:
    assert message(text) == want


@pytest.mark.parametrize("spelled", SPELLINGS)
def test_every_spelling_that_is_offered_is_one_of_the_language(spelled: str) -> None:
    read(spelled)


@pytest.mark.parametrize("text", sorted({*other_systems.NAMED_CONSTANTS.values()}))
def test_every_constant_that_is_offered_has_a_value(text: str) -> None:
    parse_value(text)


@pytest.mark.parametrize("name", sorted(other_systems.NAMED_CONSTANTS))
def test_a_constant_of_elsewhere_without_a_value_is_told(name: str) -> None:
    with pytest.raises(BindingError, match=r"; '.*' is written |; did you mean the constant "):
        differentiate(read(f"2*{name}"), {})
    assert value(f"2*{name}", **{unicodedata.normalize("NFC", name): 3}) == 6


NUMBERS = st.floats(-50, 50).filter(lambda x: abs(x) > 1e-3)


@given(NUMBERS, NUMBERS)
def test_spellings_of_remainders_mean_what_their_names_mean(a: float, b: float) -> None:
    for name, reference in (("fmod", math.fmod), ("math.remainder", math.remainder)):
        spelled = other_functions.FUNCTIONS.get(name) or other_functions.MODULE_FUNCTIONS[name]
        difference = value(spelled, a=a, b=b) - reference(a, b)
        turns = difference / b  # where a/b rounds to a whole number or a half, a whole turn apart
        assert math.isclose(turns, round(turns), abs_tol=1e-9)
        if not math.isclose(2 * a / b, round(2 * a / b), abs_tol=1e-9):
            assert abs(turns) < 1e-9


x, a, b, n, k = (mpmath.mpf(each) for each in (0.3, 2.5, 0.75, 5.0, 2.0))
MEANINGS = {
    "abs2": x**2,
    "cloglog": mpmath.log(-mpmath.log(1 - x)),
    "cosine": mpmath.cos(x),
    "cube": x**3,
    "entr": -x * mpmath.log(x),
    "errorf": (1 + mpmath.erf(x / mpmath.sqrt(2))) / 2,
    "exprel": (mpmath.exp(x) - 1) / x,
    "falling_factorial": mpmath.ff(x, n),
    "gamma_incomplete": mpmath.gammainc(a, x),
    "hard_sigmoid": (x + 3) / 6,
    "hardswish": x * (x + 3) / 6,
    "inv_cloglog": 1 - mpmath.exp(-mpmath.exp(x)),
    "inv_logit": 1 / (1 + mpmath.exp(-x)),
    "inv_sqrt": 1 / mpmath.sqrt(x),
    "lchoose": mpmath.log(mpmath.binomial(n, k)),
    "lfactorial": mpmath.log(mpmath.factorial(x)),
    "log1m": mpmath.log(1 - x),
    "log1m_inv_logit": -mpmath.log(1 + mpmath.exp(x)),
    "log1p_exp": mpmath.log(1 + mpmath.exp(x)),
    "log_diff_exp": mpmath.log(mpmath.exp(a) - mpmath.exp(b)),
    "log_inv_logit": -mpmath.log(1 + mpmath.exp(-x)),
    "log_ndtr": mpmath.log(mpmath.ncdf(x)),
    "logaddexp2": mpmath.log(2**a + 2**b, 2),
    "logcosh": mpmath.log(mpmath.cosh(x)),
    "logexpm1": mpmath.log(mpmath.exp(x) - 1),
    "mix": a + (b - a) * 0.25,
    "mod2pi": x,
    "multiply_log": a * mpmath.log(b),
    "pwrs": a**b,
    "qlogis": mpmath.log(x / (1 - x)),
    "rel_entr": a * mpmath.log(a / b),
    "rising_factorial": mpmath.rf(x, n),
    "selu": mpmath.mpf("1.0507009873554804934193349852946") * x,
    "tanhshrink": x - mpmath.tanh(x),
    "trigamma": mpmath.psi(1, x),
    "xlogx": x * mpmath.log(x),
}


@pytest.mark.parametrize("name", MEANINGS)
def test_what_is_written_for_a_function_of_elsewhere_has_its_value(name: str) -> None:
    script = read(other_functions.FUNCTIONS[name])
    given = {"x": x, "a": a, "b": b, "n": n, "k": k, "t": 0.25}
    found = differentiate(script, {each: float(given[each]) for each in script.names if each in given}).value
    assert found == pytest.approx(float(MEANINGS[name]), rel=1e-14)


def test_the_logarithm_of_one_minus_an_exponential_has_its_value() -> None:
    for name in ("log1mexp", "log1m_exp"):
        assert value(other_functions.FUNCTIONS[name], x=-0.3) == pytest.approx(math.log(1 - math.exp(-0.3)), rel=1e-14)


@pytest.mark.parametrize(
    "name",
    ["coeffs", "concat", "delta", "exprel2", "flipsign", "inverse_erf", "list", "logsig", "matrix", "sparse", "string"],
)
def test_a_function_with_another_meaning_is_not_suggested(name: str) -> None:
    assert message(f"{name}(x, y)") == f"unknown function '{name}'"


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("tahn", "tanh"),
        ("sni", "sin"),
        ("sun", "sin"),
        ("sigmod", "sigmoid"),
        ("SoftPlus", "softplus"),
        ("LOG_GAMMA", "loggamma"),
        ("erf_inv", "erfinv"),
        ("ctanh", "cotanh"),
    ],
)
def test_a_misspelt_function_is_suggested(name: str, meant: str) -> None:
    assert message(f"{name}(x)") == f"unknown function '{name}'; did you mean '{meant}'?"


@pytest.mark.parametrize("name", sorted(other_functions.UNSUPPORTED - set(TABLE)))
def test_a_function_that_the_language_lacks_is_not_taken_for_a_misspelt_one(name: str) -> None:
    request = f"; {REQUESTS[name]}" if name in REQUESTS else ""
    assert message(f"{name}(x, y)") == f"unknown function '{name}'{request}"


def test_functions_that_serve_others_and_operators_are_never_suggested() -> None:
    hidden = [row.name for group in rows().values() for row in group if not row.is_typed]
    assert "leg_slope" in hidden
    for name in hidden:
        for text in (f"{name[:-1]}(qq)", f"{name}s(qq)", f"{name.title()}(qq)"):
            assert f"'{name}'" not in message(text)


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("x(x+1)", "'x' is not a function; for a product write x*(x+1)"),
        ("2*a(b)", "'a' is not a function; for a product write a*(b)"),
        ("rate = 2; rate(t - 1)", "'rate' is not a function; for a product write rate*(t - 1)"),
        ("width(a + b) + width", "'width' is not a function; for a product write width*(a + b)"),
        ("pi(r + 1)", "'pi' is not a function; for a product write pi*(r + 1)"),
        ("σ(x)", "'σ' is not a function; for a product write σ*(x)"),
        ("tahn(x)", "unknown function 'tahn'; did you mean 'tanh'?"),
        ("PI()", "unknown function 'PI'; the constant is written pi"),
        ("pi()", "unknown function 'pi'; the constant is written pi"),
        ("ATAN2(x, y)", "unknown function 'ATAN2'; write atan2(y, x) (y comes first here)"),
        ("atan(y, x)", "atan takes atan(x), not 2 arguments; write atan2(y, x)"),
        ("AND(a, b)", "unknown function 'AND'; write a and b"),
    ],
)
def test_calls_of_what_is_no_function(text: str, want: str) -> None:
    assert message(text) == want


@pytest.mark.parametrize(
    "text",
    [
        "(numpy).softplus()", "`numpy`.softplus()", "((numpy)).softplus()", "( numpy ).softplus()",
        "softplus((numpy))", "1*(numpy).softplus()", "h0(x, y) = (x).softplus() + 0*y; (numpy).h0(numpy)",
    ],
)  # fmt: skip
def test_a_name_in_parentheses_or_backquotes_is_no_module(text: str) -> None:
    want = differentiate(read("softplus(x)"), {"x": 3.0})
    found = differentiate(read(text), {"numpy": 3.0})
    assert (found.value, found.grads) == (want.value, {"numpy": (want.grads or {})["x"]})
