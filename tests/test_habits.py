"""What people type from habit: read as what it shows, or refused with a spelling that means the same."""

import math
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mgrad_cli.errors import ExpressionError
from mgrad_cli.evaluation.graph import parse_value
from mgrad_cli.language.characters import READ_AS
from mgrad_cli.language.lowering import read
from mgrad_cli.language.parser import parse
from mgrad_cli.language.printing import unparse
from tests.conftest import Run


def message(text: str) -> str:
    with pytest.raises(ExpressionError) as caught:
        read(text)
    return caught.value.message


READ = {
    "a − b": "a - b",
    "−x": "-x",
    "a×b": "a*b",
    "a·b⋅c": "a*b*c",
    "a÷b": "a/b",
    "1E−5*x": "1e-5*x",
    "2.5e−3": "2.5e-3",
    "6.02×10²³": "6.02*10**23",
    "1.6×10^−19": "1.6*10**-19",
    "x²": "x**2",
    "x³ + x¹": "x**3 + x**1",
    "(a+b)²": "(a + b)**2",
    "x²³": "x**23",
    "x⁻¹": "x**-1",
    "x⁺²": "x**2",
    "-x²": "-x**2",
    "2*x²": "2*x**2",
    "x²**3": "(x**2)**3",
    "x²^2": "(x**2)**2",
    "2**x²": "2**(x**2)",
    "x²²": "x**22",
    "x².sin()": "sin(x**2)",
    "sin(x)²": "sin(x)**2",
    "x.sin()²": "sin(x)**2",
    "σ²/2": "σ**2/2",
    "m·s⁻²": "m*s**-2",
    "r = x² + y²": "x**2 + y**2",
    "2.*x": "2*x",
    "2.^x": "2**x",
    "2^3^2": "2**3**2",
    "-2^2": "-(2**2)",
    "a--b": "a - -b",
    "not(a)": "not a",
    "x<-3": "x < -3",
    "x <-y": "x < -y",
    "a # x <- 3": "a",
    # what other systems have too
    "x**0.5": "x**0.5",
    "x ^ 2": "x**2",
    "1E5*x": "100000*x",
    "1.5e+3": "1500",
    "5.": "5",
    "e^-x": "e**-x",
    "sqrt(x);": "sqrt(x)",
    "x + + y": "x + y",
    "--x": "--x",
    "θ + π*r²": "θ + π*r**2",
    "dy/dx": "dy/dx",
    "A1^2 + B2": "A1**2 + B2",
}


ALIASES = {
    "arcsin(x) + arctan2(y, x)": "asin(x) + atan2(y, x)",
    "fabs(x)": "abs(x)",
    "power(x, 2)": "x**2",
    "maximum(a, b)": "max(a, b)",
    "gammaln(x)": "lgamma(x)",
    "probit(p)": "norminv(p)",
    "expit(x)": "sigmoid(x)",
}


@pytest.mark.parametrize(("text", "want"), ALIASES.items())
def test_functions_have_the_names_of_other_systems(text: str, want: str) -> None:
    one, other = (
        [(step.operation, step.name, step.number) for step in read(each).blocks[0].steps] for each in (text, want)
    )
    assert one == other


@pytest.mark.parametrize(("text", "want"), READ.items())
def test_what_is_read_means_what_it_shows(text: str, want: str) -> None:
    assert unparse(parse(text).statements[-1].expression) == unparse(parse(want).statements[-1].expression)


@given(st.text(alphabet=[*READ_AS, *"²⁻¹ab1 +(", ")"], max_size=12))
def test_signs_of_mathematics_are_read_as_those_of_the_keyboard(text: str) -> None:
    plain = text
    for sign, operator in READ_AS.items():
        plain = plain.replace(sign, f" {operator} ")  # two signs of multiplication are no power
    try:
        want = unparse(parse(plain).statements[-1].expression)
    except ExpressionError:
        want = None
    try:
        got = unparse(parse(text).statements[-1].expression)
    except ExpressionError:
        got = None
    assert got == want


REFUSED = {
    # calculators and paper
    "2a": "write 2*a",
    "2(x+1)": "write 2*(...)",
    "(a)(b)": "write (...)*(...)",
    "x(x+1)": "write x*(x+1)",
    "x²y": "write x²*y",
    "(a+b)²c": "write ...²*c",
    "2sin(x)": "write 2*sin(...)",
    "2 sin x": "write 2*sin(...)",
    "1/2x": "write 1/(2*x) or (1/2)*x, whichever is meant",
    "1/2(x+1)": "write 1/(2*(...)) or (1/2)*(...), whichever is meant",
    "a/b c": "write a/(b*c) or (a/b)*c, whichever is meant",
    "1/(a+1)(b+1)": "write 1/((...)*(...)) or (1/(...))*(...), whichever is meant",
    "a÷2b": "write a/(2*b) or (a/2)*b, whichever is meant",
    "e^2x": "write e^(2*x) or (e^2)*x, whichever is meant",
    "2**x y": "write 2**(x*y) or (2**x)*y, whichever is meant",
    "ln x": "write ln(x)",
    "sin x + 1": "write sin(x)",
    "sin 2x": "write sin(...)",
    "sin x^2": "write sin(...)",
    "ln x/y": "write ln(...)",
    "Sin x": "write sin(x)",
    "sin²(x)": "written after the call: sin(...)**2",
    "sin² x": "written after the call: sin(...)**2",
    "sin^2 x": "written after the call: sin(...)**2",
    "log**2(x)": "written after the call: log(...)**2",
    "sin^n(x)": "written after the call: sin(...)**n",
    "sin^-1(x)": "written after the call: asin(...) for the inverse function, sin(...)**-1 for the reciprocal",
    "sin⁻¹(x)": "asin(...) for the inverse function",
    "tanh^(-1)(x)": "atanh(...) for the inverse function",
    "cos**-1 x": "acos(...) for the inverse function",
    "exp^-1(x)": "log(...) for the inverse function",
    "gamma^-1(x)": "written after the call: gamma(...)**-1 for the reciprocal",
    "30°": "write radians(30)",
    "sin(30°)": "write radians(30)",
    "sin(x °)": "write radians(x)",
    "(a+b)°": "write radians(...)",
    "30 deg": "write radians(30)",
    "30º": "write radians(30)",
    "50%": "write 50/100 for percent",
    "50% + x": "write 50/100 for percent",
    "x!": "write gamma(x+1)",
    "√2": "write sqrt(x)",
    "½x": "write (1/2)",
    "¾": "write (3/4)",
    "|x|": "abs(x)",
    "∞": "write inf",
    "log₂(x)": "write 2",
    "log_10(x)": "write log10(x)",
    "lg(x)": "write log10(x), or log2(x)",
    "1,5": "numbers have a decimal point",
    "1'000": "digits cannot be grouped",
    "d/dx(x^2)": "a derivative in a formula is written diff(f, x)",
    "f'(x)": "write diff(f, x) for a derivative",
    # spreadsheets
    "=A1^2": "remove it",
    "LOG(x)": "write log10(x) (as spreadsheets have it), or log(x) (the natural logarithm)",
    "LN(x)": "did you mean 'ln'?",
    "INT(x)": "write floor(x)",
    "IF(a>b;1;2)": "arguments are separated by ','",
    "IF(a>b,1,2)": "write where(c, a, b)",
    "log(x;2)": "arguments are separated by ','",
    "log(3,5;2)": "separated by ',' and numbers have a decimal point",
    "PI()": "the constant is written pi",
    "ATAN2(x, y)": "y comes first",
    "a <> b": "use '!='",
    "AND(a, b)": "write a and b",
    "and(a, b)": "write a and b",
    "ROUND(x)": "did you mean 'round'?",
    # MATLAB, Julia, R
    "x.^2": "use '^'",
    "x.*y": "use '*'",
    "x./y": "use '/'",
    "a ~= b": "use '!='",
    "~a": "write (not a)",
    "sind(x)": "write sin(radians(x))",
    "asind(x)": "write degrees(asin(x))",
    "rem(a, b)": "write a - b*trunc(a/b)",
    "nthroot(x, 3)": "write x**(1/n) (where x >= 0), or cbrt(x)",
    "y <- 3": "write y = ... to assign",
    "a = 1; y <- a": "write y = ... to assign",
    "x -> x^2": "write the formula alone",
    "a\\b": "it has no meaning here",
    # Mathematica, LaTeX
    "Sin[x]": "write sin(...)",
    "Log[2, x]": "write log(x), or log(x, base) with the base last",
    "ArcTan[x, y]": "atan2(y, x) with y first",
    "x[0]": "a name can end in digits, as in x1",
    "x := 3": "use '='",
    "\\frac{a}{b}": "write (a)/(b)",
    "\\sin x": "write sin(...)",
    "\\alpha + 1": "write alpha",
    "a \\cdot b": "use '*'",
    "x^{2}": "use '(' and ')'",
    "x_{1}": "write the index without braces",
    # C, Fortran, Python, JavaScript
    "7 % 2": "write mod(a, b)",
    "7 // 2": "write floor(a/b)",
    "a === b": "use '=='",
    "a !== b": "use '!='",
    "a && b": "write 'and'",
    "a || b": "write 'or'",
    "!a": "write (not a)",
    "c ? a : b": "write where(c, a, b)",
    "a if c else b": "where(c, a, b)",
    "if c then a else b": "where(c, a, b)",
    "x => x*x": "write the formula alone",
    "lambda x: x**2": "a function is defined as f(x) = ..., before it is called",
    "return x": "write the expression alone",
    "0x1F": "write 31",
    "2.0f": "write 2.0, or 2.0*f for a product",
    "1d-3": "write 1e-3 for a number, 1*d-3 for a product",
    "2j": "numbers are real",
    "fmod(a, b)": "write a - b*trunc(a/b)",
    "remainder(a, b)": "write mod(a, b) (as NumPy has it), or a - b*round(a/b) (as C has it)",
    "square(x)": "write x**2",
    "sqr(x)": "write x**2, or sqrt(x)",
    # the same, further
    "math.sqrt(x)": "write sqrt(...) without 'math.'",
    "np.sin(x)": "write sin(...) without 'np.'",
    "torch.sigmoid(x)": "write sigmoid(...) without 'torch.'",
    "tf.math.log(x)": "write log(...) without 'tf.math.'",
    "Math.pow(x, 2)": "write pow(...) without 'Math.'",
    "np.pi*x": "constants have no prefix here; write pi",
    "Math.PI*x": "constants have no prefix here; write pi",
    "np.square(x)": "'np.square' is written x**2",
    "np.array([1, 2])": "unexpected character '['",
    "max([a, b])": "use '(' and ')'",
    "max{a, b}": "use '(' and ')'",
    "x.T": "'.T' is not a function",
    "x @ y": "it has no meaning here",
    "x += 1": "write another name for the new value",
    "x *= 2": "write another name for the new value",
    "x = x + 1": "'x' is used in its own statement",
    "x++": "expected a value after '+'",
    "x << 2": "write x*2**n",
    "x >> 2": "write floor(x/2**n)",
    "x & y": "write 'and'",
    "1_000*x": "write 1000",
    "x is 3": "write a == b",
    "'x'": "a formula cannot contain text",
    'f"{x}"': "a formula cannot contain text",
    "int(x)": "write trunc(x)",
    "float(x)": "write x",
    "print(x)": "write x",
    "powf(x, 2)": "write pow(a, b)",
    "round(x, 2)": "write round(x*10**n)/10**n",
    "atan(y, x)": "write atan2(y, x)",
    "sum(x, y)": "of some values, a + b + c",
    "// twice\nx": "comments begin with '#'",
    "/* twice */ x": "comments begin with '#'",
    "const y = x": "write the expression alone",
    "var y = x": "write the expression alone",
    "def f(x): return x": "a function is defined as f(x) = ...",
    "function y = f(x)": "a function is defined as f(x) = ...",
    "x .gt. y": "use '>'",
    "x.le.y": "use '<='",
    "x**2d0": "write 2e0 for a number",
    "1.0L": "numbers have no suffix; write 1.0",
    "f(x) = x^2": "call it after that, as in f(x) = ...; f(x)",
    "y ~ x": "write (not a)",
    "x %% 3": "write mod(a, b)",
    "x %/% 3": "write floor(a/b)",
    "x %*% y": "matrices are not supported",
    "dnorm(x)": "write normpdf(x)",
    "pnorm(x)": "write normcdf(x)",
    "qnorm(p)": "write norminv(x)",
    "ifelse(x > 0, x, -x)": "write where(c, a, b)",
    "[1 2 3]": "use '(' and ')'",
    "x(1:3)": "unexpected character ':'",
    "exp(1i*x)": "numbers are real",
    "Cos[2 x]": "write cos(...)",
    "D[x^2, x]": "write diff(f, x)",
    "Sum[k, {k, 1, 10}]": "write sum(k, 1, 10, ...)",
    "If[x > 0, x, -x]": "write where(c, a, b)",
    "ProductLog[x]": "write lambertw(x)",
    "\\sqrt[3]{x}": "write sqrt(x), or x**(1/n)",
    "\\ln{x}": "write ln(...)",
    "a \\times b": "use '*'",
    "\\pi r^2": "write pi",
    "\\left( x \\right)": "remove it",
    "\\sum_{k=1}^{n} k": "write sum(k, 1, 10, ...)",
    "\\int x dx": "integrals are not supported",
    "\\partial x": "write diff(f, x) for a derivative",
    "e^{-x}": "use '(' and ')'",
    "=A1*2": "remove it",
    "A1*$B$2": "it has no meaning here",
    "SUM(A1:B2)": "unexpected character ':'",
    "AVERAGE(a, b)": "write (a + b)/2",
    "POWER(x, 2)": "did you mean 'power'?",
    "SQRT(x)": "did you mean 'sqrt'?",
    "MOD(a, b)": "did you mean 'mod'?",
    "NORMSDIST(x)": "write normcdf(x)",
    "NORMSINV(p)": "write norminv(x)",
    "FACT(5)": "write gamma(x + 1)",
    "besselj0(x)": "write j0(x)",
    "lambert_w(x)": "write lambertw(x)",
    "log_softmax(a)": "write a - logsumexp(a, b)",
    "1.000,5": "numbers have a decimal point",
    "1,5*x": "between outputs, put a blank after the comma",
    "1,5,x": "between outputs, put a blank after the comma",
    "x,1,5": "between outputs, put a blank after the comma",
    "1 000": "two numbers side by side",
    "x=3, x^2": "a name is assigned one value",
    "asin x": "write asin(x)",
    "exp x": "write exp(x)",
    "2πr": "write 2*πr",
    "(x+1)(x-1)": "write (...)*(...)",
    "x^½": "write (1/2)",
    "∛x": "write cbrt(x)",
    "x–y": "use '-'",
    "x≤y": "use '<='",
    "x≠y": "use '!='",
    "⌊x⌋": "write floor(x)",
    "⌈x⌉": "write ceil(x)",
    "∑x": "write sum(k, 1, 10, ...)",
    "∂x": "write diff(f, x) for a derivative",
    "1.2.3": "two numbers side by side",
    "(x": "'(' is never closed",
    "x)": "unmatched ')'",
    "x * / y": "expected a value after '*'",
    "x + y = 3": "'==' compares",
    # words
    "a mod b": "write mod(a, b)",
    "a div b": "write floor(a/b)",
    "a AND b": "write 'and' in lower case",
    "a xor b": "write (a != 0) != (b != 0)",
}


@pytest.mark.parametrize(("text", "want"), REFUSED.items())
def test_what_is_refused_shows_a_spelling(text: str, want: str) -> None:
    assert want in message(text)


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("Pi*x", "did you mean the constant 'pi'?"),
        ("E^x", "did you mean the constant 'e'?"),
        ("x*True", "'True' is written 1"),
        ("x < Inf", "did you mean the constant 'inf'?"),
        ("x*NaN", "did you mean the constant 'nan'?"),
    ],
)
def test_constants_of_other_systems_are_variables_and_say_so(mgrad: Run, text: str, want: str) -> None:
    ran = mgrad("eval", text, "--x", "1")
    assert ran.returncode == 2
    assert want in ran.stderr


def test_there_are_two_hundred_habits() -> None:
    assert len(READ) + len(ALIASES) + len(REFUSED) >= 240


def test_a_raised_number_that_overflows_is_an_error() -> None:
    assert message(f"x{'²' * 400}") == "the number overflows a double; write **inf"


@pytest.mark.parametrize("text", ["x!!", "dawsn(x)", "zeta(x)", "x…"])
def test_what_has_no_spelling_is_offered_none(text: str) -> None:
    assert "write" not in message(text)
    assert "did you mean" not in message(text)


@pytest.mark.parametrize("char", ["ⸯ", "ͺ", "ㅤ", "ﾠ", "ᅟ", "ﹰ", "٣", "₁", "½", "Ⅷ", "\u200d"])
@pytest.mark.parametrize("before", ["", "a"])
def test_what_is_no_letter_is_in_no_name(char: str, before: str) -> None:
    assert "unexpected character" in message(f"{before}{char} + 1")


@given(st.characters(categories=["L"]))
def test_a_letter_stands_alone_as_a_name_of_python_or_is_refused(char: str) -> None:
    normal = unicodedata.normalize("NFC", char)
    try:
        names = read(f"2*{char}").names
    except ExpressionError:
        assert not normal.isidentifier() or normal in "\u115f\u1160\u3164\uffa0"
    else:
        assert names == (normal,)
        assert normal.isidentifier()


def test_values_of_variables_are_read_alike(mgrad: Run) -> None:
    assert parse_value("−3") == -3
    assert parse_value("2·10⁻³") == 0.002
    assert math.isclose(parse_value("π²"), math.pi**2)
    ran = mgrad("eval", "x²", "--x", "−3", "--json")
    assert '"value": 9.0' in ran.stdout


def test_places_in_what_is_read_are_those_of_the_text(mgrad: Run) -> None:
    ran = mgrad("eval", "a×b² + log(c − 1)", "--a", "1", "--b", "2", "--c", "1")
    assert "1 | a×b² + log(c − 1)\n    |        ^^^^^^^^^^" in ran.stderr
