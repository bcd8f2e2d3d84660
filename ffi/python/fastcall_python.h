/*
 * What the helper library uses of CPython and NumPy, declared by hand, so that one file serves every CPython 3 and every
 * NumPy: functions of CPython's stable ABI, found in the running process, and the fields of arrays and dtypes that every
 * compiled extension of NumPy 1 and 2 reads (its C ABI). _fastcall.py compares these with what `__array_struct__` says
 * before any is used.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <string.h>

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

/* One line for each function: X(result, name, parameters). */
#define PYTHON_FUNCTIONS(X)                                            \
    X(void, Py_IncRef, (PyObject *))                                   \
    X(void, Py_DecRef, (PyObject *))                                   \
    X(void, PyErr_Clear, (void))                                       \
    X(PyObject *, PyErr_Occurred, (void))                              \
    X(PyObject *, PyObject_Type, (PyObject *))                         \
    X(PyObject *, PyObject_GetAttrString, (PyObject *, const char *))  \
    X(PyObject *, PyObject_Call, (PyObject *, PyObject *, PyObject *)) \
    X(void *, PyCapsule_GetPointer, (PyObject *, const char *))        \
    X(PyObject *, PyTuple_New, (Py_ssize_t))                           \
    X(int, PyTuple_SetItem, (PyObject *, Py_ssize_t, PyObject *))      \
    X(PyObject *, PyTuple_GetItem, (PyObject *, Py_ssize_t))           \
    X(Py_ssize_t, PyTuple_Size, (PyObject *))                          \
    X(PyObject *, PyDict_New, (void))                                  \
    X(int, PyDict_SetItem, (PyObject *, PyObject *, PyObject *))       \
    X(int, PyUnicode_Compare, (PyObject *, PyObject *))                \
    X(void *, PyLong_AsVoidPtr, (PyObject *))                          \
    X(long long, PyLong_AsLongLong, (PyObject *))                      \
    X(PyObject *, PyLong_FromLong, (long))                             \
    X(PyObject *, PyLong_FromUnsignedLongLong, (unsigned long long))   \
    X(double, PyFloat_AsDouble, (PyObject *))                          \
    X(double, PyComplex_RealAsDouble, (PyObject *))                    \
    X(double, PyComplex_ImagAsDouble, (PyObject *))                    \
    X(void *, PyEval_SaveThread, (void))                               \
    X(void, PyEval_RestoreThread, (void *))

#define DECLARE(result, name, parameters) result(*name) parameters;
static struct { PYTHON_FUNCTIONS(DECLARE) } python;
#undef DECLARE

/* The memory behind `__array_struct__`; the library takes it as a descriptor of an array. */
typedef struct array_interface {
    int two, nd;
    char typekind;
    int itemsize, flags;
    Py_ssize_t *shape, *strides;
    void *data;
    PyObject *descr;
} array_interface;

enum { NATIVE_BYTE_ORDER = 0x200, WRITEABLE = 0x400 };

/* The fields of an array and of a dtype behind the head that every Python object has. */
typedef struct array_fields {
    char *data;
    int nd;
    Py_ssize_t *shape, *strides;
    PyObject *base, *descr;
    int flags;
} array_fields;
typedef struct dtype_fields {
    PyObject *type;
    char kind, code, byte_order, unused;
    int number;
} dtype_fields;

/* A dtype that the library takes, by NumPy's number for it. */
enum { DTYPES = 24, DTYPE_NAMES = 4 };
typedef struct dtype {
    PyObject *descr, *type;       /* the dtype object, the class of its scalars; NULL for a number that is not taken */
    PyObject *names[DTYPE_NAMES]; /* "float32", "f", "f4", "<f4" */
    PyObject *builtin;            /* Python's own class that stands for it, or NULL */
    int32_t itemsize;
    char kind;
} dtype;

/* All that start needs; _fastcall.py has the same struct. */
typedef struct surroundings {
    PyObject *ndarray, *int_type, *float_type, *complex_type, *str_type, *tuple, *none, *yes, *no;
    PyObject *(*new_array)(PyObject *type, PyObject *descr, int nd, const Py_ssize_t *shape, const Py_ssize_t *strides, void *data,
                           int flags, PyObject *base);                          /* PyArray_NewFromDescr; takes over descr */
    PyObject *(*new_scalar)(const void *data, PyObject *descr, PyObject *base); /* PyArray_Scalar */
    int64_t head;                                                               /* bytes before the fields of an object */
    dtype dtypes[DTYPES];
    int8_t promoted[DTYPES][DTYPES]; /* the number of the dtype that holds both, or -1 */
} surroundings;
static surroundings known;

static inline PyObject *type_of(PyObject *object) {
    PyObject *type = python.PyObject_Type(object);
    python.Py_DecRef(type); /* the type stays alive with its object */
    return type;
}

/* Whether the object is this text, which is interned: so are the words of nearly every call, but not those that are put together. */
static inline int is_text(PyObject *object, PyObject *text) {
    return object == text || (text && type_of(object) == known.str_type && python.PyUnicode_Compare(object, text) == 0);
}

static inline const void *fields_of(PyObject *object) { return (const char *)object + known.head; }

/* An array as it is at the moment of the call: extents and strides are copied, since another thread may change them. */
enum { MOST_DIMENSIONS = 8 };
typedef struct array {
    array_interface interface;
    Py_ssize_t shape[MOST_DIMENSIONS], strides[MOST_DIMENSIONS];
    const dtype *dtype;
    PyObject *object, *descr; /* borrowed; object is NULL for a number */
    union {                   /* of an array without dimensions that has no object */
        double float64, complex128[2];
        float float32, complex64[2];
        int64_t int64;
        int32_t int32;
        int16_t int16;
        int8_t int8;
        char bytes[16];
    } value;
} array;

/* An array without dimensions, over `value`. */
static inline void make_scalar(array *a, const dtype *type, PyObject *descr) {
    a->interface = (array_interface){.two = 2,
                                     .typekind = type->kind,
                                     .itemsize = type->itemsize,
                                     .flags = NATIVE_BYTE_ORDER | WRITEABLE,
                                     .shape = a->shape,
                                     .strides = a->strides,
                                     .data = &a->value};
    a->dtype = type;
    a->descr = descr;
    a->object = NULL;
}

/* 0 for anything but a plain `numpy.ndarray` of a dtype and a number of dimensions that the library takes. */
static inline int open_array(array *a, PyObject *object) {
    enum { DEPRECATED_WRITE = (int)0x80000000u };
    if (type_of(object) != known.ndarray) return 0;
    const array_fields *const fields = fields_of(object);
    const dtype_fields *const type = fields_of(fields->descr);
    if (fields->nd > MOST_DIMENSIONS || type->number < 0 || type->number >= DTYPES || (fields->flags & DEPRECATED_WRITE)) return 0;
    const dtype *const taken = &known.dtypes[type->number];
    if (!taken->descr || (type->byte_order != '=' && type->byte_order != '|')) return 0;
    for (int i = 0; i < fields->nd; i++) {
        a->shape[i] = fields->shape[i];
        a->strides[i] = fields->strides[i];
    }
    a->interface = (array_interface){.two = 2,
                                     .nd = fields->nd,
                                     .typekind = taken->kind,
                                     .itemsize = taken->itemsize,
                                     .flags = fields->flags | NATIVE_BYTE_ORDER,
                                     .shape = a->shape,
                                     .strides = a->strides,
                                     .data = fields->data};
    a->dtype = taken;
    a->object = object;
    a->descr = fields->descr;
    return 1;
}

/* 0 for anything but a scalar of NumPy, of a dtype that the library takes: its value lies where the fields of objects begin. */
static inline int open_scalar(array *a, PyObject *object) {
    const PyObject *const type = type_of(object);
    for (int i = 0; i < DTYPES; i++)
        if (known.dtypes[i].type == type) {
            make_scalar(a, &known.dtypes[i], known.dtypes[i].descr);
            memcpy(&a->value, fields_of(object), (size_t)a->dtype->itemsize);
            return 1;
        }
    return 0;
}
