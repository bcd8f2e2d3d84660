/*
 * Two kinds of CPython builtins for calls so short that ctypes is most of their cost. The elementwise functions of the
 * Python package: about 0.4 us a call instead of 2 us. And `call_arrays`, by which the package's other functions call
 * the library: it saves them about 1.5 us.
 *
 * This is a plain shared library and no extension module: it includes no header of Python, links to no Python, and
 * finds the few functions that it needs, all of the stable ABI, in the running process. One file therefore serves
 * every CPython 3. The package loads it if it is there (see bytestride/_fastcall.py) and works without it.
 *
 * A builtin serves exactly one case: operands that are plain `numpy.ndarray`, `out` given or of an obvious shape
 * and dtype, not so many elements that a call takes long, no other keyword, success. Everything else is handed to the Python function of the
 * same name with the same arguments; an error found in arguments leaves `out` untouched, so calling twice is right.
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
    PyObject *(*PyLong_FromLong)(long);
    void *(*PyEval_SaveThread)(void);
    void (*PyEval_RestoreThread)(void *);
} python;

/* Objects that live as long as the process. */
static PyObject *ndarray_type, *numpy_empty, *none, *text_array_struct, *text_out, *text_shape, *text_dtype;

/* NumPy's array interface, C side: the memory behind `__array_struct__`. */
typedef struct array_interface {
    int two, nd;
    char typekind;
    int itemsize, flags;
    Py_ssize_t *shape, *strides;
    void *data;
    PyObject *descr;
} array_interface;

typedef int32_t (*elementwise_function)(const void *a, const void *b, const void *out, const void *options);

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

static int open_operand(operand *o, PyObject *array) {
    PyObject *type = python.PyObject_Type(array);
    python.Py_DecRef(type); /* the type stays alive with its object */
    if (type != ndarray_type) return 0;
    o->capsule = python.PyObject_GetAttr(array, text_array_struct);
    if (o->capsule) o->interface = python.PyCapsule_GetPointer(o->capsule, NULL);
    if (o->interface) return 1;
    python.PyErr_Clear();
    return 0;
}

static void close_operand(operand *o) {
    if (o->capsule) python.Py_DecRef(o->capsule);
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

static int run_operation(const operation *op, const operand *x, const operand *y, const operand *z) {
    const Py_ssize_t count = elements_of(z->interface);
    if (count <= FEW) return op->run(x->interface, y->interface, z->interface, NULL) == BYTESTRIDE_OK;
    if (count > MANY || contexts_used) return 0;
    void *thread = python.PyEval_SaveThread();
    const int32_t status = op->run(x->interface, y->interface, z->interface, NULL);
    python.PyEval_RestoreThread(thread);
    return status == BYTESTRIDE_OK;
}

/* A fresh C-order result for two operands of one shape and one dtype; NULL for any other pair. */
static PyObject *result_like(const operation *op, PyObject *a, PyObject *b, const array_interface *x, const array_interface *y) {
    if (x->nd == 0 || x->nd != y->nd || elements_of(x) > FEW) return NULL;
    if (op->true_division && x->typekind != 'f' && x->typekind != 'c') return NULL;
    for (int i = 0; i < x->nd; i++)
        if (x->shape[i] != y->shape[i]) return NULL;
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
static PyObject *run_simple(const operation *op, PyObject *a, PyObject *b, PyObject *out) {
    operand x = {0}, y = {0}, z = {0};
    PyObject *result = NULL;
    if (open_operand(&x, a) && open_operand(&y, b)) {
        if (out)
            python.Py_IncRef(out);
        else
            out = result_like(op, a, b, x.interface, y.interface);
        if (out && open_operand(&z, out) && run_operation(op, &x, &y, &z))
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

static PyObject *elementwise(const operation *op, PyObject *const *arguments, Py_ssize_t count, PyObject *names) {
    Py_ssize_t named = names ? python.PyTuple_Size(names) : 0;
    /* `out` is the third argument, by position or by name; names in calls are interned, so pointers compare. */
    int simple = named == 0 ? count == 2 || count == 3 : named == 1 && count == 2 && python.PyTuple_GetItem(names, 0) == text_out;
    if (simple) {
        PyObject *out = count + named == 3 ? arguments[2] : none;
        PyObject *result = run_simple(op, arguments[0], arguments[1], out == none ? NULL : out);
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

enum { MOST_ARRAYS = 4 };

static int32_t run_arrays(void *function, const void *const *a, Py_ssize_t count, const void *options) {
    switch (count) {
    case 1: return ((int32_t(*)(const void *, const void *))function)(a[0], options);
    case 2: return ((int32_t(*)(const void *, const void *, const void *))function)(a[0], a[1], options);
    case 3: return ((int32_t(*)(const void *, const void *, const void *, const void *))function)(a[0], a[1], a[2], options);
    default:
        return ((int32_t(*)(const void *, const void *, const void *, const void *, const void *))function)(a[0], a[1], a[2], a[3],
                                                                                                            options);
    }
}

/*
 * call_arrays(function, options, *arrays): the status of a function of the library that takes arrays and options only, called
 * with the interpreter lock held; None, and nothing called, where an array is neither None nor a plain `numpy.ndarray`.
 * Function and options are addresses; options may be None.
 */
static PyObject *call_arrays(PyObject *self, PyObject *const *arguments, Py_ssize_t count, PyObject *names) {
    (void)self;
    operand operands[MOST_ARRAYS] = {{0}};
    const void *interfaces[MOST_ARRAYS] = {0};
    const Py_ssize_t arrays = count - 2;
    PyObject *result = none;
    int simple = !names && arrays >= 1 && arrays <= MOST_ARRAYS;
    for (Py_ssize_t i = 0; simple && i < arrays; i++) {
        if (arguments[2 + i] == none) continue;
        simple = open_operand(&operands[i], arguments[2 + i]);
        interfaces[i] = operands[i].interface;
    }
    if (simple) {
        void *options = arguments[1] == none ? NULL : python.PyLong_AsVoidPtr(arguments[1]);
        result = python.PyLong_FromLong(run_arrays(python.PyLong_AsVoidPtr(arguments[0]), interfaces, arrays, options));
    } else {
        python.Py_IncRef(none);
    }
    for (int i = 0; i < MOST_ARRAYS; i++) close_operand(&operands[i]);
    return result;
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
    python.Py_IncRef(ndarray);
    python.Py_IncRef(empty);
    text_array_struct = python.PyUnicode_InternFromString("__array_struct__");
    text_out = python.PyUnicode_InternFromString("out");
    text_shape = python.PyUnicode_InternFromString("shape");
    text_dtype = python.PyUnicode_InternFromString("dtype");
    return text_array_struct && text_out && text_shape && text_dtype;
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
