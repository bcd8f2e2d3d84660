//! The element types of arrays.
use bytestride_sys as sys;

mod sealed {
    pub trait Sealed {}
}

/// A type that an array may hold: `bool`, the integers up to 64 bits, [`F16`], `f32`, `f64`, and
/// [`Complex`] of the last two. The trait is sealed.
pub trait Element: Copy + Send + Sync + sealed::Sealed + 'static {
    /// The dtype code of the C interface (`BYTESTRIDE_FLOAT64`, ...).
    const DTYPE: i32;
}

/// An IEEE 754 binary16 number as its bits. A storage type: operations compute in `f32`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[repr(transparent)]
pub struct F16(pub u16);

/// A complex number: real part, imaginary part, as in C and in the crate `num-complex`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[repr(C)]
pub struct Complex<T> {
    /// The real part.
    pub re: T,
    /// The imaginary part.
    pub im: T,
}

macro_rules! elements {
    ($($type:ty => $dtype:ident),* $(,)?) => {
        $(
            impl sealed::Sealed for $type {}
            impl Element for $type {
                const DTYPE: i32 = sys::$dtype;
            }
        )*
    };
}

elements! {
    bool => BYTESTRIDE_BOOL,
    i8 => BYTESTRIDE_INT8,
    i16 => BYTESTRIDE_INT16,
    i32 => BYTESTRIDE_INT32,
    i64 => BYTESTRIDE_INT64,
    u8 => BYTESTRIDE_UINT8,
    u16 => BYTESTRIDE_UINT16,
    u32 => BYTESTRIDE_UINT32,
    u64 => BYTESTRIDE_UINT64,
    F16 => BYTESTRIDE_FLOAT16,
    f32 => BYTESTRIDE_FLOAT32,
    f64 => BYTESTRIDE_FLOAT64,
    Complex<f32> => BYTESTRIDE_COMPLEX64,
    Complex<f64> => BYTESTRIDE_COMPLEX128,
}
