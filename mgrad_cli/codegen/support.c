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


// The imaginary error function, by a series of positive terms.
static double erfi(double x) {
    const double size = fabs(x);
    if (!(size > 0.0 && size < 26.7)) return size == 0.0 ? x : x * INFINITY;
    double term = size, sum = size;
    for (int k = 1; sum + term != sum; k++) {
        term *= size * size / k;
        sum += term / (2 * k + 1);
    }
    return copysign(sum * (2.0 / sqrt(3.141592653589793)), x);
}


// The y with erf(y) = x, for x between -1/2 and 1/2, by Halley's method.
static double inverse_near(double x) {
    const double half = sqrt(3.141592653589793) / 2.0;
    double y = x * half * (1.0 + 3.141592653589793 / 12.0 * x * x);
    for (int k = 0; k < 4; k++) {
        const double step = (erf(y) - x) * half * exp(y * y);
        y -= step / (1.0 + y * step);
    }
    return y + 0.0;
}


// The y with erfc(y) = x, for x up to 1/2, by Newton's method for the logarithm from an approximation
// (Abramowitz and Stegun, 26.2.23).
static double inverse_tail(double x) {
    const double t = sqrt(-2.0 * (log(x) - log(2.0)));
    const double above = 2.515517 + t * (0.802853 + t * 0.010328);
    const double below = 1.0 + t * (1.432788 + t * (0.189269 + t * 0.001308));
    double y = (t - above / below) * sqrt(0.5);
    for (int k = 0; k < 5; k++) {
        const double tail = erfc(y);
        y += log(tail / x) * tail * exp(y * y) * (sqrt(3.141592653589793) / 2.0);
    }
    return y;
}


static double erfinv(double x) {
    const double size = fabs(x);
    if (!(size < 1.0)) return size == 1.0 ? x * INFINITY : NAN;
    return size <= 0.5 ? inverse_near(x) : copysign(inverse_tail(1.0 - size), x);
}


static double erfcinv(double x) {
    if (!(x > 0.0 && x < 2.0)) return x == 0.0 ? INFINITY : x == 2.0 ? -INFINITY : NAN;
    return x < 0.5 ? inverse_tail(x) : x <= 1.5 ? inverse_near(1.0 - x) : -inverse_tail(2.0 - x);
}


// Coefficients of Lambert's W in powers of the root of 2*(e*x + 1).
static const double BRANCH[] = {
    -1.0, 1.0, -0.3333333333333333, 0.1527777777777778, -0.07962962962962962, 0.04450231481481482,
    -0.025984714873603758, 0.015635632532333927, -0.009616892024299429, 0.00601454325295612, -0.0038112980348919993,
    0.002440877991143984, -0.0015769303446867841, 0.0010262633205076073, -0.0006720616311561363,
    0.0004424730618146208, -0.00029267722472962757, 0.00019438727605453922, -0.00012957426685274886,
    8.665035805208126e-05, -5.8113607504413824e-05, 3.907668486743903e-05, -2.63380647472311e-05,
    1.779034580507957e-05, -1.2040352739559983e-05, 8.163531982496608e-06,
};


// Lambert's W, near the branch point by a series, elsewhere by a quadratic iteration (Iacono and Boyd 2017).
static double lambert_w(double x) {
    if (!(x >= -0.36787944117144233)) return NAN;
    if (x == 0.0 || x == INFINITY) return x;
    if (x < -0.35) {
        const double above = x + 0.36787944117144233 - 1.2428753672788363e-17;
        const double root = sqrt(2.0 * 2.718281828459045 * (above > 0.0 ? above : 0.0));
        double sum = 0.0;
        for (int k = 25; k >= 0; k--) sum = sum * root + BRANCH[k];
        return sum;
    }
    const double size = log1p(x);
    double w = size * (1.0 - log1p(size) / (2.0 + size));
    for (int k = 0; k < 6; k++) w = w / (1.0 + w) * (1.0 + log(x / w));
    return w;
}


// The Bessel functions J0, J1, Y0 and Y1 by their number: from 25 on by Hankel's expansion (DLMF 10.17.3), below by
// Miller's backward recurrence and Neumann's series (DLMF 3.6, 10.8).
static double bessel(int which, double x) {
    const double pi = 3.141592653589793;
    const int is_first = which < 2, order = which % 2;
    const double flip = x < 0.0 && which == 1 ? -1.0 : 1.0;
    if (is_first && x < 0.0) x = -x;
    if (!(x > 0.0)) return x == 0.0 ? (is_first ? (order ? x : 1.0) : -INFINITY) : NAN;
    if (x == INFINITY) return 0.0;
    if (x >= 25.0) {
        double term = 1.0, sums[] = {1.0, 0.0};
        for (int k = 1; k < 40 && fabs(term) > 1e-20; k++) {
            term *= (4 * order - (2 * k - 1) * (2 * k - 1)) / (8.0 * k * x);
            sums[k % 2] += k % 4 < 2 ? term : -term;
        }
        const double c = order ? sin(x) - cos(x) : sin(x) + cos(x);
        const double s = order ? -sin(x) - cos(x) : sin(x) - cos(x);
        return flip * (is_first ? sums[0] * c - sums[1] * s : sums[0] * s + sums[1] * c) / sqrt(pi) / sqrt(x);
    }
    const double slope = log(x) - log(2.0) + 0.5772156649015329;
    if (x < 1e-8) {
        const double near[] = {1.0, flip * x / 2.0, 2.0 / pi * slope, -2.0 / pi / x};
        return near[which];
    }
    double above = 0.0, here = 1.0, norm = 0.0, even = 0.0, odd = 0.0;
    for (int n = 2 * (int)ceil(x / 2.0 + 25.0); n > 0; n--) {
        const int k = n / 2, parity = k % 2 ? -1 : 1;
        if (n % 2 == 0) {
            norm += 2.0 * here;
            even += parity * here / k;
        } else if (k > 0) {
            odd += parity * (2 * k + 1) * here / (k * (k + 1));
        }
        const double below = 2 * n / x * here - above;
        above = here;
        here = below;
        if (fabs(here) > 1e100) {
            above *= 1e-100;
            here *= 1e-100;
            norm *= 1e-100;
            even *= 1e-100;
            odd *= 1e-100;
        }
    }
    norm += here;
    if (is_first) return flip * (order ? above : here) / norm;
    if (!order) return (2.0 / pi * slope * here - 4.0 / pi * even) / norm;
    return 2.0 / pi * ((slope - 1.0) * above - here / x - odd) / norm;
}


// x**a*exp(-x)/gamma(a + 1), for large a around its peak.
static double gamma_term(double a, double x) {
    if (a < 50.0) {
        const double half = pow(x, a / 2.0) * exp(-x / 2.0);
        return x > 1400.0 ? 0.0 : half * half / tgamma(a + 1.0);
    }
    const double u = (x - a) / a, excess = u - (fabs(u) < 0.5 ? log1p(u) : log(x / a));
    const double stirling = (1.0 / 12.0 - (1.0 / 360.0 - 1.0 / 1260.0 / a / a) / a / a) / a;
    return exp(-a * excess - stirling) / sqrt(2.0 * 3.141592653589793) / sqrt(a);
}


// The logarithm of gamma(1 + a), for a between 0 and 1/2 by its series (DLMF 5.7.3).
static double log_gamma_near_one(double a) {
    double sum = 0.0;
    for (int k = 28; k > 1; k--) sum = a * ((k % 2 ? -1.0 : 1.0) * zeta(k, 2.0) / k + sum);
    return a <= 0.5 ? a * (0.42278433509846713 + sum) - log1p(a) : lgamma(1.0 + a);
}


// The incomplete gamma function over gamma(a), lower or upper: by a uniform expansion for large a (DLMF 8.12), a series
// (8.7.1), a continued fraction (8.9.2), and for small x a sum in which nothing cancels (8.7.3).
static double incomplete_gamma(double a, double x, int is_upper) {
    if (!(a >= 0.0 && x >= 0.0) || (a == 0.0 && x == 0.0) || (a == INFINITY && x == INFINITY)) return NAN;
    if (a == 0.0 || x == INFINITY) return is_upper ? 0.0 : 1.0;
    if (x == 0.0 || a == INFINITY) return is_upper ? 1.0 : 0.0;
    if (a > 1e6) {
        const double u = (x - a) / a, excess = u - (fabs(u) < 0.5 ? log1p(u) : log(x / a));
        const double eta = copysign(sqrt(2.0 * (excess > 0.0 ? excess : 0.0)), u), side = eta * sqrt(a / 2.0);
        const double slope = 1.0 / 12.0 + eta * (-2.0 / 135.0 + eta * (1.0 / 864.0 + eta / 2835.0));
        const double peak = exp(-a * excess) / sqrt(2.0 * 3.141592653589793) / sqrt(a);
        const double rest = peak == 0.0 ? 0.0 : peak * (-1.0 / 3.0 + eta * slope - 1.0 / 540.0 / a);
        return is_upper ? erfc(side) / 2.0 + rest : erfc(-side) / 2.0 - rest;
    }
    if (is_upper && x < 1.5 && x >= a) {
        const double power = a * log(x) - log_gamma_near_one(a);
        double term = 1.0, sum = 0.0;
        for (int k = 1; k < 40; k++) {
            term *= -x / k;
            sum += term / (a + k);
        }
        return -expm1(power) - exp(power) * a * sum;
    }
    if (x < a + 1.0 || x < 1.5) {
        double term = 1.0, sum = 1.0;
        for (int k = 1; sum + term != sum; k++) {
            term *= x / (a + k);
            sum += term;
        }
        const double lower = sum * gamma_term(a, x);
        return is_upper ? 1.0 - lower : lower;
    }
    double b = x + 1.0 - a, c = 1e300, d = 1.0 / b, fraction = d, change = 0.0;
    for (int k = 1; k < 100000 && fabs(change - 1.0) > 1e-16; k++) {
        const double numerator = -k * (k - a);
        b += 2.0;
        d = 1.0 / (numerator * d + b);
        c = b + numerator / c;
        change = c * d;
        fraction *= change;
    }
    const double upper = gamma_term(a, x) * a * fraction;
    return is_upper ? upper : 1.0 - upper;
}
