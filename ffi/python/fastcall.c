/*
 * Builtins for calls so short that Python is most of their cost: 0.3 to 0.6 us a call instead of 1.5 to 5 us.
 *
 * This is a plain shared library and no extension module: it includes no header of Python or NumPy, links to neither,
 * and finds what it needs in the running process. The package loads it if it is there (see bytestride/_fastcall.py) and
 * works without it.
 *
 * There is no code for any one function here, but for the shapes of some results. What a function takes and returns is
 * declared beside its Python function (bytestride/_short.py) and arrives as a `description`. A builtin serves the plain
 * cases: each array a `numpy.ndarray`, each word, number and dtype of the plainest type, a call that is not long, success.
 * Everything else is handed to the Python function of the same name with the same arguments; an error found in arguments
 * leaves the output untouched, so calling twice is right.
 */
#define _GNU_SOURCE /* RTLD_DEFAULT */
#include <dlfcn.h>

#include "fastcall_arguments.h"

#define EXPORT __attribute__((visibility("default")))

/* ---- Calls -------------------------------------------------------------------------------------------------------- */

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

/* Axis i of the array becomes what axis order[i] was; without an order the axes are reversed. 0 where it is no permutation. */
static int transpose_array(array *a, PyObject *order) {
    const int nd = a->interface.nd;
    const array before = *a;
    int taken = 0;
    if (order == known.none) order = NULL;
    if (order && python.PyTuple_Size(order) != nd) return 0;
    for (int i = 0; i < nd; i++) {
        int64_t axis = nd - 1 - i;
        if (order && !read_integer(python.PyTuple_GetItem(order, i), &axis)) return 0;
        if (axis < 0) axis += nd;
        if (axis < 0 || axis >= nd || taken >> axis & 1) return 0;
        taken |= 1 << axis;
        a->shape[i] = before.shape[axis];
        a->strides[i] = before.strides[axis];
    }
    return 1;
}

/* Whether a tuple of ints is the shape of an array. */
static int is_shape_of(PyObject *tuple, const array *a) {
    int64_t extent;
    if (python.PyTuple_Size(tuple) != a->interface.nd) return 0;
    for (int i = 0; i < a->interface.nd; i++)
        if (!read_integer(python.PyTuple_GetItem(tuple, i), &extent) || extent != a->shape[i]) return 0;
    return 1;
}

/* The dtype in which a filter sums; NULL where it is that of neither. */
static const dtype *dtype_of_sum(const dtype *input, const dtype *kernel) {
    if (input->kind == 'f') return kernel == input ? input : NULL;
    if (kernel->kind == 'f') return &known.dtypes[input->itemsize <= 2 && kernel->itemsize <= 4 ? NUMBER_FLOAT32 : NUMBER_FLOAT64];
    const int with_sign = input->kind == 'i' || kernel->kind == 'i';
    return &known.dtypes[with_sign ? NUMBER_INT64 : NUMBER_UINT64];
}

/* The dtype of distances. */
static const dtype *dtype_of_distances(const dtype *x, const dtype *y) {
    const int widest = x->itemsize > y->itemsize ? x->itemsize : y->itemsize;
    return &known.dtypes[x->kind == 'f' && y->kind == 'f' && widest == 4 ? NUMBER_FLOAT32 : NUMBER_FLOAT64];
}

/* The dtype that holds those of two arrays; NULL where a number or an array without dimensions may count for less than its dtype. */
static const dtype *promoted(const array *a, const array *b) {
    if (!a->interface.nd || !b->interface.nd || a->descr != a->dtype->descr || b->descr != b->dtype->descr) return NULL;
    const int number = known.promoted[a->dtype - known.dtypes][b->dtype - known.dtypes];
    return number < 0 ? NULL : &known.dtypes[number];
}

/* The shape of two arrays broadcast against each other: its number of dimensions, or -1. */
static int broadcast(const array *a, const array *b, Py_ssize_t *shape) {
    if (a->interface.nd < b->interface.nd) return broadcast(b, a, shape);
    const int nd = a->interface.nd, missing = nd - b->interface.nd;
    for (int i = 0; i < nd; i++) {
        const Py_ssize_t extent = a->shape[i], other = i < missing ? 1 : b->shape[i - missing];
        if (extent != other && extent != 1 && other != 1) return -1;
        shape[i] = extent == 1 ? other : extent;
    }
    return nd;
}

/* A fresh result; 0 where its shape or dtype is not obvious. A new array is a reference in `created`. */
static int make_result(reading *r, const dtype *type, PyObject *descr, PyObject **created) {
    const description *const what = r->what;
    const bytestride_convolve_options *const options = (const void *)&r->options;
    array *const out = &r->arrays[what->result];
    const array *like = &r->arrays[what->like], *const a = &r->arrays[0], *const b = r->call.a[1] ? &r->arrays[1] : a;
    Py_ssize_t extents[MOST_DIMENSIONS];
    const Py_ssize_t *shape = like->shape;
    int nd = like->interface.nd;
    switch ((enum shape)what->shape) {
    case GIVEN: return 0;
    case LIKE: break;
    case SCALAR:
        if (r->by_rows && a->interface.nd != 2) return 0;
        nd = r->by_rows;
        break;
    case COMMON:
        if (a->descr != b->descr) type = promoted(a, b);
        if (type && what->true_division && type->kind != 'f' && type->kind != 'c') type = &known.dtypes[NUMBER_FLOAT64];
        nd = broadcast(a, b, extents);
        shape = extents;
        break;
    case FILTERED:
        if (!r->dtype) type = dtype_of_sum(a->dtype, b->dtype);
        if (options->region == BYTESTRIDE_REGION_SAME) break;
        if (options->axes_count || b->interface.nd != nd) return 0;
        for (int i = 0; i < nd; i++) {
            const Py_ssize_t more = b->shape[i] - 1;
            extents[i] = options->region == BYTESTRIDE_REGION_FULL ? shape[i] + more : shape[i] - more;
            if (b->shape[i] < 1 || extents[i] < 0) return 0;
        }
        shape = extents;
        break;
    case PAIRS:
    case ROWS:
        nd = what->shape == PAIRS ? 2 : 1;
        if (a->interface.nd != 2 || b->interface.nd != nd) return 0;
        type = dtype_of_distances(a->dtype, b->dtype);
        extents[0] = a->shape[0];
        extents[1] = b->shape[0];
        shape = extents;
        break;
    case POINTS: {
        const int64_t step = ((const bytestride_depth_to_points_options *)(const void *)&r->options)->stride;
        if (nd < 2 || nd > 3) return 0;
        for (int i = 0; i < nd; i++) extents[i] = i < nd - 2 ? shape[i] : shape[i] / step + (shape[i] % step != 0);
        extents[nd++] = 3;
        shape = extents;
        break;
    }
    case NAMED:
        nd = 2;
        if (python.PyTuple_Size(r->shape) != nd) return 0;
        for (int i = 0; i < nd; i++) {
            int64_t extent;
            if (!read_integer(python.PyTuple_GetItem(r->shape, i), &extent) || extent < 0) return 0;
            extents[i] = extent;
        }
        shape = extents;
    }
    if (nd < 0 || !type) return 0;
    if (type != like->dtype) descr = type->descr;
    if (nd == 0) {
        make_scalar(out, type, descr);
    } else {
        python.Py_IncRef(descr);
        *created = known.new_array(known.ndarray, descr, nd, shape, NULL, NULL, 0, NULL);
        if (!*created || !open_array(out, *created)) return 0;
    }
    r->call.a[what->result] = &out->interface;
    return 1;
}

static double elements_of(const array *a) {
    double count = 1;
    for (int i = 0; i < a->interface.nd; i++) count *= (double)a->shape[i];
    return count;
}

static double seconds_of(const reading *r) {
    double seconds = r->what->seconds;
    for (int i = 0; i < r->what->factors_count; i++) {
        const array *const a = &r->arrays[r->what->factors[i].array];
        const int nd = a->interface.nd;
        double elements, bits = 0;
        switch ((enum measure)r->what->factors[i].measure) {
        case SIZE: seconds *= elements_of(a); break;
        case BYTES: seconds *= elements_of(a) * a->dtype->itemsize; break;
        case LAST: seconds *= nd ? (double)a->shape[nd - 1] : 1; break;
        case BITS:
            for (elements = elements_of(a); elements >= 1; elements /= 2) bits += 1;
            seconds *= bits;
        }
    }
    return seconds;
}

/* Set for good when a context with a number of threads of its own was opened: only the general function reads it. */
static int contexts_used;

/*
 * Up to SHORT seconds the interpreter lock is kept, as in _call.py. Beyond LONG a call may last so long that it must be
 * open to Ctrl-C, which is the general function's work.
 */
static const double SHORT = 20e-6, LONG = 2.5e-3;

static int run(reading *r) {
    const double seconds = seconds_of(r);
    r->call.function = r->what->function;
    r->call.options = r->options_given || r->what->options_needed ? r->options.bytes : NULL;
    if (r->what->counts) r->call.i[0] = (int64_t)(intptr_t)&r->count;
    if (seconds <= SHORT) return run_call(&r->call) == BYTESTRIDE_OK;
    if (seconds > LONG || (contexts_used && !r->threads)) return 0;
    void *const thread = python.PyEval_SaveThread();
    const int32_t status = run_call(&r->call);
    python.PyEval_RestoreThread(thread);
    return status == BYTESTRIDE_OK;
}

/* What Python gets, as a new reference. */
static PyObject *result_of(const reading *r, PyObject *created) {
    const array *const out = &r->arrays[r->what->result];
    if (created) return created;
    if (out->object) {
        python.Py_IncRef(out->object);
        return out->object;
    }
    if (!r->number_for || r->number_for->number != UNSIGNED) return known.new_scalar(&out->value, out->descr, NULL);
    if (out->dtype->kind != 'b') return python.PyLong_FromUnsignedLongLong((unsigned long long)out->value.int64);
    PyObject *const truth = out->value.int8 ? known.yes : known.no;
    python.Py_IncRef(truth);
    return truth;
}

/* The result as a new reference, or NULL (without an exception) when the case is not the plain one. */
static PyObject *run_plain(const description *what, PyObject *const *arguments, Py_ssize_t count, PyObject *names) {
    reading r; /* only what is read is set: most of it is room for arrays */
    r.what = what;
    r.dtype = NULL;
    r.out = r.shape = r.order = r.number = NULL;
    r.number_for = NULL;
    r.threads = r.options_given = r.by_rows = r.array_options = 0;
    r.call.arrays = what->arrays, r.call.floats = what->floats, r.call.integers = what->integers;
    for (int i = 0; i < MOST_ARRAYS; i++) r.call.a[i] = NULL;
    memcpy(&r.options, what->options, (size_t)what->options_size);
    if (!take_all(&r, arguments, count, names)) return NULL;

    const array *const first = &r.arrays[0], *const like = &r.arrays[what->like];
    if (what->square && (first->interface.nd != 2 || first->shape[0] != first->shape[1])) return NULL;
    if (what->not_scalar && first->interface.nd == 0) return NULL;
    if (what->reversed && !transpose_array(&r.arrays[0], r.order)) return NULL;
    PyObject *created = NULL, *descr = r.dtype ? r.dtype->descr : what->dtype >= 0 ? known.dtypes[what->dtype].descr : like->descr;
    const dtype *const type = r.dtype ? r.dtype : what->dtype >= 0 ? &known.dtypes[what->dtype] : like->dtype;
    int plain = 1;
    if (r.call.a[what->result])
        plain = !((what->exact || r.dtype) && r.arrays[what->result].dtype != type) &&
                !(r.shape && !is_shape_of(r.shape, &r.arrays[what->result]));
    else
        plain = make_result(&r, type, descr, &created);
    if (plain && run(&r)) return result_of(&r, created);
    if (created) python.Py_DecRef(created);
    if (python.PyErr_Occurred()) python.PyErr_Clear(); /* no memory for a result: the general function says so */
    return NULL;
}

/* general(*positional, **keywords) */
static PyObject *run_general(PyObject *general, PyObject *const *arguments, Py_ssize_t count, PyObject *names) {
    PyObject *result = NULL, *positional = python.PyTuple_New(count);
    PyObject *keywords = names ? python.PyDict_New() : NULL;
    int ready = positional && (keywords || !names);
    for (Py_ssize_t i = 0; ready && i < count; i++) {
        python.Py_IncRef(arguments[i]);
        ready = python.PyTuple_SetItem(positional, i, arguments[i]) == 0;
    }
    for (Py_ssize_t i = 0; ready && names && i < python.PyTuple_Size(names); i++)
        ready = python.PyDict_SetItem(keywords, python.PyTuple_GetItem(names, i), arguments[count + i]) == 0;
    if (ready) result = python.PyObject_Call(general, positional, keywords);
    if (positional) python.Py_DecRef(positional);
    if (keywords) python.Py_DecRef(keywords);
    return result;
}

/* A builtin gets no pointer of our choice if it shall stay picklable, so each one has a function of its own. */
enum { MOST_BUILTINS = 24 };
static description descriptions[MOST_BUILTINS];
static PyMethodDef methods[MOST_BUILTINS];
static int32_t builtins;

static PyObject *call_builtin(int index, PyObject *const *arguments, Py_ssize_t count, PyObject *names) {
    PyObject *const result = run_plain(&descriptions[index], arguments, count, names);
    return result ? result : run_general(descriptions[index].general, arguments, count, names);
}

#define NUMBERS(X) \
    X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15) X(16) X(17) X(18) X(19) X(20) X(21) X(22) X(23)
#define FUNCTION(i)                                                                                               \
    static PyObject *builtin_##i(PyObject *self, PyObject *const *arguments, Py_ssize_t count, PyObject *names) { \
        (void)self;                                                                                               \
        return call_builtin(i, arguments, count, names);                                                          \
    }
#define NAME(i) builtin_##i,
NUMBERS(FUNCTION)
static const fast_function functions[] = {NUMBERS(NAME)};
_Static_assert(sizeof functions / sizeof *functions == MOST_BUILTINS, "one function for each builtin");

/* ---- call_arrays: how the general functions call the library ------------------------------------------------------ */

/* Reads a tuple of exact ints and floats; 0 for anything else. */
static int read_numbers(call *c, PyObject *numbers) {
    if (numbers == known.none) return 1;
    const Py_ssize_t count = python.PyTuple_Size(numbers);
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *const number = python.PyTuple_GetItem(numbers, i);
        if (type_of(number) == known.float_type && c->floats < MOST_FLOATS)
            c->d[c->floats++] = python.PyFloat_AsDouble(number);
        else if (c->integers == MOST_INTEGERS || !read_integer(number, &c->i[c->integers++]))
            return 0;
    }
    return 1;
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
    array arrays[MOST_ARRAYS];
    call c = {.arrays = count - FIRST_ARRAY};
    int32_t status = NO_SUCH_SIGNATURE;
    int plain = !names && c.arrays >= 1 && c.arrays <= MOST_ARRAYS && read_numbers(&c, arguments[3]);
    for (Py_ssize_t i = 0; plain && i < c.arrays; i++) {
        if (arguments[FIRST_ARRAY + i] == known.none) continue;
        plain = open_array(&arrays[i], arguments[FIRST_ARRAY + i]);
        c.a[i] = &arrays[i].interface;
    }
    if (plain) {
        c.function = python.PyLong_AsVoidPtr(arguments[0]);
        c.options = arguments[1] == known.none ? NULL : python.PyLong_AsVoidPtr(arguments[1]);
        void *const thread = arguments[2] == known.none ? NULL : python.PyEval_SaveThread();
        status = run_call(&c);
        if (thread) python.PyEval_RestoreThread(thread);
    }
    if (status != NO_SUCH_SIGNATURE) return python.PyLong_FromLong(status);
    python.Py_IncRef(known.none);
    return known.none;
}

static PyMethodDef call_arrays_method = {"call_arrays", call_arrays, METH_FASTCALL | METH_KEYWORDS, NULL};

/* The definition of the builtin `call_arrays`. */
EXPORT PyMethodDef *bytestride_python_call_arrays(void) { return &call_arrays_method; }

/* ---- Start -------------------------------------------------------------------------------------------------------- */

/* The version of the header that this library was built with: 10203 for 1.2.3. */
EXPORT int32_t bytestride_python_version(void) {
    return BYTESTRIDE_VERSION_MAJOR * 10000 + BYTESTRIDE_VERSION_MINOR * 100 + BYTESTRIDE_VERSION_PATCH;
}

/* Finds Python's functions in this process. 0 when one is missing; then nothing else may be called. */
EXPORT int32_t bytestride_python_start(const surroundings *given) {
#define TEXT(result, name, parameters) #name,
    static const char *const names[] = {PYTHON_FUNCTIONS(TEXT)};
    _Static_assert(sizeof python == sizeof names, "one name for each function");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        void *address = dlsym(RTLD_DEFAULT, names[i]);
        if (!address) return 0;
        memcpy((char *)&python + i * sizeof address, &address, sizeof address); /* the members stand in this order */
    }
    known = *given;
    return 1;
}

/* Whether the fields of an array and of its dtype, whose number is given, lie where they are read: asked for a few arrays before use. */
EXPORT int32_t bytestride_python_reads(PyObject *object, PyObject *descr, int32_t number) {
    PyObject *const capsule = python.PyObject_GetAttrString(object, "__array_struct__");
    const array_interface *const said = capsule ? python.PyCapsule_GetPointer(capsule, NULL) : NULL;
    const array_fields *const fields = fields_of(object);
    const dtype_fields *const type = fields_of(descr);
    int same = said && fields->data == said->data && fields->nd == said->nd && fields->descr == descr &&
               (fields->flags & WRITEABLE) == (said->flags & WRITEABLE) && type->kind == said->typekind && type->number == number &&
               (type->byte_order == '=' || type->byte_order == '|') == ((said->flags & NATIVE_BYTE_ORDER) != 0);
    for (int i = 0; same && i < said->nd; i++) same = fields->shape[i] == said->shape[i] && fields->strides[i] == said->strides[i];
    if (capsule) python.Py_DecRef(capsule);
    if (python.PyErr_Occurred()) python.PyErr_Clear();
    return same;
}

/* The same for a scalar of NumPy, which has the value of an array. */
EXPORT int32_t bytestride_python_reads_scalar(PyObject *scalar, PyObject *object) {
    array a;
    const array_fields *const fields = fields_of(object);
    return open_scalar(&a, scalar) && !memcmp(&a.value, fields->data, (size_t)a.dtype->itemsize);
}

/* Called when a context with a number of threads is opened. */
EXPORT void bytestride_python_context_used(void) { contexts_used = 1; }

/* The definition of a builtin. What the description points to must live as long as the process. NULL when it is beyond what is possible. */
EXPORT PyMethodDef *bytestride_python_define(const description *what) {
    const call c = {.arrays = what->arrays, .floats = what->floats, .integers = what->integers};
    const int possible = c.arrays >= 1 && c.arrays <= MOST_ARRAYS && c.floats <= MOST_FLOATS && c.integers <= MOST_INTEGERS &&
                         what->parameters_count <= MOST_PARAMETERS && what->options_size <= LARGEST_OPTIONS;
    if (!possible || builtins == MOST_BUILTINS) return NULL;
    descriptions[builtins] = *what;
    methods[builtins] = (PyMethodDef){what->name, functions[builtins], METH_FASTCALL | METH_KEYWORDS, what->doc};
    return &methods[builtins++];
}
