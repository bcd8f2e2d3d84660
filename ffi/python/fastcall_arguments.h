/*
 * What Python passes to a builtin of fastcall.c, by the description of its function: each argument is put into its place, or the case is
 * not plain.
 */
#pragma once

#include "bytestride.h"
#include "fastcall_python.h"

/* ---- Descriptions; _fastcall.py has the same structs and numbers -------------------------------------------------- */

enum role {
    FIXED,          /* only its default */
    ARRAY,          /* array number `at` */
    OUT,            /* the same, written; None for a fresh result */
    ARRAY_OPTION,   /* an array whose descriptor's address is put into the options, or None */
    WORD,           /* a word for a number in the options */
    INTEGER,        /* an int within `low` and `high`, in the options */
    REAL,           /* a float or a small int, in the options */
    POSITIVE,       /* the same, above 0 */
    FLAG,           /* True or False, in the options as 1 or 0 */
    ZERO,           /* the number 0 */
    SCALAR_REAL,    /* floating-point argument number `at` of the function */
    SCALAR_INTEGER, /* integer argument number `at` of the function */
    DTYPE,          /* the dtype of the result, or None */
    SHAPE,          /* the shape that `out` has */
    AXES,           /* an int, a tuple of some, or None: int32 in the options, behind their number */
    ORDER,          /* a tuple of the axes of array 0, which is transposed so, or None */
    THREADS,
    BY_ROWS /* True for a fresh result with an element for each row of array 0 */
};

/* What a Python number in the place of an array becomes. */
enum number { NO_NUMBER, WEAK, OWN, UNSIGNED }; /* the dtype of the array beside it; its own; uint64, and a Python result */

typedef struct word {
    PyObject *text;
    int64_t value;
} word;

typedef struct parameter {
    PyObject *name;     /* interned; NULL where it cannot be named */
    PyObject *fallback; /* the default */
    const word *words;
    int64_t words_count, low, high;
    int32_t role, at, required, number, arrays_too;
} parameter;

/* What a fresh result is: nothing; like one array; both operands broadcast; without dimensions, or BY_ROWS; as by convolve; a row for each row of
 * array 0, and a column for each of array 1, or of itself; an element for each row of array 0; a point for each pixel; as SHAPE says. */
enum shape { GIVEN, LIKE, COMMON, SCALAR, FILTERED, PAIRS, ROWS, POINTS, NAMED };
enum measure { SIZE, LAST, BITS, BYTES }; /* elements; last extent; bits of the number of elements; bytes */
typedef struct factor {
    int32_t array, measure;
} factor;

enum {
    MOST_PARAMETERS = 24,
    MOST_ARRAYS = 4,
    MOST_ARRAY_OPTIONS = 2,
    ALL_ARRAYS = MOST_ARRAYS + MOST_ARRAY_OPTIONS,
    MOST_FLOATS = 4,
    MOST_INTEGERS = 1,
    MOST_FACTORS = 3
};
enum { LARGEST_OPTIONS = 256 };

typedef struct description {
    void *function;
    PyObject *general; /* the Python function of the same name */
    const parameter *parameters;
    const void *options; /* the defaults */
    const char *name, *doc;
    double seconds; /* times the factors: an estimate of the work, in the best case */
    factor factors[MOST_FACTORS];
    int32_t factors_count, parameters_count, positional_count;
    int32_t arrays, floats, integers, options_size, options_needed;
    int32_t result, shape, like;       /* the number of the array that is returned, and what a fresh one is */
    int32_t dtype;                     /* of a fresh result: NumPy's number, or -1 for that of the argument or of array `like` */
    int32_t exact, reversed, square;   /* out has the very dtype; array 0 is transposed, by ORDER or reversed; it must be a square matrix */
    int32_t true_division, not_scalar; /* integers give another dtype; array 0 has a dimension */
    int32_t counts;                    /* the integer argument is the address of a count of results, which nobody reads here */
} description;

/* ---- Arguments ---------------------------------------------------------------------------------------------------- */

typedef struct call {
    void *function;
    const void *options;
    const void *a[MOST_ARRAYS];
    double d[MOST_FLOATS];
    int64_t i[MOST_INTEGERS];
    Py_ssize_t arrays, floats, integers;
} call;

/* A call by its description, while the arguments are read. */
typedef struct reading {
    const description *what;
    call call;
    array arrays[ALL_ARRAYS]; /* those of the function, then those of the options */
    const dtype *dtype;
    PyObject *out, *shape, *order, *number; /* NULL where not given */
    const parameter *number_for;
    int32_t threads, options_given, by_rows, array_options;
    int64_t count;
    union {
        bytestride_options head;
        char bytes[LARGEST_OPTIONS];
    } options;
} reading;

/* Whether an exact int, and its value; no exception stays. */
static int read_integer(PyObject *object, int64_t *value) {
    if (type_of(object) != known.int_type) return 0;
    *value = python.PyLong_AsLongLong(object);
    if (*value != -1 || !python.PyErr_Occurred()) return 1;
    python.PyErr_Clear();
    return 0;
}

/* Whether an exact float, or an exact int that float64 holds. */
static int read_real(PyObject *object, double *value) {
    const int64_t exact = 1ll << 53;
    int64_t whole;
    if (type_of(object) == known.float_type) {
        *value = python.PyFloat_AsDouble(object);
        return 1;
    }
    if (!read_integer(object, &whole) || whole <= -exact || whole >= exact) return 0;
    *value = (double)whole;
    return 1;
}

/* Stores a number in an array without dimensions; 0 where that is not simple. */
static int store_number(array *a, PyObject *object, int allow_float) {
    int64_t whole;
    double real, imag = 0;
    const int size = a->dtype->itemsize;
    switch (a->dtype->kind) {
    case 'c':
        if (!allow_float) return 0;
        if (type_of(object) == known.complex_type) {
            real = python.PyComplex_RealAsDouble(object);
            imag = python.PyComplex_ImagAsDouble(object);
        } else if (!read_real(object, &real)) {
            return 0;
        }
        if (size == 16)
            a->value.complex128[0] = real, a->value.complex128[1] = imag;
        else
            a->value.complex64[0] = (float)real, a->value.complex64[1] = (float)imag;
        return 1;
    case 'f':
        if (size < 4 || !allow_float || !read_real(object, &real)) return 0;
        if (size == 8)
            a->value.float64 = real;
        else
            a->value.float32 = (float)real;
        return 1;
    case 'i':
    case 'u': {
        if (!read_integer(object, &whole)) return 0;
        const int with_sign = a->dtype->kind == 'i';
        if (size == 8) {
            if (!with_sign && whole < 0) return 0;
        } else {
            const int64_t span = 1ll << (8 * size - with_sign);
            if (whole >= span || whole < (with_sign ? -span : 0)) return 0;
        }
        switch (size) {
        case 8: a->value.int64 = whole; break;
        case 4: a->value.int32 = (int32_t)whole; break;
        case 2: a->value.int16 = (int16_t)whole; break;
        default: a->value.int8 = (int8_t)whole;
        }
        return 1;
    }
    default: return 0;
    }
}

enum { NUMBER_INT64 = 7, NUMBER_UINT64 = 8, NUMBER_FLOAT32 = 11, NUMBER_FLOAT64 = 12 }; /* NumPy's; LP64, as all of this library */

/* The Python number that stands in the place of an array. */
static int place_number(reading *r) {
    const parameter *const p = r->number_for;
    array *const a = &r->arrays[p->at];
    int number = type_of(r->number) == known.float_type ? NUMBER_FLOAT64 : NUMBER_INT64;
    if (p->number == WEAK) {
        const array *const beside = &r->arrays[1 - p->at];
        if (r->what->true_division && beside->dtype->kind != 'f' && beside->dtype->kind != 'c') return 0;
        make_scalar(a, beside->dtype, beside->descr);
    } else {
        if (p->number == UNSIGNED) number = NUMBER_UINT64;
        make_scalar(a, &known.dtypes[number], known.dtypes[number].descr);
    }
    if (!store_number(a, r->number, 1)) return 0;
    if (p->number == UNSIGNED && (a->value.int64 < p->low || a->value.int64 > p->high)) return 0;
    r->call.a[p->at] = &a->interface;
    return 1;
}

static void set_option(reading *r, int32_t at, const void *value, size_t size, int is_zero) {
    memcpy(r->options.bytes + at, value, size);
    if (!is_zero) r->options_given = 1;
}

static int set_int32(reading *r, int32_t at, int64_t value) {
    const int32_t narrow = (int32_t)value;
    set_option(r, at, &narrow, sizeof narrow, narrow == 0);
    return 1;
}

static int set_axes(reading *r, int32_t at, PyObject *value) {
    const int whole = type_of(value) == known.int_type;
    if (!whole && type_of(value) != known.tuple) return value == known.none;
    const Py_ssize_t count = whole ? 1 : python.PyTuple_Size(value);
    if (count < 1 || count > MOST_DIMENSIONS) return 0;
    set_int32(r, at, count);
    for (Py_ssize_t i = 0; i < count; i++) {
        int64_t axis;
        if (!read_integer(whole ? value : python.PyTuple_GetItem(value, i), &axis) || axis < INT32_MIN || axis > INT32_MAX) return 0;
        set_int32(r, at + (int32_t)sizeof(int32_t) * (int32_t)(i + 1), axis);
    }
    return 1;
}

static int take_array(reading *r, const parameter *p, PyObject *value) {
    array *const a = &r->arrays[p->at];
    if (p->arrays_too && open_array(a, value)) {
        r->call.a[p->at] = &a->interface;
        return 1;
    }
    if (p->number == NO_NUMBER) return value == known.none && !p->required;
    if (p->arrays_too && p->number != UNSIGNED && open_scalar(a, value)) {
        r->call.a[p->at] = &a->interface;
        return 1;
    }
    if (r->number) return 0;
    r->number = value;
    r->number_for = p;
    return 1;
}

/* What a dtype, a class, or a name of a dtype means; NULL where it is none of these. Pointers first: most names are interned. */
static const dtype *dtype_of(PyObject *value) {
    for (const dtype *d = known.dtypes; d < known.dtypes + DTYPES; d++)
        if (value == d->descr || value == d->type || value == d->builtin) return d;
    for (const dtype *d = known.dtypes; d < known.dtypes + DTYPES; d++)
        for (int i = 0; i < DTYPE_NAMES; i++)
            if (value == d->names[i]) return d;
    if (type_of(value) != known.str_type) return NULL;
    for (const dtype *d = known.dtypes; d < known.dtypes + DTYPES; d++)
        for (int i = 0; i < DTYPE_NAMES; i++)
            if (d->names[i] && python.PyUnicode_Compare(value, d->names[i]) == 0) return d;
    return NULL;
}

/* Puts one argument into its place; 0 where it is not of the plain kind. */
static int take(reading *r, const parameter *p, PyObject *value) {
    int64_t whole;
    double real;
    switch ((enum role)p->role) {
    case FIXED: return value == p->fallback;
    case ARRAY: return take_array(r, p, value);
    case OUT:
        if (value == known.none) return 1;
        r->out = value;
        r->call.a[p->at] = &r->arrays[p->at].interface;
        return open_array(&r->arrays[p->at], value);
    case ARRAY_OPTION: {
        if (value == known.none) return 1;
        if (r->array_options == MOST_ARRAY_OPTIONS) return 0;
        array *const a = &r->arrays[MOST_ARRAYS + r->array_options++];
        const void *const descriptor = &a->interface;
        if (!open_array(a, value)) return 0;
        set_option(r, p->at, &descriptor, sizeof descriptor, 0);
        return 1;
    }
    case WORD:
        for (int64_t i = 0; i < p->words_count; i++)
            if (is_text(value, p->words[i].text)) return set_int32(r, p->at, p->words[i].value);
        return 0;
    case INTEGER:
        if (!read_integer(value, &whole) || whole < p->low || whole > p->high) return 0;
        set_option(r, p->at, &whole, sizeof whole, whole == 0);
        return 1;
    case REAL:
    case POSITIVE:
        if (!read_real(value, &real) || (p->role == POSITIVE && !(real > 0))) return 0;
        set_option(r, p->at, &real, sizeof real, 0);
        return 1;
    case FLAG: return value == known.yes ? set_int32(r, p->at, 1) : value == known.no && set_int32(r, p->at, 0);
    case ZERO: return read_real(value, &real) && real == 0;
    case SCALAR_REAL: return read_real(value, &r->call.d[p->at]);
    case SCALAR_INTEGER: return read_integer(value, &r->call.i[p->at]);
    case DTYPE:
        if (value == known.none && p->fallback == known.none) return 1;
        r->dtype = dtype_of(value);
        return r->dtype != NULL;
    case AXES: return set_axes(r, p->at, value);
    case ORDER: r->order = value; return value == known.none || type_of(value) == known.tuple;
    case BY_ROWS: r->by_rows = value == known.yes; return value == known.yes || value == known.no;
    case SHAPE: r->shape = value; return type_of(value) == known.tuple;
    case THREADS:
        if (!read_integer(value, &whole) || whole < 0 || whole > INT32_MAX) return 0;
        r->options.head.threads = r->threads = (int32_t)whole;
        if (whole) r->options_given = 1;
        return 1;
    }
    return 0;
}

/* Gives each parameter its argument; 0 where one is missing, unknown, doubled, or not of the plain kind. */
static int take_all(reading *r, PyObject *const *arguments, Py_ssize_t count, PyObject *names) {
    const description *const what = r->what;
    const Py_ssize_t named = names ? python.PyTuple_Size(names) : 0;
    PyObject *given[MOST_PARAMETERS];
    if (count > what->positional_count) return 0;
    for (int i = 0; i < what->parameters_count; i++) given[i] = i < count ? arguments[i] : NULL;
    for (Py_ssize_t k = 0; k < named; k++) {
        PyObject *const name = python.PyTuple_GetItem(names, k); /* interned in nearly every call, so pointers compare */
        int i = 0;
        while (i < what->parameters_count && what->parameters[i].name != name) i++;
        if (i == what->parameters_count || given[i]) return 0;
        given[i] = arguments[count + k];
    }
    for (int i = 0; i < what->parameters_count; i++) {
        const parameter *const p = &what->parameters[i];
        if (given[i] ? !take(r, p, given[i]) : p->required) return 0;
    }
    return !r->number || place_number(r);
}
