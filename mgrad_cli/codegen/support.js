// A number as it is; anything else is refused.
function real(number) {
  if (typeof number !== "number") throw new TypeError(`a number is needed, not ${number === null ? null : typeof number}`);
  return number;
}


// a to the power b: 1**b and (-1)**±inf are 1, as IEEE 754 has them.
function power(a, b) {
  return a === 1 || (a === -1 && Math.abs(b) === Infinity) ? 1 : Math.pow(a, b);
}


// The square root, and +0 for -0.
function squareRoot(x) {
  return Math.sqrt(x) + 0;
}


function exp2(x) {
  return Math.pow(2, x);
}


function degrees(x) {
  return x * (180 / Math.PI);
}


function radians(x) {
  return x * (Math.PI / 180);
}


function sign(x) {
  return x > 0 ? 1 : x < 0 ? -1 : x === 0 ? 0 : NaN;
}


// The nearest whole number: the sum with 2^52 has no room for a fraction, and rounds half to even.
function roundHalfEven(x) {
  const large = 2 ** 52;
  if (x === 0 || !(Math.abs(x) < large)) return x;
  return x > 0 ? x + large - large : -(large - x - large);
}


// The floor of the exact quotient a/b.
function floorDivide(a, b) {
  if (b === 0) return a / b;
  const remainder = a % b;
  let quotient = (a - remainder) / b;
  if (remainder !== 0 && remainder < 0 !== b < 0) quotient -= 1;
  if (quotient === 0) return 0 * (a / b);
  const whole = Math.floor(quotient);
  return quotient - whole > 0.5 ? whole + 1 : whole;
}


// The remainder with the sign of b.
function mod(a, b) {
  const remainder = a % b;
  if (remainder === 0) return b < 0 ? -0 : 0;
  return remainder < 0 !== b < 0 ? remainder + b : remainder;
}


// The larger one: nan with nan, and a zero is +0.
function maximum(a, b) {
  return Math.max(a, b) + 0;
}


// The smaller one: nan with nan, and a zero is +0.
function minimum(a, b) {
  return Math.min(a, b) + 0;
}


// Whether a is below or above b: not so with nan.
function differs(a, b) {
  return a < b || a > b;
}


function logicalAnd(a, b) {
  return a !== a || b !== b ? NaN : Number(a !== 0 && b !== 0);
}


function logicalOr(a, b) {
  return a !== a || b !== b ? NaN : Number(a !== 0 || b !== 0);
}


function logicalNot(x) {
  return x !== x ? NaN : Number(x === 0);
}


function where(c, a, b) {
  return c !== c ? NaN : c !== 0 ? a : b;
}


// exp(-x*x): x is split so that the square of its large part is exact.
function bell(x) {
  const near = Math.round(x * 1024) / 1024;
  return Math.abs(x) < 40 ? Math.exp(-near * near) * Math.exp((near - x) * (near + x)) : Math.exp(-x * x);
}


// The error function from 0 to 2, by a series of positive terms (DLMF 7.6.2).
function erfSeries(x) {
  let term = x;
  let sum = x;
  for (let k = 1; sum + term !== sum; k++) {
    term *= (2 * x * x) / (2 * k + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * bell(x) * sum;
}


// The complement from 1/2 to infinity, by a continued fraction of positive terms (DLMF 7.9.1).
function erfcFraction(x) {
  let tail = 0;
  for (let k = Math.ceil(20 + 200 / (x * x)); k > 0; k--) tail = k / 2 / (x + tail);
  return bell(x) / Math.sqrt(Math.PI) / (x + tail);
}


function erf(x) {
  const size = Math.abs(x);
  return size < 2 ? Math.sign(x) * erfSeries(size) : Math.sign(x) * (1 - erfcFraction(size));
}


function erfc(x) {
  return x < 0.5 ? 1 - erf(x) : erfcFraction(x);
}


// B2, B4, ..., B16 (DLMF 24.2).
const BERNOULLI = [1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510];


// The logarithm of gamma(x) less that of sqrt(2*pi) * x**(x - 1/2) * exp(-x), from x = 10 on (DLMF 5.11.1).
function stirling(x) {
  let sum = 0;
  for (let k = 8; k > 0; k--) sum = sum / (x * x) + BERNOULLI[k - 1] / (2 * k * (2 * k - 1));
  return sum / x;
}


// sin(pi*x), exact to the last bits near its zeros.
function sinPi(x) {
  const near = Math.round(x);
  return (near % 2 === 0 ? 1 : -1) * Math.sin(Math.PI * (x - near));
}


// The gamma function: by recurrence from above 10, where it is Stirling's, and by reflection (DLMF 5.5.1, 5.5.3).
function gamma(x) {
  if (x <= 0 && x === Math.floor(x)) return x === 0 ? 1 / x : NaN;
  if (x < -0.5) return -Math.PI / (x * gamma(-x) * sinPi(x));
  if (x < 0.5) return Math.PI / (gamma(1 - x) * sinPi(x));
  let product = 1;
  if (x === Math.floor(x) && x < 24) {
    for (let factor = 2; factor < x; factor++) product *= factor;
    return product;
  }
  for (; x < 10; x++) product *= x;
  const half = Math.pow(x, x / 2 - 0.25); // squared it would overflow before gamma does
  return x > 172 ? Infinity : ((half * Math.exp(-x) * half * Math.sqrt(2 * Math.PI)) / product) * Math.exp(stirling(x));
}


// The Hurwitz zeta function by Euler-Maclaurin summation, for s > 1 and a > 0 (DLMF 25.11.5, 2.10.1).
function zeta(s, a) {
  if (!(s > 1)) return s === 1 ? Infinity : NaN;
  let sum = 0;
  for (const enough = 15 + Math.min(s, 200); a < enough; a++) sum += power(a, -s);
  const last = power(a, -s);
  sum += power(a, 1 - s) / (s - 1) + last / 2;
  if (last === 0) return sum;
  let term = last * (s / a);
  for (let k = 1; k <= 8; k++) {
    term /= 2 * k;
    sum += term * BERNOULLI[k - 1];
    term *= ((s + 2 * k - 1) / (2 * k + 1) / a) * ((s + 2 * k) / a);
  }
  return sum;
}


// The logarithm of gamma(2 + z), for z between -1/2 and 1/2 (DLMF 5.7.3, where that of 1 + z is taken away).
function lgammaNearTwo(z) {
  const slope = 0.42278433509846713; // 1 less Euler's constant
  let sum = 0;
  for (let k = 28; k > 1; k--) sum = z * (((k % 2 === 0 ? 1 : -1) * zeta(k, 2)) / k + sum);
  return z * (slope + sum);
}


// The logarithm of the magnitude of gamma(x), which has zeros at 1 and 2.
function lgamma(x) {
  if (x === -Infinity || (x <= 0 && x === Math.floor(x))) return x === -Infinity ? x : Infinity;
  if (x < 0) return Math.log(Math.PI / Math.abs(sinPi(x))) - lgamma(1 - x);
  if (x < 0.5) return lgamma(1 + x) - Math.log(x);
  if (x < 1.5) return lgammaNearTwo(x - 1) - Math.log1p(x - 1);
  if (x < 2.5) return lgammaNearTwo(x - 2);
  if (x < 10) return Math.log(gamma(x));
  return (x - 0.5) * (Math.log(x) - 1) + (Math.log(2 * Math.PI) - 1) / 2 + stirling(x);
}


// The derivative of lgamma: by recurrence, an asymptotic series and reflection (DLMF 5.5.2, 5.11.2, 5.5.4).
function digamma(x) {
  if (x <= 0 && x === Math.floor(x)) return x === 0 ? -1 / x : NaN;
  if (x < 0) return digamma(1 - x) - Math.PI / Math.tan(Math.PI * (x - Math.round(x)));
  let shift = 0;
  for (; x < 10; x++) shift += 1 / x;
  let sum = 0;
  for (let k = 8; k > 0; k--) sum = (sum + BERNOULLI[k - 1] / (2 * k)) / (x * x);
  return Math.log(x) - 0.5 / x - sum - shift;
}


// The derivative number n of digamma (DLMF 25.11.12); for negative x the terms below 0 are summed apart.
function polygamma(n, x) {
  if (n === 0) return digamma(x);
  const s = n + 1;
  const factor = power(-1, s) * gamma(s);
  if (s === 1 || (x <= 0 && x === Math.floor(x))) return factor * (s >= 1 ? Infinity : NaN);
  if (!(x < 0)) return factor * zeta(s, x);
  const below = zeta(s, Math.ceil(x) - x) - zeta(s, 1 - x);
  return factor * (zeta(s, x - Math.floor(x)) + power(-1, s) * below);
}
