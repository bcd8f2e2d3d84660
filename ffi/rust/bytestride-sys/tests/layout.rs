//! Sizes, offsets and values as the C compiler has them (`tests/abi/layout.c` asserts the same numbers).
use bytestride_sys::*;
use std::mem::{align_of, offset_of, size_of};

macro_rules! assert_layout {
    ($type:ty, $size:expr, { $($field:ident: $offset:expr),* $(,)? }) => {
        assert_eq!(size_of::<$type>(), $size, "size of {}", stringify!($type));
        assert_eq!(align_of::<$type>(), 8, "alignment of {}", stringify!($type));
        $(assert_eq!(offset_of!($type, $field), $offset, "{}.{}", stringify!($type), stringify!($field));)*
    };
}

macro_rules! assert_options {
    ($type:ty, $size:expr, { $($field:ident: $offset:expr),* $(,)? }) => {
        assert_layout!($type, $size, {
            size: 0, threads: 4, error: 8, error_size: 16, cancel: 24, progress: 32, reserved: 40, $($field: $offset),*
        });
    };
}

#[test]
fn array() {
    assert_layout!(bytestride_array, 152, { size: 0, dtype: 4, ndim: 8, flags: 12, data: 16, shape: 24, strides: 88 });
}

#[test]
fn options() {
    assert_options!(bytestride_options, 64, {});
    assert_options!(bytestride_add_options, 64, {});
    assert_options!(bytestride_transpose_inplace_options, 64, {});
    assert_options!(bytestride_copy_options, 72, { rule: 64, padding: 68 });
    assert_options!(bytestride_convolve_options, 168, {
        boundary: 64, region: 68, fill: 72, fill_integer: 80, axes_count: 88, axes: 92, origin_count: 124, origin: 128,
        method: 160, padding: 164,
    });
    assert_options!(bytestride_correlate_options, 168, {});
}

#[test]
fn statuses() {
    let values = [
        BYTESTRIDE_OK,
        BYTESTRIDE_ERROR_DTYPE,
        BYTESTRIDE_ERROR_SHAPE,
        BYTESTRIDE_ERROR_NDIM,
        BYTESTRIDE_ERROR_READONLY,
        BYTESTRIDE_ERROR_OVERLAP,
        BYTESTRIDE_ERROR_MEMORY,
        BYTESTRIDE_ERROR_VERSION,
        BYTESTRIDE_ERROR_OPTION,
        BYTESTRIDE_ERROR_NULL,
        BYTESTRIDE_ERROR_INTERNAL,
        BYTESTRIDE_ERROR_OVERFLOW,
        BYTESTRIDE_ERROR_CANCELLED,
        BYTESTRIDE_ERROR_DEVICE,
    ];
    assert_eq!(values.to_vec(), (0..14).map(|value| -value).collect::<Vec<i32>>());
}

#[test]
fn dtypes() {
    // DLPack: code | bits << 8 | lanes << 16, with codes 0 int, 1 unsigned, 2 float, 5 complex, 6 bool.
    let code = |code: i32, bits: i32| code | bits << 8 | 1 << 16;
    assert_eq!(BYTESTRIDE_BOOL, code(6, 8));
    assert_eq!([BYTESTRIDE_INT8, BYTESTRIDE_INT16, BYTESTRIDE_INT32, BYTESTRIDE_INT64], [8, 16, 32, 64].map(|bits| code(0, bits)));
    assert_eq!([BYTESTRIDE_UINT8, BYTESTRIDE_UINT16, BYTESTRIDE_UINT32, BYTESTRIDE_UINT64], [8, 16, 32, 64].map(|bits| code(1, bits)));
    assert_eq!([BYTESTRIDE_FLOAT16, BYTESTRIDE_FLOAT32, BYTESTRIDE_FLOAT64], [16, 32, 64].map(|bits| code(2, bits)));
    assert_eq!([BYTESTRIDE_COMPLEX64, BYTESTRIDE_COMPLEX128], [64, 128].map(|bits| code(5, bits)));
}

#[test]
fn words() {
    assert_eq!((BYTESTRIDE_MAX_NDIM, BYTESTRIDE_WRITEABLE), (8, 1));
    assert_eq!((BYTESTRIDE_RULE_WRAP, BYTESTRIDE_RULE_SATURATE), (1, 2));
    assert_eq!(
        [
            BYTESTRIDE_BOUNDARY_CONSTANT,
            BYTESTRIDE_BOUNDARY_REFLECT,
            BYTESTRIDE_BOUNDARY_MIRROR,
            BYTESTRIDE_BOUNDARY_NEAREST,
            BYTESTRIDE_BOUNDARY_WRAP
        ],
        [1, 2, 3, 4, 5]
    );
    assert_eq!([BYTESTRIDE_REGION_SAME, BYTESTRIDE_REGION_FULL, BYTESTRIDE_REGION_VALID], [1, 2, 3]);
    assert_eq!([BYTESTRIDE_METHOD_AUTO, BYTESTRIDE_METHOD_DIRECT, BYTESTRIDE_METHOD_SEPARABLE, BYTESTRIDE_METHOD_FFT], [1, 2, 3, 4]);
}

#[test]
fn the_library_is_the_one_declared() {
    // SAFETY: no arguments.
    let (number, abi) = unsafe { (bytestride_version_number(), bytestride_abi_version()) };
    assert_eq!(number, BYTESTRIDE_VERSION_MAJOR * 10000 + BYTESTRIDE_VERSION_MINOR * 100 + BYTESTRIDE_VERSION_PATCH);
    assert_eq!(abi, BYTESTRIDE_ABI_VERSION);
}

#[test]
fn a_call() {
    let (mut a, mut out) = ([1.0_f64, 2.0, 3.0], [0.0_f64; 3]);
    let mut arrays =
        [bytestride_array { size: 0, dtype: 0, ndim: 0, flags: 0, data: std::ptr::null_mut(), shape: [0; 8], strides: [0; 8] }; 2];
    // SAFETY: every pointer is to a live local of the size that the descriptors say.
    unsafe {
        assert_eq!(
            bytestride_array_init(&mut arrays[0], a.as_mut_ptr().cast(), BYTESTRIDE_FLOAT64, 1, &3, std::ptr::null(), 0),
            BYTESTRIDE_OK
        );
        assert_eq!(
            bytestride_array_init(
                &mut arrays[1],
                out.as_mut_ptr().cast(),
                BYTESTRIDE_FLOAT64,
                1,
                &3,
                std::ptr::null(),
                BYTESTRIDE_WRITEABLE
            ),
            BYTESTRIDE_OK
        );
        assert_eq!(bytestride_multiply(&arrays[0], &arrays[0], &arrays[1], std::ptr::null()), BYTESTRIDE_OK);
    }
    assert_eq!(out, [1.0, 4.0, 9.0]);
}
