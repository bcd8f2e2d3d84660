/*
 * Bytestride: fast loops over strided arrays, for every language.
 *
 * This header is the whole public surface of libbytestride and its manual. It compiles as C99 and
 * C++11, and every language binding is generated from it or checked against it.
 *
 * How a call works
 *   - Arrays are passed by pointer to a `bytestride_array`: a data address, a dtype, a shape, and
 *     strides in bytes. The library works in place on any view: C or Fortran order, slices, negative
 *     strides, zero strides (broadcast inputs), fields of packed records, misaligned addresses,
 *     0 to 8 dimensions, empty arrays. No view is copied as a whole, no byte outside it is touched.
 *   - Wherever a `const bytestride_array *` is taken, a pointer to NumPy's `PyArrayInterface` (the
 *     pointer inside the `__array_struct__` capsule) is taken too: the first 32-bit word tells them
 *     apart (NumPy's is 2, ours is the size of the struct).
 *   - The output is always the caller's memory and must carry BYTESTRIDE_WRITEABLE.
 *   - The last argument is a pointer to the options of the call; NULL means all defaults.
 *   - The result is BYTESTRIDE_OK (0) or a negative status. After a failure,
 *     `bytestride_last_error()` tells which argument was wrong and why. After an error found in the
 *     arguments, and after running out of memory, outputs are untouched; after
 *     BYTESTRIDE_ERROR_CANCELLED their contents are unspecified.
 *
 * What every function keeps
 *   - Threads: any function may be called from any number of threads at once. A call uses at most
 *     `threads` threads of its own options, else of `bytestride_set_num_threads`, else the library's
 *     default (CPU affinity, cgroup quota, BYTESTRIDE_NUM_THREADS, OMP_NUM_THREADS). Small calls run on
 *     the calling thread. After fork() the child runs serially until it sets a thread count.
 *   - Same bits: the value of an output element depends on the values it is computed from, the dtypes
 *     and the instruction-set level; never on threads, shape, strides or alignment.
 *   - Floating point: computed in the default mode (round to nearest, subnormals kept); the caller's
 *     mode and exception flags are restored.
 *   - Overlap: views overlap when they share a byte. An elementwise function (arithmetic, copy) may
 *     have exactly the same view as input and output. Any other overlap of an output with an input is
 *     BYTESTRIDE_ERROR_OVERLAP. Interleaved views that share no byte are never refused; what cannot
 *     be decided cheaply counts as overlapping.
 *   - Nothing is printed, thrown, aborted, or left changed in the process (locale, environment, signal
 *     masks, floating-point mode, OpenMP settings).
 *   - Pointers are trusted, extents are not: shapes, strides and spans are checked for overflow.
 */
#ifndef BYTESTRIDE_H
#define BYTESTRIDE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Marks a function of the public surface; the library gives it its meaning when it is built. */
#ifndef BYTESTRIDE_API
#define BYTESTRIDE_API
#endif

/* ---- Version ------------------------------------------------------------------------------------ */

/* Major version: the number in the library's SONAME; an incompatible change raises it. */
#define BYTESTRIDE_VERSION_MAJOR 1
/* Minor version: raised when something is added. */
#define BYTESTRIDE_VERSION_MINOR 0
/* Patch version: raised by corrections. */
#define BYTESTRIDE_VERSION_PATCH 0
/* Version of the binary interface: a loader must refuse a library that answers another number. */
#define BYTESTRIDE_ABI_VERSION 1

/* ---- Statuses ----------------------------------------------------------------------------------- */

/* The call succeeded. */
#define BYTESTRIDE_OK 0
/* An array has a dtype that the function does not take, or cannot be cast to. */
#define BYTESTRIDE_ERROR_DTYPE -1
/* An extent or a combination of shapes is wrong, negative, or its byte span overflows. */
#define BYTESTRIDE_ERROR_SHAPE -2
/* An array has a wrong number of dimensions, or more than 8. */
#define BYTESTRIDE_ERROR_NDIM -3
/* An output is not writeable. */
#define BYTESTRIDE_ERROR_READONLY -4
/* An output shares bytes with an input, another output, or itself. */
#define BYTESTRIDE_ERROR_OVERLAP -5
/* Memory for the computation could not be had. */
#define BYTESTRIDE_ERROR_MEMORY -6
/* A struct or flag belongs to a version of the library that this one does not know. */
#define BYTESTRIDE_ERROR_VERSION -7
/* An option or scalar argument has a value that the function does not take. */
#define BYTESTRIDE_ERROR_OPTION -8
/* A pointer that must not be NULL is NULL. */
#define BYTESTRIDE_ERROR_NULL -9
/* A defect of the library itself; please report it. */
#define BYTESTRIDE_ERROR_INTERNAL -10
/* The exact result cannot be computed in the widest type that the function has. */
#define BYTESTRIDE_ERROR_OVERFLOW -11
/* The caller set the cancel word of the options. */
#define BYTESTRIDE_ERROR_CANCELLED -12
/* The array lives on a device that this library does not reach. */
#define BYTESTRIDE_ERROR_DEVICE -13

/* ---- dtypes: DLPack's type code | bits << 8 | lanes << 16 ----------------------------------------- */

/* Boolean, one byte: zero is false, any other byte is true; written as 0 or 1. */
#define BYTESTRIDE_BOOL 0x10806
/* Signed 8-bit integer. */
#define BYTESTRIDE_INT8 0x10800
/* Signed 16-bit integer. */
#define BYTESTRIDE_INT16 0x11000
/* Signed 32-bit integer. */
#define BYTESTRIDE_INT32 0x12000
/* Signed 64-bit integer. */
#define BYTESTRIDE_INT64 0x14000
/* Unsigned 8-bit integer. */
#define BYTESTRIDE_UINT8 0x10801
/* Unsigned 16-bit integer. */
#define BYTESTRIDE_UINT16 0x11001
/* Unsigned 32-bit integer. */
#define BYTESTRIDE_UINT32 0x12001
/* Unsigned 64-bit integer. */
#define BYTESTRIDE_UINT64 0x14001
/* IEEE 754 binary16; storage only, computed in binary32. */
#define BYTESTRIDE_FLOAT16 0x11002
/* IEEE 754 binary32. */
#define BYTESTRIDE_FLOAT32 0x12002
/* IEEE 754 binary64. */
#define BYTESTRIDE_FLOAT64 0x14002
/* Two binary32: real part, imaginary part. */
#define BYTESTRIDE_COMPLEX64 0x14005
/* Two binary64: real part, imaginary part. */
#define BYTESTRIDE_COMPLEX128 0x18005

/* ---- Arrays ------------------------------------------------------------------------------------- */

/* The most dimensions that an array may have; final. */
#define BYTESTRIDE_MAX_NDIM 8
/* Flag of an array: the library may write to it. */
#define BYTESTRIDE_WRITEABLE 1

/*
 * A strided array in the caller's memory. Fill it by hand or with `bytestride_array_init`.
 * `size` is the version of the struct: smaller than 152 is BYTESTRIDE_ERROR_VERSION; a larger one
 * (up to 4096) must have only zeros behind what this library knows. Bits 8 to 15 of `flags` are the
 * DLPack device type (0 or 1: host memory) and bits 16 to 31 its number; anything but host memory is
 * BYTESTRIDE_ERROR_DEVICE, any other bit BYTESTRIDE_ERROR_VERSION.
 */
typedef struct bytestride_array {
    uint32_t size;       /* sizeof(bytestride_array) as the caller knows it */
    int32_t dtype;       /* BYTESTRIDE_FLOAT32, ... */
    int32_t ndim;        /* 0 to 8 */
    uint32_t flags;      /* BYTESTRIDE_WRITEABLE or 0, and the device */
    void *data;          /* address of element [0, ..., 0]; may be NULL when the array is empty */
    int64_t shape[8];    /* extents, >= 0; entries from ndim on are ignored */
    int64_t strides[8];  /* bytes from one element to the next; ignored where the extent is <= 1 */
} bytestride_array;

/* ---- Options ------------------------------------------------------------------------------------ */

/*
 * The options that every function has. Every options struct begins with these 64 bytes; a field that
 * is zero has its default. `size` must be at least the size of the struct in version 1.0 of its
 * function; a larger one (up to 4096) must have only zeros behind what this library knows, else
 * BYTESTRIDE_ERROR_VERSION.
 */
typedef struct bytestride_options {
    uint32_t size;          /* sizeof of this struct as the caller knows it */
    int32_t threads;        /* at most this many threads; 0 = the library's default; negative: OPTION */
    char *error;            /* NULL, or where the message of a failure is written, NUL-terminated */
    int64_t error_size;     /* bytes at `error`; a longer message is cut */
    const int32_t *cancel;  /* NULL, or a word that any thread may set non-zero: the call then returns
                               BYTESTRIDE_ERROR_CANCELLED within about 50 ms */
    int64_t *progress;      /* NULL, or two words: work done, work in all; stored atomically, never falling */
    uint64_t reserved[3];   /* 0 */
} bytestride_options;

/* ---- Arithmetic --------------------------------------------------------------------------------- */

/* Options of `bytestride_add`: the common ones. */
typedef bytestride_options bytestride_add_options;
/* Options of `bytestride_subtract`: the common ones. */
typedef bytestride_options bytestride_subtract_options;
/* Options of `bytestride_multiply`: the common ones. */
typedef bytestride_options bytestride_multiply_options;
/* Options of `bytestride_divide`: the common ones. */
typedef bytestride_options bytestride_divide_options;
/* Options of `bytestride_minimum`: the common ones. */
typedef bytestride_options bytestride_minimum_options;
/* Options of `bytestride_maximum`: the common ones. */
typedef bytestride_options bytestride_maximum_options;

/*
 * out = a + b, element by element.
 *
 * Shapes: `a` and `b` are broadcast to the shape of `out` (aligned at the last dimension; an extent of
 * 1 or a missing dimension is repeated).
 * dtypes: all, in any pair. The sum is computed in NumPy 2's `np.result_type(a, b)` (int64 with uint64
 * gives float64, bool with bool is a logical or), then cast to the dtype of `out`, which must be the
 * same kind or a later one of: bool, unsigned, signed, float, complex.
 * Result: bit for bit NumPy's: integers wrap around; float16 is computed in float32 and rounded once.
 * Failure: SHAPE, NDIM, DTYPE, READONLY, OVERLAP, NULL, VERSION, OPTION, MEMORY, CANCELLED; `out`
 * untouched except after CANCELLED.
 * Aliasing: `out` may be exactly the view `a` or `b`.
 * Threads: serial below about 200 us of work. Cost: O(elements of out), bound by memory.
 * Source: the array article's `array + 1`; semantics of `numpy.add`.
 */
BYTESTRIDE_API int32_t bytestride_add(const bytestride_array *a, const bytestride_array *b, const bytestride_array *out, const bytestride_add_options *options);

/*
 * out = a - b, element by element; two bool arrays are BYTESTRIDE_ERROR_DTYPE, as in NumPy.
 *
 * Shapes, dtypes, result, failure, aliasing, threads, cost: as `bytestride_add`.
 * Source: semantics of `numpy.subtract`.
 */
BYTESTRIDE_API int32_t bytestride_subtract(const bytestride_array *a, const bytestride_array *b, const bytestride_array *out, const bytestride_subtract_options *options);

/*
 * out = a * b, element by element; bool with bool is a logical and.
 *
 * Shapes, dtypes, failure, aliasing, threads, cost: as `bytestride_add`.
 * Result: as NumPy bit for bit; complex products are within 4 u |z| (u = 2^-24 or 2^-53) where no part's product
 * overflows or underflows.
 * Source: semantics of `numpy.multiply`.
 */
BYTESTRIDE_API int32_t bytestride_multiply(const bytestride_array *a, const bytestride_array *b, const bytestride_array *out, const bytestride_multiply_options *options);

/*
 * out = a / b, the true quotient, element by element.
 *
 * Shapes, failure, aliasing, threads, cost: as `bytestride_add`.
 * dtypes: all; two integer or bool arrays are divided as float64.
 * Result: as NumPy bit for bit; division by zero follows IEEE 754; complex quotients (Smith's
 * method) are within 4 u |z| where nothing on the way overflows or underflows.
 * Source: semantics of `numpy.divide`; R. L. Smith, Algorithm 116, CACM 5 (1962).
 */
BYTESTRIDE_API int32_t bytestride_divide(const bytestride_array *a, const bytestride_array *b, const bytestride_array *out, const bytestride_divide_options *options);

/*
 * out = the smaller of a and b, element by element; a NaN in either gives NaN.
 *
 * Shapes, dtypes, failure, aliasing, threads, cost: as `bytestride_add`.
 * Result: as NumPy bit for bit, except that the payload of a NaN and the sign of a zero result are
 * unspecified; complex numbers are ordered by real part, then imaginary part.
 * Source: semantics of `numpy.minimum`.
 */
BYTESTRIDE_API int32_t bytestride_minimum(const bytestride_array *a, const bytestride_array *b, const bytestride_array *out, const bytestride_minimum_options *options);

/*
 * out = the larger of a and b, element by element; a NaN in either gives NaN.
 *
 * Shapes, dtypes, failure, aliasing, threads, cost: as `bytestride_add`. Result: as `bytestride_minimum`.
 * Source: semantics of `numpy.maximum`.
 */
BYTESTRIDE_API int32_t bytestride_maximum(const bytestride_array *a, const bytestride_array *b, const bytestride_array *out, const bytestride_maximum_options *options);

/* ---- Copy, cast, transpose ------------------------------------------------------------------------ */

/* Cast rule (the default): float to integer truncates toward zero, then wraps modulo 2^bits, NaN and
   infinities give 0; integer to integer wraps modulo 2^bits. */
#define BYTESTRIDE_RULE_WRAP 1
/* Cast rule: float to integer rounds half to even, then clamps, NaN gives 0; integer to integer clamps. */
#define BYTESTRIDE_RULE_SATURATE 2

/* Options of `bytestride_copy`. */
typedef struct bytestride_copy_options {
    uint32_t size;          /* sizeof(bytestride_copy_options) as the caller knows it */
    int32_t threads;        /* as in bytestride_options */
    char *error;            /* as in bytestride_options */
    int64_t error_size;     /* as in bytestride_options */
    const int32_t *cancel;  /* as in bytestride_options */
    int64_t *progress;      /* as in bytestride_options */
    uint64_t reserved[3];   /* 0 */
    int32_t rule;           /* BYTESTRIDE_RULE_WRAP (default) or BYTESTRIDE_RULE_SATURATE */
    int32_t padding;        /* 0 */
} bytestride_copy_options;

/* Options of `bytestride_transpose_inplace`: the common ones. */
typedef bytestride_options bytestride_transpose_inplace_options;

/*
 * out = a, cast to the dtype of `out`. Physical transposes and reorderings are copies too: permute the
 * shape and strides of either array.
 *
 * Shapes: equal.
 * dtypes: all pairs except complex to real or bool (BYTESTRIDE_ERROR_DTYPE). To float: one rounding, to
 * nearest even. To bool: x != 0. To an integer: by `rule`. Real to complex: imaginary part 0.
 * Failure: SHAPE, NDIM, DTYPE, READONLY, OVERLAP, NULL, VERSION, OPTION, MEMORY, CANCELLED.
 * Aliasing: `out` may be exactly the view `a`.
 * Threads: serial below about 200 us of work. Cost: O(elements), bound by memory.
 * Source: the talk's cast_copy_transpose (scipy.weave's ramp of examples), for any shape.
 */
BYTESTRIDE_API int32_t bytestride_copy(const bytestride_array *a, const bytestride_array *out, const bytestride_copy_options *options);

/*
 * Transposes a matrix in its own memory.
 *
 * Shapes: 2-d. A square matrix may have any strides. A rectangular one must be C-contiguous; afterwards
 * its memory holds the (columns, rows) matrix in C order, and the caller changes its own shape.
 * dtypes: all.
 * Failure: SHAPE (rectangular and not C-contiguous), NDIM, READONLY, OVERLAP, NULL, VERSION, OPTION,
 * MEMORY (rectangular: one bit per element; else some KiB), CANCELLED (contents are then a mixture).
 * Threads: square matrices use threads; rectangular ones do not. Cost: O(elements).
 * Source: the talk's in-place transpose; cycle following after P. F. Windley, Computer Journal 2 (1959).
 */
BYTESTRIDE_API int32_t bytestride_transpose_inplace(const bytestride_array *array, const bytestride_transpose_inplace_options *options);

/* ---- Convolution ---------------------------------------------------------------------------------- */

/* Boundary: every element outside is `fill` (the default of convolve and correlate). */
#define BYTESTRIDE_BOUNDARY_CONSTANT 1
/* Boundary: d c b a | a b c d | d c b a. */
#define BYTESTRIDE_BOUNDARY_REFLECT 2
/* Boundary: d c b | a b c d | c b a. */
#define BYTESTRIDE_BOUNDARY_MIRROR 3
/* Boundary: a a a | a b c d | d d d. */
#define BYTESTRIDE_BOUNDARY_NEAREST 4
/* Boundary: b c d | a b c d | a b c. */
#define BYTESTRIDE_BOUNDARY_WRAP 5

/* Region: the result has the shape of the input (the default). */
#define BYTESTRIDE_REGION_SAME 1
/* Region: every position where kernel and input touch; extents N + n - 1. */
#define BYTESTRIDE_REGION_FULL 2
/* Region: only positions where the kernel lies inside the input; extents N - n + 1. */
#define BYTESTRIDE_REGION_VALID 3

/* Method: the library chooses by kernel and dtypes (the default). */
#define BYTESTRIDE_METHOD_AUTO 1
/* Method: one pass over all taps. */
#define BYTESTRIDE_METHOD_DIRECT 2
/* Method: one pass per axis; an error when the kernel is not an outer product of vectors. */
#define BYTESTRIDE_METHOD_SEPARABLE 3
/* Method: fast Fourier transforms of tiles, for sums of floats; its bound is one for the whole tile. */
#define BYTESTRIDE_METHOD_FFT 4

/* Options of `bytestride_convolve` and `bytestride_correlate`. */
typedef struct bytestride_convolve_options {
    uint32_t size;          /* sizeof(bytestride_convolve_options) as the caller knows it */
    int32_t threads;        /* as in bytestride_options */
    char *error;            /* as in bytestride_options */
    int64_t error_size;     /* as in bytestride_options */
    const int32_t *cancel;  /* as in bytestride_options */
    int64_t *progress;      /* as in bytestride_options */
    uint64_t reserved[3];   /* 0 */
    int32_t boundary;       /* BYTESTRIDE_BOUNDARY_CONSTANT (default) to BYTESTRIDE_BOUNDARY_WRAP */
    int32_t region;         /* BYTESTRIDE_REGION_SAME (default), _FULL or _VALID */
    double fill;            /* value outside under CONSTANT, for float inputs */
    int64_t fill_integer;   /* the same for bool and integer inputs; for uint64 its bits are read as unsigned */
    int32_t axes_count;     /* how many entries of `axes` count; 0 = all axes of the input */
    int32_t axes[8];        /* the input's axes that the kernel's axes run along; negative counts from the end */
    int32_t origin_count;   /* how many entries of `origin` count: 0 = no shift, 1 = the same for all, or one per axis */
    int32_t origin[8];      /* shift of the kernel, for REGION_SAME only; 0 <= centre + origin < n */
    int32_t method;         /* BYTESTRIDE_METHOD_AUTO (default), _DIRECT, _SEPARABLE or _FFT */
    int32_t padding;        /* 0 */
} bytestride_convolve_options;

/* Options of `bytestride_correlate`. */
typedef bytestride_convolve_options bytestride_correlate_options;

/*
 * out = the convolution of `input` with `kernel` (the kernel is flipped on all its axes).
 *
 * Shapes: `input` n-d; `kernel` has one dimension per convolved axis, no extent of 0; `out` as `input`,
 * with N (same), N + n - 1 (full) or N - n + 1 (valid) along convolved axes. Axes that are not
 * convolved are independent (channels, batches). Under `same` the result is cropped as by
 * `scipy.signal.convolve2d`: its element 0 is element (n - 1) / 2 of the full one. `full` with a boundary
 * other than CONSTANT is the input extended by n - 1 on both sides, then `valid`.
 * dtypes: bool (as uint8), integers, floats, in any combination. Natural dtype of the sum: both floats, or
 * float input: `np.result_type`; 8- or 16-bit (or bool) input with a float16 or float32 kernel: float32;
 * other integers with a float kernel: float64; integers: exact (up to 127 bits), as int64, or as uint64 when
 * both are unsigned or bool. The sum is rounded once to the dtype of `out`: half to even,
 * saturated for integers (NaN gives 0), x != 0 for bool.
 * Result: float32 sums (float16 too) are within (K + 2) u sum|w||x| with K taps and u = 2^-24, float64
 * likewise with u = 2^-53; products that underflow add K times the least subnormal to a sum of DIRECT. A zero
 * tap times NaN or infinity is NaN; taps outside use `fill`. FFT cuts the result into tiles: an error is below 8 u log2(N) |x| |w|, with the N elements of the input under the element's tile
 * and Euclidean norms, in practice well below (K + 2) u max(sum|w||x|). Tiles over NaN or infinities, and kernels of less
 * than 16 taps, are computed as by DIRECT. AUTO takes tiles for kernels of some hundred taps that are no outer product, but
 * only what is certain to keep the bound above in every element: float32 sums by tiles in float64, float64 sums where
 * sum|w||x| is nowhere too small; the rest as by DIRECT. Which tiles there are depends on shapes and the kernel; a block
 * of a result that is computed apart has other tiles, and so other rounding errors. Without tiles, blocks equal the whole.
 * Failure: DTYPE (complex), SHAPE (shapes do not fit; kernel empty; `valid` with a kernel larger than the
 * input; an empty input continued by another boundary than CONSTANT), NDIM, READONLY, OVERLAP (any overlap
 * of `out` with an input), OPTION (fill not representable in the input's dtype, an axis out of range or
 * twice, an origin out of range, unknown words, SEPARABLE with a kernel that is not rank 1, FFT of integers), OVERFLOW
 * (sum|w| max|x| passes 127 bits), MEMORY, NULL, VERSION, CANCELLED.
 * Threads: serial below about 200 us of work. Cost: O(out * K), separable kernels O(out * (k1 + k2 + ...)), FFT
 * O(out * log K) for up to two convolved axes, times the taps of each further one.
 * Memory: a few rows per thread; FFT: up to 12 MiB per thread, and the spectra of the weights, 8 to 100 numbers per tap.
 * Source: the convolution article (module `convolution` of imgproc); `scipy.signal.convolve2d`.
 */
BYTESTRIDE_API int32_t bytestride_convolve(const bytestride_array *input, const bytestride_array *kernel, const bytestride_array *out, const bytestride_convolve_options *options);

/*
 * out = the correlation of `input` with `kernel` (the kernel is not flipped).
 *
 * Under `same` the kernel is centred at index n / 2, as `scipy.ndimage.correlate` and OpenCV's filter2D.
 * Everything else: as `bytestride_convolve`.
 * Source: `scipy.ndimage.correlate`.
 */
BYTESTRIDE_API int32_t bytestride_correlate(const bytestride_array *input, const bytestride_array *kernel, const bytestride_array *out, const bytestride_correlate_options *options);

/* ---- Neighbourhood product ---------------------------------------------------------------------------- */

/* Boundary of neighbor_product (its default): the rim is 0. */
#define BYTESTRIDE_BOUNDARY_ZERO 6
/* Boundary of neighbor_product: the rim has the input's pixels. */
#define BYTESTRIDE_BOUNDARY_COPY 7
/* Boundary of neighbor_product: the rim stays as `out` had it. */
#define BYTESTRIDE_BOUNDARY_KEEP 8

/* Alpha channel (the default): the largest value of the dtype, 1.0 for floats. */
#define BYTESTRIDE_ALPHA_OPAQUE 1
/* Alpha channel: the input's. */
#define BYTESTRIDE_ALPHA_COPY 2
/* Alpha channel: takes part like a colour. */
#define BYTESTRIDE_ALPHA_CHANNEL 3

/* Options of `bytestride_neighbor_product`. */
typedef struct bytestride_neighbor_product_options {
    uint32_t size;          /* sizeof(bytestride_neighbor_product_options) as the caller knows it */
    int32_t threads;        /* as in bytestride_options */
    char *error;            /* as in bytestride_options */
    int64_t error_size;     /* as in bytestride_options */
    const int32_t *cancel;  /* as in bytestride_options */
    int64_t *progress;      /* as in bytestride_options */
    uint64_t reserved[3];   /* 0 */
    int64_t radius;         /* 1 (default) to 3: the window has (2 radius + 1)^2 pixels */
    int32_t alpha;          /* BYTESTRIDE_ALPHA_OPAQUE (default), _COPY or _CHANNEL */
    int32_t boundary;       /* BYTESTRIDE_BOUNDARY_ZERO (default), _COPY, _KEEP, _REFLECT, _MIRROR, _NEAREST or _WRAP */
} bytestride_neighbor_product_options;

/*
 * out = per pixel and channel, the product over a window, the channels normalised to length 1.
 *
 * Shapes: `image` (H, W) or (H, W, C) with C 1 to 4; `out` the same. With C = 2 or 4 the last channel is alpha.
 * dtypes: uint8, uint16, float32, float64; `out` the same.
 * Result: p_c = the product of the window's values of channel c; integers give floor(M p_c / ||p||) in exact
 * arithmetic, M the dtype's largest value; floats p_c / ||p|| with a relative error of (taps + 8) u, without overflow
 * or underflow on the way. A vector of zeros gives 0. The norm runs over the colour channels (all, with ALPHA_CHANNEL).
 * Boundary: what the rim of `radius` pixels gets: 0, the input's pixels, what `out` had, or the product over a
 * window continued as in `bytestride_convolve`. The alpha rule holds on the rim too, except under KEEP.
 * Failure: DTYPE, NDIM, SHAPE, READONLY, OVERLAP (any overlap), OPTION, MEMORY, NULL, VERSION, CANCELLED.
 * Threads: serial below about 200 us of work. Cost: O(H W C radius).
 * Source: the article on image processing with a C extension ("pixel.transform").
 */
BYTESTRIDE_API int32_t bytestride_neighbor_product(const bytestride_array *image, const bytestride_array *out, const bytestride_neighbor_product_options *options);

/* ---- Depth images and point clouds -------------------------------------------------------------------- */

/* Invalid readings (the default): NaN points. */
#define BYTESTRIDE_INVALID_NAN 1
/* Invalid readings: (0, 0, 0), also after the pose. */
#define BYTESTRIDE_INVALID_ZERO 2
/* Invalid readings: left out; the points are a list in row-major order of the pixels. */
#define BYTESTRIDE_INVALID_DROP 3

/* Camera frame (the default): x right, y down, z forward. */
#define BYTESTRIDE_FRAME_OPTICAL 1
/* Camera frame: (x, -y, -z), y up and z backward. */
#define BYTESTRIDE_FRAME_OPENGL 2
/* Camera frame: (-x, -y, -z), as the article's program gives it. */
#define BYTESTRIDE_FRAME_INVERTED 3

/* Options of `bytestride_depth_to_points`. */
typedef struct bytestride_depth_to_points_options {
    uint32_t size;          /* sizeof(bytestride_depth_to_points_options) as the caller knows it */
    int32_t threads;        /* as in bytestride_options */
    char *error;            /* as in bytestride_options */
    int64_t error_size;     /* as in bytestride_options */
    const int32_t *cancel;  /* as in bytestride_options */
    int64_t *progress;      /* as in bytestride_options */
    uint64_t reserved[3];   /* 0 */
    double depth_scale;     /* readings per unit of length; 0 = 1000 (millimetres to metres) */
    double min_depth;       /* readings whose z (float64 quotient) is not larger are invalid; default 0 */
    double max_depth;       /* readings whose z is not smaller are invalid; 0 = infinity */
    int32_t invalid;        /* BYTESTRIDE_INVALID_NAN (default), _ZERO or _DROP */
    int32_t frame;          /* BYTESTRIDE_FRAME_OPTICAL (default), _OPENGL or _INVERTED */
    double skew;            /* of the camera matrix, in pixels */
    const bytestride_array *distortion; /* NULL, or 4, 5 or 8 Brown-Conrady coefficients (k1, k2, p1, p2, k3, k4, k5, k6) */
    int32_t radial;         /* 1: readings are distances along the ray; 0 (default): along the optical axis */
    int32_t padding;        /* 0 */
    const bytestride_array *pose;  /* NULL, or (4, 4) or (3, 4) camera-to-world, applied last */
    int64_t stride;         /* every stride-th row and column; 0 = 1 */
    const bytestride_array *mask;  /* NULL, or bool of the shape of one image or of the batch: false is invalid */
    const bytestride_array *color; /* NULL, or the shape of depth + (channels,) */
} bytestride_depth_to_points_options;

/*
 * Points in space from a depth image.
 *
 * z = depth / depth_scale; yn = (v - cy) / fy, xn = ((u - cx) - skew yn) / fx; (x, y, z) = (xn z, yn z, z) for column u
 * and row v; then the frame, then the pose. A reading is valid iff it is finite, min_depth < z < max_depth and its
 * mask is true. Distortion is undone by iteration, to 1e-6; a pixel that no ray reaches through the lens is invalid.
 * Shapes: `depth` (H, W) or a batch (N, H, W). `points` (H', W', 3) or (N, H', W', 3) with H' = ceil(H / stride); with
 * DROP (n, 3), n at least the number of valid readings (all images of a batch together); NULL only counts.
 * `colors`, NULL or like `points` with the channels and the dtype of `color`: 0 at invalid pixels. `indices`, NULL or
 * like `points` without its last dimension, int64: the flat row-major index of each pixel in the full (unstrided) batch.
 * dtypes: depth uint16, int32, float32, float64; points float32 or float64; distortion and pose float64 or float32.
 * Scalars: fx, fy focal lengths, cx, cy principal point, in pixels; fx, fy not 0, all finite, else OPTION.
 * `count`: NULL, or receives the number of points written; after SHAPE with DROP the number of rows needed.
 * Result: within 2 ulp of the float64 formula per component, rounded to the dtype of points.
 * Failure: DTYPE, NDIM, SHAPE, READONLY, OVERLAP (any overlap), OPTION, MEMORY, NULL, VERSION, CANCELLED.
 * Threads: serial below about 200 us of work; order and count do not depend on them. Cost: O(N H W).
 * Source: the article on depth images in Cython; conventions of ROS depth_image_proc and Open3D.
 */
BYTESTRIDE_API int32_t bytestride_depth_to_points(const bytestride_array *depth, const bytestride_array *points, const bytestride_array *colors, const bytestride_array *indices, double fx, double fy, double cx, double cy, int64_t *count, const bytestride_depth_to_points_options *options);

/* Options of `bytestride_points_to_depth`. */
typedef struct bytestride_points_to_depth_options {
    uint32_t size;          /* sizeof(bytestride_points_to_depth_options) as the caller knows it */
    int32_t threads;        /* as in bytestride_options */
    char *error;            /* as in bytestride_options */
    int64_t error_size;     /* as in bytestride_options */
    const int32_t *cancel;  /* as in bytestride_options */
    int64_t *progress;      /* as in bytestride_options */
    uint64_t reserved[3];   /* 0 */
    double depth_scale;     /* readings per unit of length; 0 = 1000 */
    int32_t frame;          /* of the points; BYTESTRIDE_FRAME_OPTICAL (default), _OPENGL or _INVERTED */
    int32_t padding;        /* 0 */
    double skew;            /* of the camera matrix, in pixels */
    const bytestride_array *distortion; /* as in bytestride_depth_to_points_options */
    const bytestride_array *pose;       /* as there: camera-to-world; the points are brought back by its inverse */
} bytestride_points_to_depth_options;

/*
 * A depth image from points: every point is projected to its nearest pixel (half up), the nearest point wins.
 *
 * Shapes: `points` (..., 3); `out` (H, W), every pixel written, 0 where no point falls.
 * dtypes: points float32 or float64; out uint16, int32, float32, float64.
 * Result: z * depth_scale, rounded half to even and saturated for integers. NaN, z <= 0 and points off the image are
 * skipped.
 * Failure: DTYPE, NDIM, SHAPE, READONLY, OVERLAP, OPTION, MEMORY, NULL, VERSION, CANCELLED.
 * Threads: serial below about 200 us of work; each thread has an image of its own, up to 128 MiB of them together.
 * Cost: O(points + H W).
 * Source: the inverse of `bytestride_depth_to_points`.
 */
BYTESTRIDE_API int32_t bytestride_points_to_depth(const bytestride_array *points, const bytestride_array *out, double fx, double fy, double cx, double cy, const bytestride_points_to_depth_options *options);

/* ---- Distances ------------------------------------------------------------------------------------------ */

/* Metric (the default): square root of the sum of squared differences. */
#define BYTESTRIDE_METRIC_EUCLIDEAN 1
/* Metric: sum of squared differences. */
#define BYTESTRIDE_METRIC_SQEUCLIDEAN 2
/* Metric: sum of absolute differences. */
#define BYTESTRIDE_METRIC_CITYBLOCK 3
/* Metric: largest absolute difference. */
#define BYTESTRIDE_METRIC_CHEBYSHEV 4

/* Options of `bytestride_distances`, `bytestride_distances_from` and `bytestride_update_distances`. */
typedef struct bytestride_distances_options {
    uint32_t size;          /* sizeof(bytestride_distances_options) as the caller knows it */
    int32_t threads;        /* as in bytestride_options */
    char *error;            /* as in bytestride_options */
    int64_t error_size;     /* as in bytestride_options */
    const int32_t *cancel;  /* as in bytestride_options */
    int64_t *progress;      /* as in bytestride_options */
    uint64_t reserved[3];   /* 0 */
    int32_t metric;         /* BYTESTRIDE_METRIC_EUCLIDEAN (default) to BYTESTRIDE_METRIC_CHEBYSHEV */
    int32_t padding;        /* 0 */
} bytestride_distances_options;

/* Options of `bytestride_distances_from`. */
typedef bytestride_distances_options bytestride_distances_from_options;
/* Options of `bytestride_update_distances`. */
typedef bytestride_distances_options bytestride_update_distances_options;

/*
 * out[i, j] = the distance of row i of `x` from row j of `y`.
 *
 * Shapes: x (n, d), y (m, d) or NULL (then y is x: diagonal exactly 0, bitwise symmetric), out (n, m).
 * dtypes: bool, integers, floats; computed in float32 if x and y are float32 (or float16), else in float64; out float32
 * or float64, of at least the computed size.
 * Result: differences first; relative error (d / 2 + 4) u for euclidean, (d + 3) u for sqeuclidean and cityblock, u for
 * chebyshev; squares that underflow lose d times the least subnormal before the root. A NaN coordinate gives NaN in its
 * row and column, the diagonal included.
 * Failure: DTYPE, NDIM, SHAPE, READONLY, OVERLAP (any), OPTION, MEMORY, NULL, VERSION, CANCELLED.
 * Threads: serial below about 200 us of work. Cost: O(n m d).
 * Source: the article on multidimensional scaling (compute_distance_matrix); `scipy.spatial.distance.cdist`.
 */
BYTESTRIDE_API int32_t bytestride_distances(const bytestride_array *x, const bytestride_array *y, const bytestride_array *out, const bytestride_distances_options *options);

/*
 * out[j] = the distance of row j of `x` from `point`.
 *
 * Shapes: x (n, d), point (d,), out (n,). dtypes, result, failure, threads: as `bytestride_distances`. Cost: O(n d).
 * Source: the article on multidimensional scaling (dist_from_point).
 */
BYTESTRIDE_API int32_t bytestride_distances_from(const bytestride_array *x, const bytestride_array *point, const bytestride_array *out, const bytestride_distances_from_options *options);

/*
 * Refreshes row and column `i` of the distance matrix `d` of the rows of `x`, in place, after row i of x has moved.
 *
 * Shapes: x (n, k), d (n, n), float32 or float64. `i` from -n to n - 1, else OPTION; negative counts from the end.
 * Result: the same bits as `bytestride_distances` gives there. Failure, threads: as there. Cost: O(n k).
 * Source: the article on multidimensional scaling (update_distance_matrix).
 */
BYTESTRIDE_API int32_t bytestride_update_distances(const bytestride_array *x, const bytestride_array *d, int64_t i, const bytestride_update_distances_options *options);

/* Options of `bytestride_squared_error`. */
typedef struct bytestride_squared_error_options {
    uint32_t size;          /* sizeof(bytestride_squared_error_options) as the caller knows it */
    int32_t threads;        /* as in bytestride_options */
    char *error;            /* as in bytestride_options */
    int64_t error_size;     /* as in bytestride_options */
    const int32_t *cancel;  /* as in bytestride_options */
    int64_t *progress;      /* as in bytestride_options */
    uint64_t reserved[3];   /* 0 */
    const bytestride_array *weights; /* NULL, or one weight per entry, of any real dtype; 0 leaves the entry out */
} bytestride_squared_error_options;

/*
 * out = sum of weight (goal - current)^2 over all entries, or over each row.
 *
 * Shapes: goal and current equal, 1-d or 2-d; out 0-d (the whole sum), or 1-d with one entry per row (goal 2-d).
 * dtypes: bool, integers, floats; out float64. Integers do not wrap: differences are formed in float64.
 * Result: fixed blocks of up to 8192 entries in C order, which rows of 256 and more begin anew, combined in a
 * fixed order, so that it does not depend on threads or layouts; relative error (log2(max(n / 8192, 1)) + 12) u,
 * u = 2^-53, where no square underflows. NaN and infinities propagate.
 * Failure: DTYPE, NDIM, SHAPE, READONLY, OVERLAP, OPTION, MEMORY, NULL, VERSION, CANCELLED.
 * Threads: serial below about 200 us of work. Cost: O(entries), bound by memory.
 * Source: the article on multidimensional scaling (compute_mds_error, mse).
 */
BYTESTRIDE_API int32_t bytestride_squared_error(const bytestride_array *goal, const bytestride_array *current, const bytestride_array *out, const bytestride_squared_error_options *options);

/* ---- Multidimensional scaling ----------------------------------------------------------------------------- */

/* Start (the default): random points, uniform in [0, 1), scaled to the dissimilarities. */
#define BYTESTRIDE_INIT_RANDOM 1
/* Start: classical scaling. */
#define BYTESTRIDE_INIT_CLASSICAL 2
/* Start: the points that `points` holds. */
#define BYTESTRIDE_INIT_GIVEN 3

/* Method of mds: stochastic gradient descent over the pairs. BYTESTRIDE_METHOD_AUTO (the default) is today this one, and
   SMACOF for non-metric scaling. */
#define BYTESTRIDE_METHOD_SGD 2
/* Method of mds: majorization by Guttman transforms. */
#define BYTESTRIDE_METHOD_SMACOF 3
/* Method of mds: pattern search along the coordinate axes, as the article. */
#define BYTESTRIDE_METHOD_PATTERN 4

/* Options of `bytestride_mds`. */
typedef struct bytestride_mds_options {
    uint32_t size;          /* sizeof(bytestride_mds_options) as the caller knows it */
    int32_t threads;        /* as in bytestride_options */
    char *error;            /* as in bytestride_options */
    int64_t error_size;     /* as in bytestride_options */
    const int32_t *cancel;  /* as in bytestride_options */
    int64_t *progress;      /* as in bytestride_options; counted in iterations, of all starts together */
    uint64_t reserved[3];   /* 0 */
    int32_t method;         /* BYTESTRIDE_METHOD_AUTO (default), _SGD, _SMACOF or _PATTERN */
    int32_t init;           /* BYTESTRIDE_INIT_RANDOM (default), _CLASSICAL or _GIVEN */
    const bytestride_array *weights; /* NULL, or (n, n) symmetric, not negative; 0 = missing pair */
    int32_t nonmetric;      /* 1: the stress is against the least-squares monotone disparities; SMACOF only */
    int32_t padding;        /* 0 */
    int64_t n_init;         /* starts, of which the best is kept; 0 = 1; with INIT_GIVEN or _CLASSICAL one */
    int64_t max_iter;       /* 0 = the method's default (sgd 30, smacof 300, pattern 1000) */
    double eps;             /* smacof, sgd: stop when (old - new) / sum d^2 is smaller; 0 = 1e-6; negative: never */
    int64_t random_state;   /* seed */
    double radius;          /* pattern: first step; 0 = 1 */
    double min_radius;      /* pattern: stop when the step is not larger; 0 = 1e-3; negative: never */
    double shrink_tol;      /* pattern: relative gain below which the step is halved; 0 = 1e-4; negative: 0 */
    double explore;         /* pattern: share of directions tried; 0 = 1 */
    double sample;          /* pattern: share of points moved per sweep; 0 = 1 */
    int32_t greedy;         /* pattern: 1: move only where the error falls */
    int32_t padding2;       /* 0 */
    double relaxation;      /* smacof: 0 = 1 (plain) to below 2: X + relaxation (G(X) - X) */
} bytestride_mds_options;

/* What `bytestride_mds` tells beside the points. */
typedef struct bytestride_mds_result {
    uint32_t size;            /* sizeof(bytestride_mds_result) as the caller knows it; set before the call */
    int32_t converged;        /* 1: a stopping rule was met; 0: max_iter was reached */
    double stress;            /* sum over i < j of w (goal - d)^2 of the returned points, in float64 */
    double normalized_stress; /* Stress-1: sqrt(stress / sum of w d^2); 0 for 0 / 0 */
    int64_t n_iter;           /* iterations of the best start */
} bytestride_mds_result;

/*
 * Points whose distances approximate given dissimilarities.
 *
 * Shapes: `dissimilarities` (n, n), symmetric within 1e-10 of the largest entry, not negative; NaN = missing pair; the
 * diagonal is ignored. `points` (n, k), 1 <= k; it holds the start when init is GIVEN. `history`, NULL or 1-d of any
 * length: filled with the stress per iteration, up to n_iter. `result` may be NULL.
 * dtypes: dissimilarities, weights bool, integers, floats; points and history float64.
 * Result: deterministic for a seed, whatever the number of threads. smacof: after max_iter = m iterations with eps < 0
 * and GIVEN, within 1e-9 of m exact Guttman steps. pattern: moves, order and halving of the published pattern search,
 * at most max_iter + 1 sweeps.
 * Failure: DTYPE, NDIM, SHAPE, READONLY, OVERLAP, OPTION (asymmetric, negative or infinite dissimilarities, a negative
 * weight, nonmetric with sgd or pattern), MEMORY, NULL, VERSION, CANCELLED.
 * Threads: serial for small n. Cost: O(n^2 k) per iteration; memory O(n^2).
 * Source: the article on multidimensional scaling (pattern search; Paraskevopoulos et al. 2018); SMACOF: de Leeuw 1977;
 * sgd: Zheng, Pawar, Goodman, IEEE TVCG 25 (2019).
 */
BYTESTRIDE_API int32_t bytestride_mds(const bytestride_array *dissimilarities, const bytestride_array *points, const bytestride_array *history, bytestride_mds_result *result, const bytestride_mds_options *options);

/* Options of `bytestride_classical_mds`: the common ones. */
typedef bytestride_options bytestride_classical_mds_options;

/*
 * Classical (Torgerson) scaling: the largest eigenvalues and eigenvectors of the double-centred squared dissimilarities.
 *
 * Shapes: dissimilarities (n, n) symmetric, complete; points (n, k), k <= n; eigenvalues (k,) or NULL, descending.
 * dtypes: dissimilarities bool, integers, floats; points, eigenvalues float64.
 * Result: points = eigenvectors scaled by sqrt(max(eigenvalue, 0)); the largest entry by magnitude of each column is positive.
 * Failure: as `bytestride_mds`; a missing pair is OPTION. Cost: O(n^2 k) per step of a subspace iteration.
 * Source: Torgerson 1952.
 */
BYTESTRIDE_API int32_t bytestride_classical_mds(const bytestride_array *dissimilarities, const bytestride_array *points, const bytestride_array *eigenvalues, const bytestride_classical_mds_options *options);

/* ---- Search ------------------------------------------------------------------------------------------- */

/* Side (the default): the first index at which the value could be inserted. */
#define BYTESTRIDE_SIDE_LEFT 1
/* Side: the last one. */
#define BYTESTRIDE_SIDE_RIGHT 2

/* Options of `bytestride_searchsorted`. */
typedef struct bytestride_searchsorted_options {
    uint32_t size;          /* sizeof(bytestride_searchsorted_options) as the caller knows it */
    int32_t threads;        /* as in bytestride_options */
    char *error;            /* as in bytestride_options */
    int64_t error_size;     /* as in bytestride_options */
    const int32_t *cancel;  /* as in bytestride_options */
    int64_t *progress;      /* as in bytestride_options */
    uint64_t reserved[3];   /* 0 */
    int32_t side;           /* BYTESTRIDE_SIDE_LEFT (default) or _RIGHT */
    int32_t padding;        /* 0 */
    const bytestride_array *sorter; /* NULL, or the indices that sort `a`: 1-d, any integer dtype, all in range */
} bytestride_searchsorted_options;

/*
 * out = for each value of `v` the index at which it could be inserted into the sorted `a`.
 *
 * Shapes: a (n,), v any, out like v. dtypes: bool, integers, floats, compared in NumPy's `np.result_type(a, v)`; out int64.
 * Result: exactly `numpy.searchsorted`: NaN sorts last, -0 equals 0; an unsorted `a` gives some index from 0 to n.
 * Failure: DTYPE, NDIM, SHAPE, READONLY, OVERLAP, OPTION (unknown side, a sorter index out of range), MEMORY, NULL,
 * VERSION, CANCELLED.
 * Threads: serial below about 200 us of work. Cost: O(m log n).
 * Source: the talk's binary search; semantics of `numpy.searchsorted`.
 */
BYTESTRIDE_API int32_t bytestride_searchsorted(const bytestride_array *a, const bytestride_array *v, const bytestride_array *out, const bytestride_searchsorted_options *options);

/* Options of `bytestride_binary_search`: the common ones. */
typedef bytestride_options bytestride_binary_search_options;

/*
 * out = for each value of `v` an index of `a` that holds it, else -1.
 *
 * The article's walk: low = 0, high = n - 1, the midpoint rounded down, until a[midpoint] equals the value: with
 * duplicates, whichever the walk meets first. A NaN is not found.
 * Shapes, dtypes, failure, threads, cost: as `bytestride_searchsorted`.
 * Source: the talk's binary_search.
 */
BYTESTRIDE_API int32_t bytestride_binary_search(const bytestride_array *a, const bytestride_array *v, const bytestride_array *out, const bytestride_binary_search_options *options);

/* ---- Primes ------------------------------------------------------------------------------------------- */

/* Options of `bytestride_is_prime`: the common ones. */
typedef bytestride_options bytestride_is_prime_options;

/* Options of `bytestride_sum_primes` and `bytestride_count_primes`. */
typedef struct bytestride_sum_primes_options {
    uint32_t size;          /* sizeof(bytestride_sum_primes_options) as the caller knows it */
    int32_t threads;        /* as in bytestride_options */
    char *error;            /* as in bytestride_options */
    int64_t error_size;     /* as in bytestride_options */
    const int32_t *cancel;  /* as in bytestride_options */
    int64_t *progress;      /* as in bytestride_options */
    uint64_t reserved[3];   /* 0 */
    uint64_t start;         /* primes below it are left out */
} bytestride_sum_primes_options;

/* Options of `bytestride_count_primes`. */
typedef bytestride_sum_primes_options bytestride_count_primes_options;
/* Options of `bytestride_sum_primes_128`: the common ones. */
typedef bytestride_options bytestride_sum_primes_128_options;

/*
 * out = whether each number is prime; exact for every 64-bit number.
 *
 * Shapes: equal. dtypes: numbers any integer dtype or bool; out bool. Negative numbers are not prime.
 * Failure: DTYPE, SHAPE, NDIM, READONLY, OVERLAP, NULL, VERSION, OPTION, CANCELLED.
 * Threads: serial below about 200 us of work. Cost: O(log n) multiplications per number.
 * Source: Miller-Rabin with the bases of J. Sinclair (2011), deterministic below 2^64.
 */
BYTESTRIDE_API int32_t bytestride_is_prime(const bytestride_array *numbers, const bytestride_array *out, const bytestride_is_prime_options *options);

/*
 * out = for each limit, the sum of the primes p with start <= p < limit.
 *
 * Shapes: equal. dtypes: limits any integer dtype; out uint64. Negative limits give 0.
 * Failure: OVERFLOW (a sum passes 64 bits; limits beyond about 2.9e10), and as `bytestride_is_prime`; MEMORY.
 * Cost: the limits of an array are answered in one pass; O(n^(3/4)) time and O(sqrt n) memory for a single limit n.
 * Source: the talk's sum_primes (after the Parallel Python demo); Lagarias, Miller, Odlyzko 1985.
 */
BYTESTRIDE_API int32_t bytestride_sum_primes(const bytestride_array *limits, const bytestride_array *out, const bytestride_sum_primes_options *options);

/*
 * out = for each limit, the number of the primes p with start <= p < limit.
 *
 * Shapes, dtypes, failure, cost: as `bytestride_sum_primes`; counts do not overflow.
 * Source: as `bytestride_sum_primes`.
 */
BYTESTRIDE_API int32_t bytestride_count_primes(const bytestride_array *limits, const bytestride_array *out, const bytestride_count_primes_options *options);

/*
 * sum[0] + 2^64 sum[1] (two words at `sum`) = the sum of the primes p with start <= p < limit.
 *
 * Failure: NULL, OPTION, VERSION, MEMORY, CANCELLED. Cost: O(limit^(3/4)) time, O(sqrt limit) memory.
 * Source: as `bytestride_sum_primes`.
 */
BYTESTRIDE_API int32_t bytestride_sum_primes_128(uint64_t start, uint64_t limit, uint64_t *sum, const bytestride_sum_primes_128_options *options);

/* ---- Utilities ------------------------------------------------------------------------------------ */

/* The version of the library at run time as text, "1.2.3"; static. */
BYTESTRIDE_API const char *bytestride_version(void);

/* The version of the library at run time as a number: 10203 for 1.2.3. */
BYTESTRIDE_API int32_t bytestride_version_number(void);

/* The version of the binary interface at run time; compare it with BYTESTRIDE_ABI_VERSION after loading. */
BYTESTRIDE_API int32_t bytestride_abi_version(void);

/*
 * Facts about the build and the machine as a JSON object: version, abi, compiler, levels (built), isa (level
 * in use), threads, serial_reason (null, or why calls run serially), openmp, library (path of the file).
 * Valid until this thread's next call of this function.
 */
BYTESTRIDE_API const char *bytestride_build_info(void);

/*
 * The instruction-set level in use: "baseline", "avx2", "avx512" or "neon"; static. It is the best that the
 * build and the processor have, capped by the environment variable BYTESTRIDE_ISA, read once.
 */
BYTESTRIDE_API const char *bytestride_isa(void);

/* A short English text for a status; static. Unknown statuses have one too. */
BYTESTRIDE_API const char *bytestride_strerror(int32_t status);

/*
 * The message of the last failure on this thread ("argument 2 (kernel): ..."); empty before any failure.
 * Valid until this thread's next call of the library. Callers that move between threads pass an error
 * buffer in the options instead.
 */
BYTESTRIDE_API const char *bytestride_last_error(void);

/*
 * Sets how many threads a call may use in this process when its options say 0. 0 returns to the
 * default; negative is BYTESTRIDE_ERROR_OPTION. A forked child forgets it, and runs serially until it
 * sets its own.
 */
BYTESTRIDE_API int32_t bytestride_set_num_threads(int32_t threads);

/* How many threads a call may use when its options say 0; at least 1. */
BYTESTRIDE_API int32_t bytestride_get_num_threads(void);

/*
 * Fills `array`. `shape` has `ndim` extents (it may be NULL when ndim is 0), `strides` as many byte strides, or
 * NULL for C order. `flags` is 0 or BYTESTRIDE_WRITEABLE.
 * Failure: NULL, NDIM (not 0 to 8), DTYPE (unknown), SHAPE (negative extents, or a span that overflows),
 * VERSION (unknown flags); `array` is then untouched.
 */
BYTESTRIDE_API int32_t bytestride_array_init(bytestride_array *array, void *data, int32_t dtype, int32_t ndim, const int64_t *shape, const int64_t *strides, uint32_t flags);

/*
 * Fills `out` from a DLPack tensor without copying: `tensor` is a `DLManagedTensorVersioned *` when
 * `versioned` is 1, a `DLManagedTensor *` when it is 0 (the pointer inside the capsule of `__dlpack__`).
 * The tensor stays the caller's, and must outlive the use of `out`. Tensors of a versioned capsule are
 * writeable unless their read-only bit is set; those of an unversioned one are not.
 * Failure: NULL, VERSION (another DLPack major version; `versioned` not 0 or 1 is OPTION), DEVICE (not host
 * memory: device types 1, 3 and 11 are), NDIM, DTYPE, SHAPE.
 * Source: DLPack, `dlpack.h` 1.1.
 */
BYTESTRIDE_API int32_t bytestride_from_dltensor(const void *tensor, int32_t versioned, bytestride_array *out);

#ifdef __cplusplus
}
#endif

#endif
