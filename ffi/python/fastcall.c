/*
 * Two kinds of CPython builtins for calls so short that ctypes is most of their cost. The elementwise functions of the
 * Python package: about 0.4 us a call instead of 2 us. And `call_arrays`, by which the package's other functions call
 * the library: it saves them about 1.5 us.
 *
 * This is a plain shared library and no extension module: it includes no header of Python, links to no Python, and
 * finds the few functions that it needs, all of the stable ABI, in the running process. One file therefore serves
 * every CPython 3. The package loads it if it is there (see bytestride/_fastcall.py) and works without it.
 *
 * A builtin serves the plain cases: two `numpy.ndarray`s, or one and a Python number that takes its dtype; `out` given or of
 * an obvious shape and dtype; not so many elements that a call takes long; success. Everything else is handed to the Python
 * function of the same name with the same arguments; an error found in arguments leaves `out` untouched, so calling twice
 * is right.
 */
#define _GNU_SOURCE /* RTLD_DEFAULT */
#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

#include "bytestride.h"

#define EXPORT __attribute__((visibility("default")))

/* What CPython's stable ABI promises, declared by hand. */
typedef struct PyObject PyObject;
typedef ptrdiff_t Py_ssize_t;
typedef PyObject *(*fast_function)(PyObject *self, PyObject *const *arguments, Py_ssize_t count, PyObject *names);
typedef struct PyMethodDef {
    const char *name;
    fast_function function;
    int flags;
    const char *doc;
} PyMethodDef;
enum { METH_KEYWORDS = 0x0002, METH_FASTCALL = 0x0080 };

static struct {
    void (*Py_IncRef)(PyObject *);
    void (*Py_DecRef)(PyObject *);
    void (*PyErr_Clear)(void);
    PyObject *(*PyObject_Type)(PyObject *);
    PyObject *(*PyObject_GetAttr)(PyObject *, PyObject *);
    PyObject *(*PyObject_Call)(PyObject *, PyObject *, PyObject *);
    void *(*PyCapsule_GetPointer)(PyObject *, const char *);
    PyObject *(*PyTuple_New)(Py_ssize_t);
    int (*PyTuple_SetItem)(PyObject *, Py_ssize_t, PyObject *);
    PyObject *(*PyTuple_GetItem)(PyObject *, Py_ssize_t);
    Py_ssize_t (*PyTuple_Size)(PyObject *);
    PyObject *(*PyDict_New)(void);
    int (*PyDict_SetItem)(PyObject *, PyObject *, PyObject *);
    PyObject *(*PyUnicode_InternFromString)(const char *);
    void *(*PyLong_AsVoidPtr)(PyObject *);
    long long (*PyLong_AsLongLong)(PyObject *);
    double (*PyFloat_AsDouble)(PyObject *);
    PyObject *(*PyErr_Occurred)(void);
    PyObject *(*PyLong_FromLong)(long);
    void *(*PyEval_SaveThread)(void);
    void (*PyEval_RestoreThread)(void *);
} python;

/* Objects that live as long as the process. */
static PyObject *ndarray_type, *int_type, *float_type, *numpy_empty, *none;
static PyObject *text_array_struct, *text_out, *text_threads, *text_shape, *text_dtype;

/* NumPy's array interface, C side: the memory behind `__array_struct__`. */
typedef struct array_interface {
    int two, nd;
    char typekind;
    int itemsize, flags;
    Py_ssize_t *shape, *strides;
    void *data;
    PyObject *descr;
} array_interface;

typedef int32_t (*elementwise_function)(const void *a, const void *b, const void *out, const bytestride_options *options);

typedef struct operation {
    elementwise_function run;
    PyObject *general;     /* the Python function of the same name */
    int32_t true_division; /* integers give another dtype than their own */
    PyMethodDef method;
} operation;

enum {
    OPERATIONS = 6,
    FEW = 32768,   /* up to so many elements (about 20 us) the interpreter lock is kept; arithmetic.py has the same number */
    MANY = 1 << 22 /* beyond it a call may last so long that it must be open to Ctrl-C, which is the general function's work */
};
static operation operations[OPERATIONS];

/* An operand, while its capsule keeps the interface alive. */
typedef struct operand {
    PyObject *capsule;
    const array_interface *interface;
} operand;

static PyObject *type_of(PyObject *object) {
    PyObject *type = python.PyObject_Type(object);
    python.Py_DecRef(type); /* the type stays alive with its object */
    return type;
}

static int open_operand(operand *o, PyObject *array) {
    if (type_of(array) != ndarray_type) return 0;
    o->capsule = python.PyObject_GetAttr(array, text_array_struct);
    if (o->capsule) o->interface = python.PyCapsule_GetPointer(o->capsule, NULL);
    if (o->interface) return 1;
    python.PyErr_Clear();
    return 0;
}

static void close_operand(operand *o) {
    if (o->capsule) python.Py_DecRef(o->capsule);
}

/* A Python number as an array without dimensions. */
typedef struct number {
    array_interface interface;
    union {
        double float64;
        float float32;
        int64_t int64;
        int32_t int32;
        int16_t int16;
        int8_t int8;
    } value;
} number;

/* Whether an integer fits an integer dtype. */
static int fits(long long value, char typekind, int itemsize) {
    const int with_sign = typekind == 'i';
    if (itemsize == 8) return with_sign || value >= 0;
    const long long span = 1ll << (8 * itemsize - with_sign);
    return value < span && value >= (with_sign ? -span : 0);
}

/* Stores a Python number in the dtype of the array beside it; 0 (without an exception) where that is not simple. */
static int store_number(number *n, PyObject *object, const array_interface *beside, int true_division) {
    enum { NATIVE_BYTE_ORDER = 0x200 };
    const PyObject *type = type_of(object);
    const char kind = beside->typekind;
    const int size = beside->itemsize;
    if ((type != int_type && type != float_type) || !(beside->flags & NATIVE_BYTE_ORDER)) return 0;
    if (kind == 'f' && (size == 8 || size == 4)) {
        const double value = type == float_type ? python.PyFloat_AsDouble(object) : (double)python.PyLong_AsLongLong(object);
        const double exact = 1ll << 53; /* an int beyond it may be rounded, and one beyond 64 bits is an error so far */
        if (type == int_type && !(value > -exact && value < exact)) return 0;
        if (python.PyErr_Occurred()) return 0;
        if (size == 8)
            n->value.float64 = value;
        else
            n->value.float32 = (float)value;
    } else if ((kind == 'i' || kind == 'u') && type == int_type && !true_division) {
        const long long value = python.PyLong_AsLongLong(object);
        if (python.PyErr_Occurred() || !fits(value, kind, size)) return 0;
        switch (size) {
        case 8: n->value.int64 = value; break;
        case 4: n->value.int32 = (int32_t)value; break;
        case 2: n->value.int16 = (int16_t)value; break;
        default: n->value.int8 = (int8_t)value;
        }
    } else {
        return 0;
    }
    n->interface = (array_interface){.two = 2, .typekind = kind, .itemsize = size, .flags = beside->flags, .data = &n->value};
    return 1;
}

/* Both operands of an operation, one of which may be a number. */
static int open_operands(const operation *op, operand *x, operand *y, number *n, PyObject *a, PyObject *b) {
    if (open_operand(x, a)) {
        if (open_operand(y, b)) return 1;
        y->interface = &n->interface;
        if (store_number(n, b, x->interface, op->true_division)) return 1;
    } else if (open_operand(y, b)) {
        x->interface = &n->interface;
        if (store_number(n, a, y->interface, op->true_division)) return 1;
    }
    python.PyErr_Clear();
    return 0;
}

/* How many elements, or MANY + 1 for more than that. */
static Py_ssize_t elements_of(const array_interface *x) {
    Py_ssize_t count = 1;
    int empty = 0, too_many = 0;
    for (int i = 0; i < x->nd; i++) {
        if (x->shape[i] == 0) empty = 1;
        if (x->shape[i] > MANY) too_many = 1;
        if (!too_many) count *= x->shape[i];
        if (count > MANY) too_many = 1;
    }
    return empty ? 0 : too_many ? MANY + 1 : count;
}

/* Set for good when a context with a number of threads of its own was opened: only the general function reads it. */
static int contexts_used;

static int run_operation(const operation *op, const operand *x, const operand *y, const operand *z, int threads) {
    const Py_ssize_t count = elements_of(z->interface);
    const bytestride_options given = {.size = sizeof given, .threads = threads};
    const bytestride_options *options = threads ? &given : NULL;
    if (count <= FEW) return op->run(x->interface, y->interface, z->interface, options) == BYTESTRIDE_OK;
    if (count > MANY || (contexts_used && !threads)) return 0;
    void *thread = python.PyEval_SaveThread();
    const int32_t status = op->run(x->interface, y->interface, z->interface, options);
    python.PyEval_RestoreThread(thread);
    return status == BYTESTRIDE_OK;
}

/*
 * A fresh C-order result for two operands of one shape and one dtype, or for one and a number; NULL for any other pair.
 */
static PyObject *result_like(const operation *op, PyObject *a, PyObject *b, const operand *x, const operand *y) {
    if (!x->capsule) return result_like(op, b, b, y, y); /* the number stands first */
    if (!y->capsule) return result_like(op, a, a, x, x);
    const array_interface *const first = x->interface, *const second = y->interface;
    if (first->nd == 0 || first->nd != second->nd || elements_of(first) > FEW) return NULL;
    if (op->true_division && first->typekind != 'f' && first->typekind != 'c') return NULL;
    for (int i = 0; i < first->nd; i++)
        if (first->shape[i] != second->shape[i]) return NULL;
    PyObject *result = NULL, *dtype_a = python.PyObject_GetAttr(a, text_dtype);
    PyObject *dtype_b = python.PyObject_GetAttr(b, text_dtype), *shape = python.PyObject_GetAttr(a, text_shape);
    PyObject *arguments = python.PyTuple_New(2);
    if (arguments && shape && dtype_a && dtype_a == dtype_b) {
        python.PyTuple_SetItem(arguments, 0, shape); /* takes over the reference */
        python.PyTuple_SetItem(arguments, 1, dtype_a);
        shape = dtype_a = NULL;
        result = python.PyObject_Call(numpy_empty, arguments, NULL);
    }
    if (shape) python.Py_DecRef(shape);
    if (dtype_a) python.Py_DecRef(dtype_a);
    if (dtype_b) python.Py_DecRef(dtype_b);
    if (arguments) python.Py_DecRef(arguments);
    python.PyErr_Clear();
    return result;
}

/* The result as a new reference, or NULL (without an exception) when the case is not the simple one. */
static PyObject *run_simple(const operation *op, PyObject *a, PyObject *b, PyObject *out, int threads) {
    operand x = {0}, y = {0}, z = {0};
    number scalar;
    PyObject *result = NULL;
    if (open_operands(op, &x, &y, &scalar, a, b)) {
        if (out)
            python.Py_IncRef(out);
        else
            out = result_like(op, a, b, &x, &y);
        if (out && open_operand(&z, out) && run_operation(op, &x, &y, &z, threads))
            result = out;
        else if (out)
            python.Py_DecRef(out);
    }
    close_operand(&x);
    close_operand(&y);
    close_operand(&z);
    return result;
}

/* general(*positional, **keywords) */
static PyObject *run_general(const operation *op, PyObject *const *arguments, Py_ssize_t count, PyObject *names) {
    PyObject *result = NULL, *positional = python.PyTuple_New(count);
    PyObject *keywords = names ? python.PyDict_New() : NULL;
    int ready = positional && (keywords || !names);
    for (Py_ssize_t i = 0; ready && i < count; i++) {
        python.Py_IncRef(arguments[i]);
        ready = python.PyTuple_SetItem(positional, i, arguments[i]) == 0;
    }
    for (Py_ssize_t i = 0; ready && names && i < python.PyTuple_Size(names); i++)
        ready = python.PyDict_SetItem(keywords, python.PyTuple_GetItem(names, i), arguments[count + i]) == 0;
    if (ready) result = python.PyObject_Call(op->general, positional, keywords);
    if (positional) python.Py_DecRef(positional);
    if (keywords) python.Py_DecRef(keywords);
    return result;
}

/*
 * The operation with `out`, the third argument by position or by name, and `threads`, by name; names in calls are
 * interned, so pointers compare.
 */
static PyObject *elementwise(const operation *op, PyObject *const *arguments, Py_ssize_t count, PyObject *names) {
    const Py_ssize_t named = names ? python.PyTuple_Size(names) : 0;
    PyObject *out = count == 3 ? arguments[2] : none;
    long long threads = 0;
    int simple = count == 2 || count == 3;
    for (Py_ssize_t i = 0; simple && i < named; i++) {
        PyObject *const name = python.PyTuple_GetItem(names, i), *const value = arguments[count + i];
        if (name == text_out && count == 2)
            out = value;
        else if (name == text_threads && type_of(value) == int_type)
            threads = python.PyLong_AsLongLong(value); /* -1 for one that is too large */
        else
            simple = 0;
    }
    if (threads < 0 || threads > INT32_MAX) simple = 0;
    python.PyErr_Clear();
    if (simple) {
        PyObject *result = run_simple(op, arguments[0], arguments[1], out == none ? NULL : out, (int)threads);
        if (result) return result;
    }
    return run_general(op, arguments, count, names);
}

/* A builtin gets no pointer of our choice if it shall stay picklable, so each operation has a function of its own. */
static PyObject *operation_0(PyObject *self, PyObject *const *arguments, Py_ssize_t count, PyObject *names) {
    (void)self;
    return elementwise(&operations[0], arguments, count, names);
}
static PyObject *operation_1(PyObject *self, PyObject *const *arguments, Py_ssize_t count, PyObject *names) {
    (void)self;
    return elementwise(&operations[1], arguments, count, names);
}
static PyObject *operation_2(PyObject *self, PyObject *const *arguments, Py_ssize_t count, PyObject *names) {
    (void)self;
    return elementwise(&operations[2], arguments, count, names);
}
static PyObject *operation_3(PyObject *self, PyObject *const *arguments, Py_ssize_t count, PyObject *names) {
    (void)self;
    return elementwise(&operations[3], arguments, count, names);
}
static PyObject *operation_4(PyObject *self, PyObject *const *arguments, Py_ssize_t count, PyObject *names) {
    (void)self;
    return elementwise(&operations[4], arguments, count, names);
}
static PyObject *operation_5(PyObject *self, PyObject *const *arguments, Py_ssize_t count, PyObject *names) {
    (void)self;
    return elementwise(&operations[5], arguments, count, names);
}
static const fast_function functions[OPERATIONS] = {operation_0, operation_1, operation_2, operation_3, operation_4, operation_5};

/* ---- call_arrays ------------------------------------------------------------------------------------------------ */

/* What a function of the library takes, but for its options: at most so many arrays, then numbers. */
enum { MOST_ARRAYS = 4, MOST_FLOATS = 4, MOST_INTEGERS = 1 };
typedef struct call {
    void *function;
    const void *options;
    const void *a[MOST_ARRAYS];
    double d[MOST_FLOATS];
    int64_t i[MOST_INTEGERS];
    Py_ssize_t arrays, floats, integers;
} call;

enum { NO_SUCH_SIGNATURE = 1 }; /* no status of the library is positive */

/* One case for each signature that functions of the library have; an address counts as an integer. */
static int32_t run_call(const call *c) {
    typedef const void *p;
    typedef double d;
    void *const f = c->function;
    const p *const a = c->a, o = c->options;
    const d *const n = c->d;
    switch (100 * c->arrays + 10 * c->floats + c->integers) {
    case 100: return ((int32_t(*)(p, p))f)(a[0], o);
    case 200: return ((int32_t(*)(p, p, p))f)(a[0], a[1], o);
    case 201: return ((int32_t(*)(p, p, int64_t, p))f)(a[0], a[1], c->i[0], o);
    case 240: return ((int32_t(*)(p, p, d, d, d, d, p))f)(a[0], a[1], n[0], n[1], n[2], n[3], o);
    case 300: return ((int32_t(*)(p, p, p, p))f)(a[0], a[1], a[2], o);
    case 441: return ((int32_t(*)(p, p, p, p, d, d, d, d, p, p))f)(a[0], a[1], a[2], a[3], n[0], n[1], n[2], n[3], (p)(intptr_t)c->i[0], o);
    default: return NO_SUCH_SIGNATURE;
    }
}

/* Reads a tuple of exact ints and floats; 0 for anything else. */
static int read_numbers(call *c, PyObject *numbers) {
    if (numbers == none) return 1;
    const Py_ssize_t count = python.PyTuple_Size(numbers);
    int simple = count >= 0;
    for (Py_ssize_t i = 0; simple && i < count; i++) {
        PyObject *const number = python.PyTuple_GetItem(numbers, i), *const type = type_of(number);
        if (type == float_type && c->floats < MOST_FLOATS)
            c->d[c->floats++] = python.PyFloat_AsDouble(number);
        else if (type == int_type && c->integers < MOST_INTEGERS)
            c->i[c->integers++] = python.PyLong_AsLongLong(number);
        else
            simple = 0;
    }
    if (python.PyErr_Occurred()) simple = 0;
    python.PyErr_Clear();
    return simple;
}

/*
 * call_arrays(function, options, release, numbers, *arrays): the status of a function of the library that takes arrays, numbers
 * and options; None, and nothing called, where an array is neither None nor a plain `numpy.ndarray`, or the signature is not
 * one of those above. Function and options are addresses; options and numbers may be None. `release` is None to keep the
 * interpreter lock during the call.
 */
static PyObject *call_arrays(PyObject *self, PyObject *const *arguments, Py_ssize_t count, PyObject *names) {
    enum { FIRST_ARRAY = 4 };
    (void)self;
    operand operands[MOST_ARRAYS] = {{0}};
    call c = {.arrays = count - FIRST_ARRAY};
    int32_t status = NO_SUCH_SIGNATURE;
    int simple = !names && c.arrays >= 1 && c.arrays <= MOST_ARRAYS && read_numbers(&c, arguments[3]);
    for (Py_ssize_t i = 0; simple && i < c.arrays; i++) {
        if (arguments[FIRST_ARRAY + i] == none) continue;
        simple = open_operand(&operands[i], arguments[FIRST_ARRAY + i]);
        c.a[i] = operands[i].interface;
    }
    if (simple) {
        c.function = python.PyLong_AsVoidPtr(arguments[0]);
        c.options = arguments[1] == none ? NULL : python.PyLong_AsVoidPtr(arguments[1]);
        void *const thread = arguments[2] == none ? NULL : python.PyEval_SaveThread();
        status = run_call(&c);
        if (thread) python.PyEval_RestoreThread(thread);
    }
    for (int i = 0; i < MOST_ARRAYS; i++) close_operand(&operands[i]);
    if (status != NO_SUCH_SIGNATURE) return python.PyLong_FromLong(status);
    python.Py_IncRef(none);
    return none;
}

static PyMethodDef call_arrays_method = {"call_arrays", call_arrays, METH_FASTCALL | METH_KEYWORDS, NULL};

/* The definition of the builtin `call_arrays`. */
EXPORT PyMethodDef *bytestride_python_call_arrays(void) { return &call_arrays_method; }

/* ---- Start ------------------------------------------------------------------------------------------------------ */

/* The version of the header that this library was built with: 10203 for 1.2.3. */
EXPORT int32_t bytestride_python_version(void) {
    return BYTESTRIDE_VERSION_MAJOR * 10000 + BYTESTRIDE_VERSION_MINOR * 100 + BYTESTRIDE_VERSION_PATCH;
}

/* Finds Python's functions in this process. 0 when one is missing; then nothing else may be called. */
EXPORT int32_t bytestride_python_start(PyObject *ndarray, PyObject *empty, PyObject *none_object) {
    static const char *const names[] = {"Py_IncRef",
                                        "Py_DecRef",
                                        "PyErr_Clear",
                                        "PyObject_Type",
                                        "PyObject_GetAttr",
                                        "PyObject_Call",
                                        "PyCapsule_GetPointer",
                                        "PyTuple_New",
                                        "PyTuple_SetItem",
                                        "PyTuple_GetItem",
                                        "PyTuple_Size",
                                        "PyDict_New",
                                        "PyDict_SetItem",
                                        "PyUnicode_InternFromString",
                                        "PyLong_AsVoidPtr",
                                        "PyLong_AsLongLong",
                                        "PyFloat_AsDouble",
                                        "PyErr_Occurred",
                                        "PyLong_FromLong",
                                        "PyEval_SaveThread",
                                        "PyEval_RestoreThread"};
    _Static_assert(sizeof python == sizeof names, "one name for each function");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        void *address = dlsym(RTLD_DEFAULT, names[i]);
        if (!address) return 0;
        memcpy((char *)&python + i * sizeof address, &address, sizeof address); /* the members stand in this order */
    }
    ndarray_type = ndarray;
    numpy_empty = empty;
    none = none_object;
    int_type = (PyObject *)dlsym(RTLD_DEFAULT, "PyLong_Type");
    float_type = (PyObject *)dlsym(RTLD_DEFAULT, "PyFloat_Type");
    if (!int_type || !float_type) return 0;
    python.Py_IncRef(ndarray);
    python.Py_IncRef(empty);
    text_array_struct = python.PyUnicode_InternFromString("__array_struct__");
    text_out = python.PyUnicode_InternFromString("out");
    text_threads = python.PyUnicode_InternFromString("threads");
    text_shape = python.PyUnicode_InternFromString("shape");
    text_dtype = python.PyUnicode_InternFromString("dtype");
    return text_array_struct && text_out && text_threads && text_shape && text_dtype;
}

/* Called when a context with a number of threads is opened. */
EXPORT void bytestride_python_context_used(void) { contexts_used = 1; }

/* The definition of builtin number `index`; `name` and `doc` must live as long as the process. */
EXPORT PyMethodDef *bytestride_python_define(int32_t index, elementwise_function run, PyObject *general, int32_t true_division,
                                             const char *name, const char *doc) {
    if (index < 0 || index >= OPERATIONS) return NULL;
    operation *op = &operations[index];
    python.Py_IncRef(general);
    op->run = run;
    op->general = general;
    op->true_division = true_division;
    op->method = (PyMethodDef){name, functions[index], METH_FASTCALL | METH_KEYWORDS, doc};
    return &op->method;
}
