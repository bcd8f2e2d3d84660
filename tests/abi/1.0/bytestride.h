/* The header of version 1.0 without its comments, as programs were compiled against it: it never changes. */
/* clang-format off */
#ifndef BYTESTRIDE_H
#define BYTESTRIDE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef BYTESTRIDE_API
#define BYTESTRIDE_API
#endif

#define BYTESTRIDE_VERSION_MAJOR 1

#define BYTESTRIDE_VERSION_MINOR 0

#define BYTESTRIDE_VERSION_PATCH 0

#define BYTESTRIDE_ABI_VERSION 1

#define BYTESTRIDE_OK 0

#define BYTESTRIDE_ERROR_DTYPE -1

#define BYTESTRIDE_ERROR_SHAPE -2

#define BYTESTRIDE_ERROR_NDIM -3

#define BYTESTRIDE_ERROR_READONLY -4

#define BYTESTRIDE_ERROR_OVERLAP -5

#define BYTESTRIDE_ERROR_MEMORY -6

#define BYTESTRIDE_ERROR_VERSION -7

#define BYTESTRIDE_ERROR_OPTION -8

#define BYTESTRIDE_ERROR_NULL -9

#define BYTESTRIDE_ERROR_INTERNAL -10

#define BYTESTRIDE_ERROR_OVERFLOW -11

#define BYTESTRIDE_ERROR_CANCELLED -12

#define BYTESTRIDE_ERROR_DEVICE -13

#define BYTESTRIDE_BOOL 0x10806

#define BYTESTRIDE_INT8 0x10800

#define BYTESTRIDE_INT16 0x11000

#define BYTESTRIDE_INT32 0x12000

#define BYTESTRIDE_INT64 0x14000

#define BYTESTRIDE_UINT8 0x10801

#define BYTESTRIDE_UINT16 0x11001

#define BYTESTRIDE_UINT32 0x12001

#define BYTESTRIDE_UINT64 0x14001

#define BYTESTRIDE_FLOAT16 0x11002

#define BYTESTRIDE_FLOAT32 0x12002

#define BYTESTRIDE_FLOAT64 0x14002

#define BYTESTRIDE_COMPLEX64 0x14005

#define BYTESTRIDE_COMPLEX128 0x18005

#define BYTESTRIDE_MAX_NDIM 8

#define BYTESTRIDE_WRITEABLE 1

typedef struct bytestride_array {
    uint32_t size;
    int32_t dtype;
    int32_t ndim;
    uint32_t flags;
    void *data;
    int64_t shape[8];
    int64_t strides[8];
} bytestride_array;

typedef struct bytestride_options {
    uint32_t size;
    int32_t threads;
    char *error;
    int64_t error_size;
    const int32_t *cancel;
    int64_t *progress;
    uint64_t reserved[3];
} bytestride_options;

typedef bytestride_options bytestride_add_options;

typedef bytestride_options bytestride_subtract_options;

typedef bytestride_options bytestride_multiply_options;

typedef bytestride_options bytestride_divide_options;

typedef bytestride_options bytestride_minimum_options;

typedef bytestride_options bytestride_maximum_options;

BYTESTRIDE_API int32_t bytestride_add(const bytestride_array *a, const bytestride_array *b, const bytestride_array *out, const bytestride_add_options *options);

BYTESTRIDE_API int32_t bytestride_subtract(const bytestride_array *a, const bytestride_array *b, const bytestride_array *out, const bytestride_subtract_options *options);

BYTESTRIDE_API int32_t bytestride_multiply(const bytestride_array *a, const bytestride_array *b, const bytestride_array *out, const bytestride_multiply_options *options);

BYTESTRIDE_API int32_t bytestride_divide(const bytestride_array *a, const bytestride_array *b, const bytestride_array *out, const bytestride_divide_options *options);

BYTESTRIDE_API int32_t bytestride_minimum(const bytestride_array *a, const bytestride_array *b, const bytestride_array *out, const bytestride_minimum_options *options);

BYTESTRIDE_API int32_t bytestride_maximum(const bytestride_array *a, const bytestride_array *b, const bytestride_array *out, const bytestride_maximum_options *options);

#define BYTESTRIDE_RULE_WRAP 1

#define BYTESTRIDE_RULE_SATURATE 2

typedef struct bytestride_copy_options {
    uint32_t size;
    int32_t threads;
    char *error;
    int64_t error_size;
    const int32_t *cancel;
    int64_t *progress;
    uint64_t reserved[3];
    int32_t rule;
    int32_t padding;
} bytestride_copy_options;

typedef bytestride_options bytestride_transpose_inplace_options;

BYTESTRIDE_API int32_t bytestride_copy(const bytestride_array *a, const bytestride_array *out, const bytestride_copy_options *options);

BYTESTRIDE_API int32_t bytestride_transpose_inplace(const bytestride_array *array, const bytestride_transpose_inplace_options *options);

#define BYTESTRIDE_BOUNDARY_CONSTANT 1

#define BYTESTRIDE_BOUNDARY_REFLECT 2

#define BYTESTRIDE_BOUNDARY_MIRROR 3

#define BYTESTRIDE_BOUNDARY_NEAREST 4

#define BYTESTRIDE_BOUNDARY_WRAP 5

#define BYTESTRIDE_REGION_SAME 1

#define BYTESTRIDE_REGION_FULL 2

#define BYTESTRIDE_REGION_VALID 3

#define BYTESTRIDE_METHOD_AUTO 1

#define BYTESTRIDE_METHOD_DIRECT 2

#define BYTESTRIDE_METHOD_SEPARABLE 3

#define BYTESTRIDE_METHOD_FFT 4

typedef struct bytestride_convolve_options {
    uint32_t size;
    int32_t threads;
    char *error;
    int64_t error_size;
    const int32_t *cancel;
    int64_t *progress;
    uint64_t reserved[3];
    int32_t boundary;
    int32_t region;
    double fill;
    int64_t fill_integer;
    int32_t axes_count;
    int32_t axes[8];
    int32_t origin_count;
    int32_t origin[8];
    int32_t method;
    int32_t padding;
} bytestride_convolve_options;

typedef bytestride_convolve_options bytestride_correlate_options;

BYTESTRIDE_API int32_t bytestride_convolve(const bytestride_array *input, const bytestride_array *kernel, const bytestride_array *out, const bytestride_convolve_options *options);

BYTESTRIDE_API int32_t bytestride_correlate(const bytestride_array *input, const bytestride_array *kernel, const bytestride_array *out, const bytestride_correlate_options *options);

#define BYTESTRIDE_BOUNDARY_ZERO 6

#define BYTESTRIDE_BOUNDARY_COPY 7

#define BYTESTRIDE_BOUNDARY_KEEP 8

#define BYTESTRIDE_ALPHA_OPAQUE 1

#define BYTESTRIDE_ALPHA_COPY 2

#define BYTESTRIDE_ALPHA_CHANNEL 3

typedef struct bytestride_neighbor_product_options {
    uint32_t size;
    int32_t threads;
    char *error;
    int64_t error_size;
    const int32_t *cancel;
    int64_t *progress;
    uint64_t reserved[3];
    int64_t radius;
    int32_t alpha;
    int32_t boundary;
} bytestride_neighbor_product_options;

BYTESTRIDE_API int32_t bytestride_neighbor_product(const bytestride_array *image, const bytestride_array *out, const bytestride_neighbor_product_options *options);

#define BYTESTRIDE_INVALID_NAN 1

#define BYTESTRIDE_INVALID_ZERO 2

#define BYTESTRIDE_INVALID_DROP 3

#define BYTESTRIDE_FRAME_OPTICAL 1

#define BYTESTRIDE_FRAME_OPENGL 2

#define BYTESTRIDE_FRAME_INVERTED 3

typedef struct bytestride_depth_to_points_options {
    uint32_t size;
    int32_t threads;
    char *error;
    int64_t error_size;
    const int32_t *cancel;
    int64_t *progress;
    uint64_t reserved[3];
    double depth_scale;
    double min_depth;
    double max_depth;
    int32_t invalid;
    int32_t frame;
    double skew;
    const bytestride_array *distortion;
    int32_t radial;
    int32_t padding;
    const bytestride_array *pose;
    int64_t stride;
    const bytestride_array *mask;
    const bytestride_array *color;
} bytestride_depth_to_points_options;

BYTESTRIDE_API int32_t bytestride_depth_to_points(const bytestride_array *depth, const bytestride_array *points, const bytestride_array *colors, const bytestride_array *indices, double fx, double fy, double cx, double cy, int64_t *count, const bytestride_depth_to_points_options *options);

typedef struct bytestride_points_to_depth_options {
    uint32_t size;
    int32_t threads;
    char *error;
    int64_t error_size;
    const int32_t *cancel;
    int64_t *progress;
    uint64_t reserved[3];
    double depth_scale;
    int32_t frame;
    int32_t padding;
    double skew;
    const bytestride_array *distortion;
    const bytestride_array *pose;
} bytestride_points_to_depth_options;

BYTESTRIDE_API int32_t bytestride_points_to_depth(const bytestride_array *points, const bytestride_array *out, double fx, double fy, double cx, double cy, const bytestride_points_to_depth_options *options);

#define BYTESTRIDE_METRIC_EUCLIDEAN 1

#define BYTESTRIDE_METRIC_SQEUCLIDEAN 2

#define BYTESTRIDE_METRIC_CITYBLOCK 3

#define BYTESTRIDE_METRIC_CHEBYSHEV 4

typedef struct bytestride_distances_options {
    uint32_t size;
    int32_t threads;
    char *error;
    int64_t error_size;
    const int32_t *cancel;
    int64_t *progress;
    uint64_t reserved[3];
    int32_t metric;
    int32_t padding;
} bytestride_distances_options;

typedef bytestride_distances_options bytestride_distances_from_options;

typedef bytestride_distances_options bytestride_update_distances_options;

BYTESTRIDE_API int32_t bytestride_distances(const bytestride_array *x, const bytestride_array *y, const bytestride_array *out, const bytestride_distances_options *options);

BYTESTRIDE_API int32_t bytestride_distances_from(const bytestride_array *x, const bytestride_array *point, const bytestride_array *out, const bytestride_distances_from_options *options);

BYTESTRIDE_API int32_t bytestride_update_distances(const bytestride_array *x, const bytestride_array *d, int64_t i, const bytestride_update_distances_options *options);

typedef struct bytestride_squared_error_options {
    uint32_t size;
    int32_t threads;
    char *error;
    int64_t error_size;
    const int32_t *cancel;
    int64_t *progress;
    uint64_t reserved[3];
    const bytestride_array *weights;
} bytestride_squared_error_options;

BYTESTRIDE_API int32_t bytestride_squared_error(const bytestride_array *goal, const bytestride_array *current, const bytestride_array *out, const bytestride_squared_error_options *options);

#define BYTESTRIDE_INIT_RANDOM 1

#define BYTESTRIDE_INIT_CLASSICAL 2

#define BYTESTRIDE_INIT_GIVEN 3

#define BYTESTRIDE_METHOD_SGD 2

#define BYTESTRIDE_METHOD_SMACOF 3

#define BYTESTRIDE_METHOD_PATTERN 4

typedef struct bytestride_mds_options {
    uint32_t size;
    int32_t threads;
    char *error;
    int64_t error_size;
    const int32_t *cancel;
    int64_t *progress;
    uint64_t reserved[3];
    int32_t method;
    int32_t init;
    const bytestride_array *weights;
    int32_t nonmetric;
    int32_t padding;
    int64_t n_init;
    int64_t max_iter;
    double eps;
    int64_t random_state;
    double radius;
    double min_radius;
    double shrink_tol;
    double explore;
    double sample;
    int32_t greedy;
    int32_t padding2;
    double relaxation;
} bytestride_mds_options;

typedef struct bytestride_mds_result {
    uint32_t size;
    int32_t converged;
    double stress;
    double normalized_stress;
    int64_t n_iter;
} bytestride_mds_result;

BYTESTRIDE_API int32_t bytestride_mds(const bytestride_array *dissimilarities, const bytestride_array *points, const bytestride_array *history, bytestride_mds_result *result, const bytestride_mds_options *options);

typedef bytestride_options bytestride_classical_mds_options;

BYTESTRIDE_API int32_t bytestride_classical_mds(const bytestride_array *dissimilarities, const bytestride_array *points, const bytestride_array *eigenvalues, const bytestride_classical_mds_options *options);

#define BYTESTRIDE_SIDE_LEFT 1

#define BYTESTRIDE_SIDE_RIGHT 2

typedef struct bytestride_searchsorted_options {
    uint32_t size;
    int32_t threads;
    char *error;
    int64_t error_size;
    const int32_t *cancel;
    int64_t *progress;
    uint64_t reserved[3];
    int32_t side;
    int32_t padding;
    const bytestride_array *sorter;
} bytestride_searchsorted_options;

BYTESTRIDE_API int32_t bytestride_searchsorted(const bytestride_array *a, const bytestride_array *v, const bytestride_array *out, const bytestride_searchsorted_options *options);

typedef bytestride_options bytestride_binary_search_options;

BYTESTRIDE_API int32_t bytestride_binary_search(const bytestride_array *a, const bytestride_array *v, const bytestride_array *out, const bytestride_binary_search_options *options);

typedef bytestride_options bytestride_is_prime_options;

typedef struct bytestride_sum_primes_options {
    uint32_t size;
    int32_t threads;
    char *error;
    int64_t error_size;
    const int32_t *cancel;
    int64_t *progress;
    uint64_t reserved[3];
    uint64_t start;
} bytestride_sum_primes_options;

typedef bytestride_sum_primes_options bytestride_count_primes_options;

typedef bytestride_options bytestride_sum_primes_128_options;

BYTESTRIDE_API int32_t bytestride_is_prime(const bytestride_array *numbers, const bytestride_array *out, const bytestride_is_prime_options *options);

BYTESTRIDE_API int32_t bytestride_sum_primes(const bytestride_array *limits, const bytestride_array *out, const bytestride_sum_primes_options *options);

BYTESTRIDE_API int32_t bytestride_count_primes(const bytestride_array *limits, const bytestride_array *out, const bytestride_count_primes_options *options);

BYTESTRIDE_API int32_t bytestride_sum_primes_128(uint64_t start, uint64_t limit, uint64_t *sum, const bytestride_sum_primes_128_options *options);

BYTESTRIDE_API const char *bytestride_version(void);

BYTESTRIDE_API int32_t bytestride_version_number(void);

BYTESTRIDE_API int32_t bytestride_abi_version(void);

BYTESTRIDE_API const char *bytestride_build_info(void);

BYTESTRIDE_API const char *bytestride_isa(void);

BYTESTRIDE_API const char *bytestride_strerror(int32_t status);

BYTESTRIDE_API const char *bytestride_last_error(void);

BYTESTRIDE_API int32_t bytestride_set_num_threads(int32_t threads);

BYTESTRIDE_API int32_t bytestride_get_num_threads(void);

BYTESTRIDE_API int32_t bytestride_array_init(bytestride_array *array, void *data, int32_t dtype, int32_t ndim, const int64_t *shape, const int64_t *strides, uint32_t flags);

BYTESTRIDE_API int32_t bytestride_from_dltensor(const void *tensor, int32_t versioned, bytestride_array *out);

#ifdef __cplusplus
}
#endif

#endif
