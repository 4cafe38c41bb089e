// The square root, and +0 for -0.
static double square_root(double x) {
    return sqrt(x) + 0.0;
}


static double degrees(double x) {
    return x * (180.0 / 3.141592653589793);
}


static double radians(double x) {
    return x * (3.141592653589793 / 180.0);
}


static double sign(double x) {
    return x > 0.0 ? 1.0 : x < 0.0 ? -1.0 : x == 0.0 ? 0.0 : NAN;
}


// The floor of the exact quotient a/b.
static double floor_divide(double a, double b) {
    if (b == 0.0) return a / b;
    const double remainder = fmod(a, b);
    double quotient = (a - remainder) / b;
    if (remainder != 0.0 && (remainder < 0.0) != (b < 0.0)) quotient -= 1.0;
    if (quotient == 0.0) return copysign(0.0, a / b);
    const double whole = floor(quotient);
    return quotient - whole > 0.5 ? whole + 1.0 : whole;
}


// The remainder with the sign of b.
static double mod(double a, double b) {
    const double remainder = fmod(a, b);
    if (remainder == 0.0) return copysign(0.0, b);
    return (remainder < 0.0) != (b < 0.0) ? remainder + b : remainder;
}


// The larger one: nan with nan, and a zero is +0.
static double maximum(double a, double b) {
    return isunordered(a, b) ? NAN : (a > b ? a : b) + 0.0;
}


// The smaller one: nan with nan, and a zero is +0.
static double minimum(double a, double b) {
    return isunordered(a, b) ? NAN : (a < b ? a : b) + 0.0;
}


static double logical_and(double a, double b) {
    return isunordered(a, b) ? NAN : a != 0.0 && b != 0.0;
}


static double logical_or(double a, double b) {
    return isunordered(a, b) ? NAN : a != 0.0 || b != 0.0;
}


static double logical_not(double x) {
    return isnan(x) ? NAN : x == 0.0;
}


static double where(double c, double a, double b) {
    return isnan(c) ? NAN : c != 0.0 ? a : b;
}


// The logarithm of the magnitude of gamma(x); C's own is +inf at -inf.
static double log_gamma(double x) {
    return x == -INFINITY ? x : lgamma(x);
}


// B2, B4, ..., B16 (DLMF 24.2).
static const double BERNOULLI[] = {
    1.0 / 6.0, -1.0 / 30.0, 1.0 / 42.0, -1.0 / 30.0, 5.0 / 66.0, -691.0 / 2730.0, 7.0 / 6.0, -3617.0 / 510.0,
};


// The derivative of log_gamma: by recurrence, an asymptotic series and reflection (DLMF 5.5.2, 5.11.2, 5.5.4).
static double digamma(double x) {
    if (x <= 0.0 && x == floor(x)) return x == 0.0 ? -1.0 / x : NAN;
    const double pi = 3.141592653589793;
    const double reflection = x < 0.0 ? pi / tan(pi * (x - rint(x))) : 0.0;
    double shift = 0.0, sum = 0.0;
    for (x = x < 0.0 ? 1.0 - x : x; x < 10.0; x += 1.0) shift += 1.0 / x;
    for (int k = 8; k > 0; k--) sum = (sum + BERNOULLI[k - 1] / (2 * k)) / (x * x);
    return log(x) - 0.5 / x - sum - shift - reflection;
}


// The Hurwitz zeta function by Euler-Maclaurin summation, for s > 1 and a > 0 (DLMF 25.11.5, 2.10.1).
static double zeta(double s, double a) {
    if (!(s > 1.0)) return s == 1.0 ? INFINITY : NAN;
    double sum = 0.0;
    for (const double enough = 15.0 + (s < 200.0 ? s : 200.0); a < enough; a += 1.0) sum += pow(a, -s);
    const double last = pow(a, -s);
    sum += pow(a, 1.0 - s) / (s - 1.0) + last / 2.0;
    if (last == 0.0) return sum;
    double term = last * (s / a);
    for (int k = 1; k <= 8; k++) {
        term /= 2 * k;
        sum += term * BERNOULLI[k - 1];
        term *= ((s + 2 * k - 1) / (2 * k + 1) / a) * ((s + 2 * k) / a);
    }
    return sum;
}


// The derivative number n of digamma (DLMF 25.11.12); for negative x the terms below 0 are summed apart.
static double polygamma(double n, double x) {
    if (n == 0.0) return digamma(x);
    const double s = n + 1.0, factor = pow(-1.0, s) * tgamma(s);
    if (s == 1.0 || (x <= 0.0 && x == floor(x))) return factor * (s >= 1.0 ? INFINITY : NAN);
    if (!(x < 0.0)) return factor * zeta(s, x);
    const double below = zeta(s, ceil(x) - x) - zeta(s, 1.0 - x);
    return factor * (zeta(s, x - floor(x)) + pow(-1.0, s) * below);
}
