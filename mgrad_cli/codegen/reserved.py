"""Names that programming languages reserve: keywords, and names in their libraries."""

C = """
    alignas alignof asm auto bool break case char const constexpr continue default do double else enum extern false
    float for fortran goto if inline int long nullptr register restrict return short signed sizeof static static_assert
    struct switch thread_local true typedef typeof typeof_unqual union unsigned void volatile while
    linux main unix i386
    BUFSIZ CHAR_BIT DECIMAL_DIG DOMAIN EDOM EILSEQ EOF EOVERFLOW ERANGE EXIT_FAILURE EXIT_SUCCESS FILE HUGE INFINITY
    L_ctermid L_cuserid L_tmpnam LONG_BIT MATH_ERREXCEPT MATH_ERRNO MAXFLOAT MAX_CANON MAX_INPUT NAN NULL NZERO
    OVERFLOW P_tmpdir PIPE_BUF PLOSS PTHREAD_DESTRUCTOR_ITERATIONS SING TLOSS UNDERFLOW WORD_BIT X_TLOSS
    double_t errno float_t fpos_t math_errhandling off_t signgam size_t ssize_t stderr stdin stdout va_list wchar_t
    abort abs atexit atof atoi atol atoll bsearch calloc clearerr div exit fclose fdopen feof ferror fflush fgetc
    fgetpos fgets fileno fopen fprintf fputc fputs fread free freopen fscanf fseek fsetpos ftell fwrite getc getchar
    getdelim getenv getline gets labs ldiv llabs lldiv malloc mblen mbtowc mbstowcs pclose perror popen
    printf putc putchar puts qsort rand realloc remove rename rewind scanf setbuf setvbuf snprintf sprintf srand
    sscanf strtod strtof strtol strtold strtoll strtoul strtoull system tempnam tmpfile tmpnam ungetc vfprintf
    vfscanf vprintf vscanf vsnprintf vsprintf vsscanf wctomb wcstombs
    fpclassify iscanonical iseqsig isfinite isgreater isgreaterequal isinf isless islessequal islessgreater isnan
    isnormal issignaling issubnormal isunordered iszero signbit
"""

C_FUNCTIONS = """
    acos acosh acospi asin asinh asinpi atan atan2 atan2pi atanh atanpi canonicalize cbrt ceil compoundn copysign cos
    cosh cospi dadd ddiv dfma dmul drem dsqrt dsub erf erfc exp exp10 exp10m1 exp2 exp2m1 expm1 fabs fadd fdim fdiv
    ffma finite floor fma fmax fmaximum fmaximum_mag fmaximum_mag_num fmaximum_num fmaxmag fmin fminimum fminimum_mag
    fminimum_mag_num fminimum_num fminmag fmod fmul frexp fromfp fromfpx fsqrt fsub gamma getpayload hypot ilogb j0
    j1 jn ldexp lgamma llogb llrint llround log log10 log10p1 log1p log2 log2p1 logb logp1 lrint lround modf nan
    nearbyint nextafter nextdown nexttoward nextup pow pow10 pown powr remainder remquo rint rootn round roundeven
    rsqrt scalb scalbln scalbn setpayload setpayloadsig significand sin sincos sinh sinpi sqrt tan tanh tanpi tgamma
    totalorder totalordermag trunc ufromfp ufromfpx y0 y1 yn
"""
"""The functions of `math.h`. Each has variants such as `sinf`, `sinl`, `sinf32x` and `lgamma_r`."""

C_FAMILIES = rf"""
    (?: {"|".join(C_FUNCTIONS.split())} ) (?: [fl] | [fd]\d+x? )? (?: _r )?
    | (?: M | FP | FLT | DBL | LDBL | DEC\d* | NL | SEEK | RENAME ) _ [A-Z0-9_]* [A-Z0-9] (?: l | f \d* x? )?
    | (?: HUGE_VAL | SNAN ) (?: _? [FL] \d* X? )?
    | [A-Z0-9_]+ _ (?: MAX | MIN | WIDTH )
"""
"""Variants of those functions, and the macros of `math.h`, `float.h`, `limits.h` and `stdio.h`."""


JAVASCRIPT = """
    abstract arguments async await boolean break byte case catch char class const continue debugger default delete do
    double else enum eval export extends false final finally float for function goto if implements import in instanceof
    int interface let long native new null of package private protected public return short static super switch
    synchronized this throw throws transient true try typeof undefined var void volatile while with yield
    AggregateError Array ArrayBuffer Atomics BigInt BigInt64Array BigUint64Array Boolean DataView Date Error EvalError
    FinalizationRegistry Float32Array Float64Array Function Infinity Int16Array Int32Array Int8Array Intl Iterator JSON
    Map Math NaN Number Object Promise Proxy RangeError ReferenceError Reflect RegExp Set SharedArrayBuffer String
    Symbol SyntaxError TypeError URIError Uint16Array Uint32Array Uint8Array Uint8ClampedArray WeakMap WeakRef WeakSet
    WebAssembly decodeURI decodeURIComponent encodeURI encodeURIComponent escape globalThis isFinite isNaN parseFloat
    parseInt unescape
    Buffer console document exports global module process require self window
"""
"""Reserved words, and global names of the language, Node.js and browsers."""

PYTHON = """
    False None True and as assert async await break case class continue def del elif else except finally for from
    global if import in is lambda match nonlocal not or pass raise return try while with yield Ellipsis
    NotImplemented
    abs aiter all anext any ascii bin bool breakpoint bytearray bytes callable chr classmethod compile complex
    copyright credits delattr dict dir divmod enumerate eval exec exit filter float format frozenset getattr globals
    hasattr hash help hex id input int isinstance issubclass iter len license list locals map max memoryview min
    next object oct open ord pow print property quit range repr reversed round set setattr slice sorted staticmethod
    str sum super tuple type vars zip
"""
"""Keywords, including contextual ones, and built-in functions."""

PYTHON_FAMILIES = r"[A-Z]\w*(?:Error|Exception|ExceptionGroup|Exit|Interrupt|Iteration|Warning)"
"""Built-in exceptions."""
