# Written by `python -m tests.method_stub` from the table of operations.

from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeAlias, overload

import numpy

from mgrad_cli.operations import Operand
from mgrad_cli.value import Value

Number: TypeAlias = Value | float | Fraction | Decimal | numpy.number[Any] | numpy.bool_
Array: TypeAlias = numpy.ndarray[Any, Any]

class Methods(Operand):
    @overload
    def __add__(self, other: Number, /) -> Value: ...
    @overload
    def __add__(self, other: Array, /) -> Array: ...
    @overload
    def __radd__(self, other: Number, /) -> Value: ...
    @overload
    def __radd__(self, other: Array, /) -> Array: ...
    @overload
    def __sub__(self, other: Number, /) -> Value: ...
    @overload
    def __sub__(self, other: Array, /) -> Array: ...
    @overload
    def __rsub__(self, other: Number, /) -> Value: ...
    @overload
    def __rsub__(self, other: Array, /) -> Array: ...
    @overload
    def __mul__(self, other: Number, /) -> Value: ...
    @overload
    def __mul__(self, other: Array, /) -> Array: ...
    @overload
    def __rmul__(self, other: Number, /) -> Value: ...
    @overload
    def __rmul__(self, other: Array, /) -> Array: ...
    @overload
    def __truediv__(self, other: Number, /) -> Value: ...
    @overload
    def __truediv__(self, other: Array, /) -> Array: ...
    @overload
    def __rtruediv__(self, other: Number, /) -> Value: ...
    @overload
    def __rtruediv__(self, other: Array, /) -> Array: ...
    @overload
    def __pow__(self, other: Number, /) -> Value: ...
    @overload
    def __pow__(self, other: Array, /) -> Array: ...
    @overload
    def __rpow__(self, other: Number, /) -> Value: ...
    @overload
    def __rpow__(self, other: Array, /) -> Array: ...
    def __neg__(self) -> Value: ...
    def __pos__(self) -> Value: ...
    def __abs__(self) -> Value: ...
    def abs(self) -> Value:
        """Magnitude.

        Derivative by x, this Value: sign(x)
        Domain: any x
        """

    def acos(self) -> Value:
        """Inverse cosine.

        Derivative by x, this Value: -1/sqrt(1 - x*x)
        Domain: -1 <= x <= 1
        """

    def acosec(self) -> Value:
        """Inverse cosecant, asin(1/x).

        Derivative by x, this Value: -1/abs(x)/sqrt(abs(x)*abs(x) - 1)
        Domain: |x| >= 1
        """

    def acosh(self) -> Value:
        """Inverse hyperbolic cosine.

        Derivative by x, this Value: 1/sqrt(x*x - 1)
        Domain: x >= 1
        """

    def acot(self) -> Value:
        """Inverse cotangent, atan(1/x).

        Derivative by x, this Value: -(1/(1 + x*x))
        Domain: any x
        """

    def acoth(self) -> Value:
        """Inverse hyperbolic cotangent, atanh(1/x).

        Derivative by x, this Value: -1/sqrt(abs(x)*abs(x) - 1)/sqrt(abs(x)*abs(x) - 1)
        Domain: |x| > 1
        """

    def acsc(self) -> Value:
        """Inverse cosecant, asin(1/x).

        Derivative by x, this Value: -1/abs(x)/sqrt(abs(x)*abs(x) - 1)
        Domain: |x| >= 1
        """

    def acsch(self) -> Value:
        """Inverse hyperbolic cosecant, asinh(1/x).

        Derivative by x, this Value: -1/abs(x)/hypot(1, x)
        Domain: x != 0
        """

    def add(self, b: Number) -> Value:
        """Sum.

        Derivative by a, this Value: 1
        Derivative by b: 1
        Domain: any a, b
        """

    def arccos(self) -> Value:
        """Inverse cosine.

        Derivative by x, this Value: -1/sqrt(1 - x*x)
        Domain: -1 <= x <= 1
        """

    def arccosec(self) -> Value:
        """Inverse cosecant, asin(1/x).

        Derivative by x, this Value: -1/abs(x)/sqrt(abs(x)*abs(x) - 1)
        Domain: |x| >= 1
        """

    def arccosh(self) -> Value:
        """Inverse hyperbolic cosine.

        Derivative by x, this Value: 1/sqrt(x*x - 1)
        Domain: x >= 1
        """

    def arccot(self) -> Value:
        """Inverse cotangent, atan(1/x).

        Derivative by x, this Value: -(1/(1 + x*x))
        Domain: any x
        """

    def arccoth(self) -> Value:
        """Inverse hyperbolic cotangent, atanh(1/x).

        Derivative by x, this Value: -1/sqrt(abs(x)*abs(x) - 1)/sqrt(abs(x)*abs(x) - 1)
        Domain: |x| > 1
        """

    def arccsc(self) -> Value:
        """Inverse cosecant, asin(1/x).

        Derivative by x, this Value: -1/abs(x)/sqrt(abs(x)*abs(x) - 1)
        Domain: |x| >= 1
        """

    def arccsch(self) -> Value:
        """Inverse hyperbolic cosecant, asinh(1/x).

        Derivative by x, this Value: -1/abs(x)/hypot(1, x)
        Domain: x != 0
        """

    def arcosh(self) -> Value:
        """Inverse hyperbolic cosine.

        Derivative by x, this Value: 1/sqrt(x*x - 1)
        Domain: x >= 1
        """

    def arcoth(self) -> Value:
        """Inverse hyperbolic cotangent, atanh(1/x).

        Derivative by x, this Value: -1/sqrt(abs(x)*abs(x) - 1)/sqrt(abs(x)*abs(x) - 1)
        Domain: |x| > 1
        """

    def arcsch(self) -> Value:
        """Inverse hyperbolic cosecant, asinh(1/x).

        Derivative by x, this Value: -1/abs(x)/hypot(1, x)
        Domain: x != 0
        """

    def arcsec(self) -> Value:
        """Inverse secant, acos(1/x).

        Derivative by x, this Value: 1/abs(x)/sqrt(abs(x)*abs(x) - 1)
        Domain: |x| >= 1
        """

    def arcsech(self) -> Value:
        """Inverse hyperbolic secant, acosh(1/x).

        Derivative by x, this Value: -1/x/sqrt(1 - x*x)
        Domain: 0 < x <= 1
        """

    def arcsin(self) -> Value:
        """Inverse sine.

        Derivative by x, this Value: 1/sqrt(1 - x*x)
        Domain: -1 <= x <= 1
        """

    def arcsinh(self) -> Value:
        """Inverse hyperbolic sine.

        Derivative by x, this Value: 1/hypot(1, x)
        Domain: any x
        """

    def arctan(self) -> Value:
        """Inverse tangent.

        Derivative by x, this Value: 1/(1 + x*x)
        Domain: any x
        """

    def arctan2(self, b: Number) -> Value:
        """Angle of the point (b, a).

        Derivative by a, this Value: b/hypot(b, a)/hypot(a, b)
        Derivative by b: -(a/hypot(a, b))/hypot(a, b)
        Domain: any a, b
        """

    def arctanh(self) -> Value:
        """Inverse hyperbolic tangent.

        Derivative by x, this Value: 1/(1 - x*x)
        Domain: -1 < x < 1
        """

    def arsech(self) -> Value:
        """Inverse hyperbolic secant, acosh(1/x).

        Derivative by x, this Value: -1/x/sqrt(1 - x*x)
        Domain: 0 < x <= 1
        """

    def arsinh(self) -> Value:
        """Inverse hyperbolic sine.

        Derivative by x, this Value: 1/hypot(1, x)
        Domain: any x
        """

    def artanh(self) -> Value:
        """Inverse hyperbolic tangent.

        Derivative by x, this Value: 1/(1 - x*x)
        Domain: -1 < x < 1
        """

    def asec(self) -> Value:
        """Inverse secant, acos(1/x).

        Derivative by x, this Value: 1/abs(x)/sqrt(abs(x)*abs(x) - 1)
        Domain: |x| >= 1
        """

    def asech(self) -> Value:
        """Inverse hyperbolic secant, acosh(1/x).

        Derivative by x, this Value: -1/x/sqrt(1 - x*x)
        Domain: 0 < x <= 1
        """

    def asin(self) -> Value:
        """Inverse sine.

        Derivative by x, this Value: 1/sqrt(1 - x*x)
        Domain: -1 <= x <= 1
        """

    def asinh(self) -> Value:
        """Inverse hyperbolic sine.

        Derivative by x, this Value: 1/hypot(1, x)
        Domain: any x
        """

    def atan(self) -> Value:
        """Inverse tangent.

        Derivative by x, this Value: 1/(1 + x*x)
        Domain: any x
        """

    def atan2(self, b: Number) -> Value:
        """Angle of the point (b, a).

        Derivative by a, this Value: b/hypot(b, a)/hypot(a, b)
        Derivative by b: -(a/hypot(a, b))/hypot(a, b)
        Domain: any a, b
        """

    def atanh(self) -> Value:
        """Inverse hyperbolic tangent.

        Derivative by x, this Value: 1/(1 - x*x)
        Domain: -1 < x < 1
        """

    def beta(self, b: Number) -> Value:
        """Beta function, gamma(a)*gamma(b)/gamma(a + b).

        Derivative by a, this Value: -beta(a, b)*(digamma(a + b) - digamma(a))
        Derivative by b: -beta(a, b)*(digamma(b + a) - digamma(b))
        Domain: a, b > 0
        """

    def betaln(self, b: Number) -> Value:
        """Log of the magnitude of beta(a, b).

        Derivative by a, this Value: -(digamma(a + b) - digamma(a))
        Derivative by b: -(digamma(b + a) - digamma(b))
        Domain: a, b > 0
        """

    def cbrt(self) -> Value:
        """Cube root.

        Derivative by x, this Value: 1/(3*cbrt(x)**2)
        Domain: any x
        """

    def ceil(self) -> Value:
        """Smallest whole number not below x.

        Derivative by x, this Value: 0
        Domain: any x
        """

    def clamp(self, lo: Number, hi: Number) -> Value:
        """x held between lo and hi, min(max(x, lo), hi).

        Derivative by x, this Value: lo <= x and x <= hi
        Derivative by lo: x < lo and lo <= hi
        Derivative by hi: hi < max(x, lo)
        Domain: any x, lo, hi
        """

    def clip(self, lo: Number, hi: Number) -> Value:
        """x held between lo and hi, min(max(x, lo), hi).

        Derivative by x, this Value: lo <= x and x <= hi
        Derivative by lo: x < lo and lo <= hi
        Derivative by hi: hi < max(x, lo)
        Domain: any x, lo, hi
        """

    def cos(self) -> Value:
        """Cosine.

        Derivative by x, this Value: -sin(x)
        Domain: any x
        """

    def cosec(self) -> Value:
        """Cosecant, 1/sin(x).

        Derivative by x, this Value: -csc(x)*cot(x)
        Domain: x != k*pi
        """

    def cosech(self) -> Value:
        """Hyperbolic cosecant, 1/sinh(x).

        Derivative by x, this Value: -csch(x)*coth(x)
        Domain: x != 0
        """

    def cosh(self) -> Value:
        """Hyperbolic cosine.

        Derivative by x, this Value: sinh(x)
        Domain: any x
        """

    def cot(self) -> Value:
        """Cotangent, 1/tan(x).

        Derivative by x, this Value: -(1 + cot(x)*cot(x))
        Domain: x != k*pi
        """

    def cotan(self) -> Value:
        """Cotangent, 1/tan(x).

        Derivative by x, this Value: -(1 + cot(x)*cot(x))
        Domain: x != k*pi
        """

    def cotanh(self) -> Value:
        """Hyperbolic cotangent, 1/tanh(x).

        Derivative by x, this Value: -csch(x)**2
        Domain: x != 0
        """

    def coth(self) -> Value:
        """Hyperbolic cotangent, 1/tanh(x).

        Derivative by x, this Value: -csch(x)**2
        Domain: x != 0
        """

    def csc(self) -> Value:
        """Cosecant, 1/sin(x).

        Derivative by x, this Value: -csc(x)*cot(x)
        Domain: x != k*pi
        """

    def csch(self) -> Value:
        """Hyperbolic cosecant, 1/sinh(x).

        Derivative by x, this Value: -csch(x)*coth(x)
        Domain: x != 0
        """

    def deg2rad(self) -> Value:
        """Degrees to radians.

        Derivative by x, this Value: 0.017453292519943295
        Domain: any x
        """

    def degrees(self) -> Value:
        """Radians to degrees.

        Derivative by x, this Value: 57.29577951308232
        Domain: any x
        """

    def digamma(self) -> Value:
        """Derivative of lgamma.

        Derivative by x, this Value: polygamma(1, x)
        Domain: x != 0, -1, -2, ...
        """

    def divide(self, b: Number) -> Value:
        """Quotient.

        Derivative by a, this Value: 1/b
        Derivative by b: -(a/b)/b
        Domain: b != 0
        """

    def elu(self, alpha: Number = 1.0) -> Value:
        """x where positive, else alpha*(exp(x) - 1).

        Derivative by x, this Value: where(x > 0, 1, alpha*exp(x))
        Derivative by alpha: where(x > 0, 0, expm1(x))
        Domain: any x, alpha
        """

    def equal(self, b: Number) -> Value:
        """1 where a = b, else 0; 0 with nan.

        Derivative by a, this Value: 0
        Derivative by b: 0
        """

    def erf(self) -> Value:
        """Error function.

        Derivative by x, this Value: 1.1283791670955126*exp(-(x*x))
        Domain: any x
        """

    def erfc(self) -> Value:
        """1 - erf(x), exact far out.

        Derivative by x, this Value: -1.1283791670955126*exp(-(x*x))
        Domain: any x
        """

    def erfcinv(self) -> Value:
        """Inverse of erfc.

        Derivative by x, this Value: -sqrt(pi)/2*exp(erfcinv(x)**2)
        Domain: 0 < x < 2
        """

    def erfi(self) -> Value:
        """Imaginary error function, -i*erf(i*x).

        Derivative by x, this Value: 1.1283791670955126*exp(x*x)
        Domain: any x
        """

    def erfinv(self) -> Value:
        """Inverse of erf.

        Derivative by x, this Value: sqrt(pi)/2*exp(erfinv(x)**2)
        Domain: -1 < x < 1
        """

    def exp(self) -> Value:
        """e to the power x.

        Derivative by x, this Value: exp(x)
        Domain: any x
        """

    def exp2(self) -> Value:
        """2 to the power x.

        Derivative by x, this Value: exp2(x)*0.6931471805599453
        Domain: any x
        """

    def expit(self) -> Value:
        """1/(1 + exp(-x)).

        Derivative by x, this Value: sech(x/2)**2/4
        Domain: any x
        """

    def expm1(self) -> Value:
        """exp(x) - 1, exact near 0.

        Derivative by x, this Value: exp(x)
        Domain: any x
        """

    def fabs(self) -> Value:
        """Magnitude.

        Derivative by x, this Value: sign(x)
        Domain: any x
        """

    def floor(self) -> Value:
        """Largest whole number not above x.

        Derivative by x, this Value: 0
        Domain: any x
        """

    def gamma(self) -> Value:
        """Gamma function; gamma(x + 1) is x!.

        Derivative by x, this Value: gamma(x)*digamma(x)
        Domain: x != 0, -1, -2, ...
        """

    def gammainc(self, x: Number) -> Value:
        """Lower incomplete gamma function, over gamma(a).

        Derivative by a, this Value: nan
        Derivative by x: x**(a - 1)*exp(-x)/gamma(a)
        Domain: a > 0, x >= 0
        """

    def gammaincc(self, x: Number) -> Value:
        """Upper incomplete gamma function, over gamma(a).

        Derivative by a, this Value: nan
        Derivative by x: -x**(a - 1)*exp(-x)/gamma(a)
        Domain: a > 0, x >= 0
        """

    def gammaln(self) -> Value:
        """Log of the magnitude of gamma(x).

        Derivative by x, this Value: digamma(x)
        Domain: x != 0, -1, -2, ...
        """

    def gelu(self) -> Value:
        """x*normcdf(x), the exact form.

        Derivative by x, this Value: normcdf(x) + x*normpdf(x)
        Domain: any x
        """

    def greater(self, b: Number) -> Value:
        """1 where a > b, else 0; 0 with nan.

        Derivative by a, this Value: 0
        Derivative by b: 0
        """

    def greater_equal(self, b: Number) -> Value:
        """1 where a >= b, else 0; 0 with nan.

        Derivative by a, this Value: 0
        Derivative by b: 0
        """

    def hardtanh(self) -> Value:
        """x held between -1 and 1.

        Derivative by x, this Value: x > -1 and x < 1
        Domain: any x
        """

    def hypot(self, b: Number) -> Value:
        """Length of (a, b), sqrt(a*a + b*b) without overflow.

        Derivative by a, this Value: a/hypot(a, b)
        Derivative by b: b/hypot(b, a)
        Domain: any a, b
        """

    def j0(self) -> Value:
        """Bessel function of the first kind, order 0.

        Derivative by x, this Value: -j1(x)
        Domain: any x
        """

    def j1(self) -> Value:
        """Bessel function of the first kind, order 1.

        Derivative by x, this Value: j0(x) - where(x == 0, 1/2, j1(x)/x)
        Domain: any x
        """

    def lambertw(self) -> Value:
        """Lambert's W: the w >= -1 with w*exp(w) = x.

        Derivative by x, this Value: exp(-lambertw(x))/(1 + lambertw(x))
        Domain: x >= -1/e
        """

    def lbeta(self, b: Number) -> Value:
        """Log of the magnitude of beta(a, b).

        Derivative by a, this Value: -(digamma(a + b) - digamma(a))
        Derivative by b: -(digamma(b + a) - digamma(b))
        Domain: a, b > 0
        """

    def leaky_relu(self, slope: Number = 0.01) -> Value:
        """x where positive, else slope*x.

        Derivative by x, this Value: where(x > 0, 1, slope)
        Derivative by slope: where(x > 0, 0, x)
        Domain: any x, slope
        """

    def less(self, b: Number) -> Value:
        """1 where a < b, else 0; 0 with nan.

        Derivative by a, this Value: 0
        Derivative by b: 0
        """

    def less_equal(self, b: Number) -> Value:
        """1 where a <= b, else 0; 0 with nan.

        Derivative by a, this Value: 0
        Derivative by b: 0
        """

    def lgamma(self) -> Value:
        """Log of the magnitude of gamma(x).

        Derivative by x, this Value: digamma(x)
        Domain: x != 0, -1, -2, ...
        """

    def ln(self, base: Number = ...) -> Value:
        """Natural logarithm.

        Derivative by x, this Value: 1/x
        Domain: x > 0
        """

    def log(self, base: Number = ...) -> Value:
        """Natural logarithm.

        Derivative by x, this Value: 1/x
        Domain: x > 0
        """

    def log10(self) -> Value:
        """Logarithm to base 10.

        Derivative by x, this Value: 1/(x*2.302585092994046)
        Domain: x > 0
        """

    def log1p(self) -> Value:
        """log(1 + x), exact near 0.

        Derivative by x, this Value: 1/(1 + x)
        Domain: x > -1
        """

    def log2(self) -> Value:
        """Logarithm to base 2.

        Derivative by x, this Value: 1/(x*0.6931471805599453)
        Domain: x > 0
        """

    def log_base(self, base: Number) -> Value:
        """Logarithm to a base; exact for 2 and 10.

        Derivative by x, this Value: 1/x/log(base)
        Derivative by base: -log(x, base)/base/log(base)
        Domain: x > 0, base > 0, base != 1
        """

    def log_sigmoid(self) -> Value:
        """log(sigmoid(x)) without overflow.

        Derivative by x, this Value: sigmoid(-x)
        Domain: any x
        """

    def logaddexp(self, b: Number) -> Value:
        """log(exp(a) + exp(b)) without overflow.

        Derivative by a, this Value: 1/(1 + exp(b - a))
        Derivative by b: 1/(1 + exp(a - b))
        Domain: any a, b
        """

    def loggamma(self) -> Value:
        """Log of the magnitude of gamma(x).

        Derivative by x, this Value: digamma(x)
        Domain: x != 0, -1, -2, ...
        """

    def logical_and(self, b: Number) -> Value:
        """1 where neither is 0, else 0; nan with nan.

        Derivative by a, this Value: 0
        Derivative by b: 0
        """

    def logical_not(self) -> Value:
        """1 where x is 0, else 0; nan with nan.

        Derivative by x, this Value: 0
        """

    def logical_or(self, b: Number) -> Value:
        """1 where one is not 0, else 0; nan with nan.

        Derivative by a, this Value: 0
        Derivative by b: 0
        """

    def logistic(self) -> Value:
        """1/(1 + exp(-x)).

        Derivative by x, this Value: sech(x/2)**2/4
        Domain: any x
        """

    def logit(self) -> Value:
        """log(x/(1 - x)), the inverse of sigmoid.

        Derivative by x, this Value: 1/(x*(1 - x))
        Domain: 0 < x < 1
        """

    def logsigmoid(self) -> Value:
        """log(sigmoid(x)) without overflow.

        Derivative by x, this Value: sigmoid(-x)
        Domain: any x
        """

    def logsumexp(self, *others: Number) -> Value:
        """log(exp(a) + exp(b) + ...) without overflow.

        Domain: any a, b, ...
        """

    def max(self, *others: Number) -> Value:
        """Largest of the operands.

        Domain: any a, b, ...
        """

    def maximum(self, *others: Number) -> Value:
        """Largest of the operands.

        Domain: any a, b, ...
        """

    def min(self, *others: Number) -> Value:
        """Smallest of the operands.

        Domain: any a, b, ...
        """

    def minimum(self, *others: Number) -> Value:
        """Smallest of the operands.

        Domain: any a, b, ...
        """

    def mish(self) -> Value:
        """x*tanh(softplus(x)).

        Derivative by x, this Value: tanh(softplus(x)) + x*(sech(softplus(x))**2*sigmoid(x))
        Domain: any x
        """

    def mod(self, b: Number) -> Value:
        """Remainder with the sign of b.

        Derivative by a, this Value: 1
        Derivative by b: -floor(a/b)
        Domain: b != 0
        """

    def multiply(self, b: Number) -> Value:
        """Product.

        Derivative by a, this Value: b
        Derivative by b: a
        Domain: any a, b
        """

    def ndtri(self) -> Value:
        """Inverse of normcdf.

        Derivative by x, this Value: 1/normpdf(norminv(x))
        Domain: 0 < x < 1
        """

    def negative(self) -> Value:
        """Negative.

        Derivative by x, this Value: -1
        Domain: any x
        """

    def normcdf(self) -> Value:
        """Standard normal distribution function.

        Derivative by x, this Value: normpdf(x)
        Domain: any x
        """

    def norminv(self) -> Value:
        """Inverse of normcdf.

        Derivative by x, this Value: 1/normpdf(norminv(x))
        Domain: 0 < x < 1
        """

    def normpdf(self) -> Value:
        """Density of the standard normal distribution.

        Derivative by x, this Value: -x*normpdf(x)
        Domain: any x
        """

    def not_equal(self, b: Number) -> Value:
        """1 where a and b differ, else 0; 0 with nan.

        Derivative by a, this Value: 0
        Derivative by b: 0
        """

    def polygamma(self, x: Number) -> Value:
        """Derivative number n of digamma.

        Derivative by n, this Value: nan
        Derivative by x: polygamma(n + 1, x)
        Domain: n whole, n >= 0; x > 0
        """

    def pow(self, b: Number) -> Value:
        """a to the power b.

        Derivative by a, this Value: b*a**(b - 1)
        Derivative by b: a**b*log(a)
        Domain: a > 0, or b whole
        """

    def power(self, b: Number) -> Value:
        """a to the power b.

        Derivative by a, this Value: b*a**(b - 1)
        Derivative by b: a**b*log(a)
        Domain: a > 0, or b whole
        """

    def probit(self) -> Value:
        """Inverse of normcdf.

        Derivative by x, this Value: 1/normpdf(norminv(x))
        Domain: 0 < x < 1
        """

    def psi(self) -> Value:
        """Derivative of lgamma.

        Derivative by x, this Value: polygamma(1, x)
        Domain: x != 0, -1, -2, ...
        """

    def rad2deg(self) -> Value:
        """Radians to degrees.

        Derivative by x, this Value: 57.29577951308232
        Domain: any x
        """

    def radians(self) -> Value:
        """Degrees to radians.

        Derivative by x, this Value: 0.017453292519943295
        Domain: any x
        """

    def relu(self) -> Value:
        """x where positive, else 0.

        Derivative by x, this Value: x > 0
        Domain: any x
        """

    def relu6(self) -> Value:
        """x held between 0 and 6.

        Derivative by x, this Value: x > 0 and x < 6
        Domain: any x
        """

    def round(self) -> Value:
        """Nearest whole number, half to even.

        Derivative by x, this Value: 0
        Domain: any x
        """

    def sec(self) -> Value:
        """Secant, 1/cos(x).

        Derivative by x, this Value: sec(x)*tan(x)
        Domain: x != pi/2 + k*pi
        """

    def sech(self) -> Value:
        """Hyperbolic secant, 1/cosh(x).

        Derivative by x, this Value: -sech(x)*tanh(x)
        Domain: any x
        """

    def sgn(self) -> Value:
        """-1, 0 or 1.

        Derivative by x, this Value: 0
        Domain: any x
        """

    def sigmoid(self) -> Value:
        """1/(1 + exp(-x)).

        Derivative by x, this Value: sech(x/2)**2/4
        Domain: any x
        """

    def sign(self) -> Value:
        """-1, 0 or 1.

        Derivative by x, this Value: 0
        Domain: any x
        """

    def signum(self) -> Value:
        """-1, 0 or 1.

        Derivative by x, this Value: 0
        Domain: any x
        """

    def silu(self) -> Value:
        """x*sigmoid(x).

        Derivative by x, this Value: sigmoid(x)*(1 + x*sigmoid(-x))
        Domain: any x
        """

    def sin(self) -> Value:
        """Sine.

        Derivative by x, this Value: cos(x)
        Domain: any x
        """

    def sinc(self) -> Value:
        """sin(x)/x, and 1 at 0.

        Derivative by x, this Value: where(x == 0, 0, (cos(x) - sinc(x))/x)
        Domain: any x
        """

    def sinh(self) -> Value:
        """Hyperbolic sine.

        Derivative by x, this Value: cosh(x)
        Domain: any x
        """

    def softmax(self, *others: Number) -> Value:
        """Share of the first operand, exp(a)/(exp(a) + exp(b) + ...).

        Domain: any a, b, ...
        """

    def softplus(self) -> Value:
        """log(1 + exp(x)) without overflow.

        Derivative by x, this Value: sigmoid(x)
        Domain: any x
        """

    def softsign(self) -> Value:
        """x/(1 + |x|).

        Derivative by x, this Value: 1/(1 + abs(x))/(1 + abs(x))
        Domain: any x
        """

    def sqrt(self) -> Value:
        """Square root.

        Derivative by x, this Value: 1/(2*sqrt(x))
        Domain: x >= 0
        """

    def subtract(self, b: Number) -> Value:
        """Difference.

        Derivative by a, this Value: 1
        Derivative by b: -1
        Domain: any a, b
        """

    def swish(self) -> Value:
        """x*sigmoid(x).

        Derivative by x, this Value: sigmoid(x)*(1 + x*sigmoid(-x))
        Domain: any x
        """

    def tan(self) -> Value:
        """Tangent.

        Derivative by x, this Value: 1 + tan(x)*tan(x)
        Domain: x != pi/2 + k*pi
        """

    def tanh(self) -> Value:
        """Hyperbolic tangent.

        Derivative by x, this Value: sech(x)**2
        Domain: any x
        """

    def tgamma(self) -> Value:
        """Gamma function; gamma(x + 1) is x!.

        Derivative by x, this Value: gamma(x)*digamma(x)
        Domain: x != 0, -1, -2, ...
        """

    def trunc(self) -> Value:
        """Whole part, toward 0.

        Derivative by x, this Value: 0
        Domain: any x
        """

    def where(self, a: Number, b: Number) -> Value:
        """a where c is not 0, else b.

        Derivative by c, this Value: 0
        Derivative by a: 1 where c is not 0
        Derivative by b: 1 where c is 0
        Domain: any c, a, b
        """

    def xlogy(self, b: Number) -> Value:
        """a*log(b), and 0 where a is 0.

        Derivative by a, this Value: log(b)
        Derivative by b: a/b
        Domain: b > 0, or a = 0
        """

    def y0(self) -> Value:
        """Bessel function of the second kind, order 0.

        Derivative by x, this Value: -y1(x)
        Domain: x > 0
        """

    def y1(self) -> Value:
        """Bessel function of the second kind, order 1.

        Derivative by x, this Value: y0(x) - y1(x)/x
        Domain: x > 0
        """
