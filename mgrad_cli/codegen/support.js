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


// The imaginary error function, by a series of positive terms.
function erfi(x) {
  const size = Math.abs(x);
  if (!(size < 26.7)) return x * Infinity;
  let term = size;
  let sum = size;
  for (let k = 1; sum + term !== sum; k++) {
    term *= (size * size) / k;
    sum += term / (2 * k + 1);
  }
  return Math.sign(x) * sum * (2 / Math.sqrt(Math.PI)) || x;
}


// The y with erf(y) = x, for x between -1/2 and 1/2, by Halley's method.
function inverseNear(x) {
  const half = Math.sqrt(Math.PI) / 2;
  let y = x * half * (1 + (Math.PI / 12) * x * x);
  for (let k = 0; k < 4; k++) {
    const step = (erf(y) - x) * half * Math.exp(y * y);
    y -= step / (1 + y * step);
  }
  return y + 0;
}


// The y with erfc(y) = x, for x up to 1/2, by Newton's method for the logarithm from an approximation
// (Abramowitz and Stegun, 26.2.23).
function inverseTail(x) {
  const t = Math.sqrt(-2 * (Math.log(x) - Math.LN2));
  const above = 2.515517 + t * (0.802853 + t * 0.010328);
  const below = 1 + t * (1.432788 + t * (0.189269 + t * 0.001308));
  let y = (t - above / below) * Math.SQRT1_2;
  for (let k = 0; k < 5; k++) {
    const tail = erfc(y);
    y += ((Math.log(tail / x) * tail) / bell(y)) * (Math.sqrt(Math.PI) / 2);
  }
  return y;
}


function erfinv(x) {
  const size = Math.abs(x);
  if (!(size < 1)) return size === 1 ? x * Infinity : NaN;
  return size <= 0.5 ? inverseNear(x) : Math.sign(x) * inverseTail(1 - size);
}


function erfcinv(x) {
  if (!(x > 0 && x < 2)) return x === 0 ? Infinity : x === 2 ? -Infinity : NaN;
  return x < 0.5 ? inverseTail(x) : x <= 1.5 ? inverseNear(1 - x) : -inverseTail(2 - x);
}


// Coefficients of Lambert's W in powers of the root of 2*(e*x + 1).
const BRANCH = [
  -1, 1, -0.3333333333333333, 0.1527777777777778, -0.07962962962962962, 0.04450231481481482, -0.025984714873603758,
  0.015635632532333927, -0.009616892024299429, 0.00601454325295612, -0.0038112980348919993, 0.002440877991143984,
  -0.0015769303446867841, 0.0010262633205076073, -0.0006720616311561363, 0.0004424730618146208,
  -0.00029267722472962757, 0.00019438727605453922, -0.00012957426685274886, 8.665035805208126e-05,
  -5.8113607504413824e-05, 3.907668486743903e-05, -2.63380647472311e-05, 1.779034580507957e-05,
  -1.2040352739559983e-05, 8.163531982496608e-06,
];


// Lambert's W, near the branch point by a series, elsewhere by a quadratic iteration (Iacono and Boyd 2017).
function lambertW(x) {
  if (!(x >= -0.36787944117144233)) return NaN;
  if (x === 0 || x === Infinity) return x;
  if (x < -0.35) {
    const root = Math.sqrt(2 * Math.E * Math.max(x + 0.36787944117144233 - 1.2428753672788363e-17, 0));
    let sum = 0;
    for (let k = 25; k >= 0; k--) sum = sum * root + BRANCH[k];
    return sum;
  }
  const size = Math.log1p(x);
  let w = size * (1 - Math.log1p(size) / (2 + size));
  for (let k = 0; k < 6; k++) w = (w / (1 + w)) * (1 + Math.log(x / w));
  return w;
}


// The Bessel functions J0, J1, Y0 and Y1 by their number: from 25 on by Hankel's expansion (DLMF 10.17.3), below by
// Miller's backward recurrence and Neumann's series (DLMF 3.6, 10.8).
function bessel(which, x) {
  const isFirst = which < 2;
  if (x === Infinity || (x === -Infinity && isFirst)) return 0;
  if (x < 0 && isFirst) return which === 0 ? bessel(0, -x) : -bessel(1, -x);
  if (!(x > 0)) return x === 0 ? (isFirst ? (which === 0 ? 1 : x) : -Infinity) : NaN;
  const order = which % 2;
  if (x >= 25) {
    let term = 1;
    const sums = [1, 0];
    for (let k = 1; k < 40 && Math.abs(term) > 1e-20; k++) {
      term *= (4 * order - (2 * k - 1) * (2 * k - 1)) / (8 * k * x);
      sums[k % 2] += k % 4 < 2 ? term : -term;
    }
    const c = order === 0 ? Math.sin(x) + Math.cos(x) : Math.sin(x) - Math.cos(x);
    const s = order === 0 ? Math.sin(x) - Math.cos(x) : -Math.sin(x) - Math.cos(x);
    return (isFirst ? sums[0] * c - sums[1] * s : sums[0] * s + sums[1] * c) / Math.sqrt(Math.PI) / Math.sqrt(x);
  }
  const log = Math.log(x) - Math.LN2 + 0.5772156649015329;
  if (x < 1e-8) return [1, x / 2, (2 / Math.PI) * log, -2 / Math.PI / x][which];
  let above = 0;
  let here = 1;
  let norm = 0;
  let even = 0;
  let odd = 0;
  for (let n = 2 * Math.ceil(x / 2 + 25); n > 0; n--) {
    const k = Math.floor(n / 2);
    const parity = k % 2 === 0 ? 1 : -1;
    if (n % 2 === 0) {
      norm += 2 * here;
      even += (parity * here) / k;
    } else if (k > 0) {
      odd += (parity * (2 * k + 1) * here) / (k * (k + 1));
    }
    [above, here] = [here, ((2 * n) / x) * here - above];
    if (Math.abs(here) > 1e100) {
      above *= 1e-100;
      here *= 1e-100;
      norm *= 1e-100;
      even *= 1e-100;
      odd *= 1e-100;
    }
  }
  norm += here;
  if (isFirst) return (which === 0 ? here : above) / norm;
  if (which === 2) return ((2 / Math.PI) * log * here - (4 / Math.PI) * even) / norm;
  return ((2 / Math.PI) * ((log - 1) * above - here / x - odd)) / norm;
}


// x**a*exp(-x)/gamma(a + 1), for large a around its peak.
function gammaTerm(a, x) {
  if (a < 50) {
    const half = Math.pow(x, a / 2) * Math.exp(-x / 2);
    return x > 1400 ? 0 : (half * half) / gamma(a + 1);
  }
  const u = (x - a) / a;
  const excess = u - (Math.abs(u) < 0.5 ? Math.log1p(u) : Math.log(x / a));
  return Math.exp(-a * excess - stirling(a)) / Math.sqrt(2 * Math.PI) / Math.sqrt(a);
}


// The incomplete gamma function over gamma(a), lower or upper: by a uniform expansion for large a (DLMF 8.12), a series
// (8.7.1), a continued fraction (8.9.2), and for small x a sum in which nothing cancels (8.7.3).
function incompleteGamma(a, x, isUpper) {
  if (!(a >= 0 && x >= 0) || (a === 0 && x === 0) || (a === Infinity && x === Infinity)) return NaN;
  if (a === 0 || x === Infinity) return isUpper ? 0 : 1;
  if (x === 0 || a === Infinity) return isUpper ? 1 : 0;
  if (a > 1e6) {
    const u = (x - a) / a;
    const excess = u - (Math.abs(u) < 0.5 ? Math.log1p(u) : Math.log(x / a));
    const eta = Math.sign(u) * Math.sqrt(2 * Math.max(excess, 0));
    const slope = 1 / 12 + eta * (-2 / 135 + eta * (1 / 864 + eta / 2835));
    const peak = Math.exp(-a * excess) / Math.sqrt(2 * Math.PI) / Math.sqrt(a);
    const rest = peak === 0 ? 0 : peak * (-1 / 3 + eta * slope - 1 / 540 / a);
    const side = eta * Math.sqrt(a / 2);
    return isUpper ? erfc(side) / 2 + rest : erfc(-side) / 2 - rest;
  }
  if (isUpper && x < 1.5 && x >= a) {
    const log = a * Math.log(x) - (a <= 0.5 ? lgammaNearTwo(a) - Math.log1p(a) : lgamma(1 + a));
    let term = 1;
    let sum = 0;
    for (let k = 1; k < 40; k++) {
      term *= -x / k;
      sum += term / (a + k);
    }
    return -Math.expm1(log) - Math.exp(log) * a * sum;
  }
  if (x < a + 1 || x < 1.5) {
    let term = 1;
    let sum = 1;
    for (let k = 1; sum + term !== sum; k++) {
      term *= x / (a + k);
      sum += term;
    }
    const lower = sum * gammaTerm(a, x);
    return isUpper ? 1 - lower : lower;
  }
  let b = x + 1 - a;
  let c = 1e300;
  let d = 1 / b;
  let fraction = d;
  for (let k = 1, change = 0; k < 100000 && Math.abs(change - 1) > 1e-16; k++) {
    const numerator = -k * (k - a);
    b += 2;
    d = 1 / (numerator * d + b);
    c = b + numerator / c;
    change = c * d;
    fraction *= change;
  }
  const upper = gammaTerm(a, x) * a * fraction;
  return isUpper ? upper : 1 - upper;
}
