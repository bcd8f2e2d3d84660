//! Convolution and correlation.
use crate::error::check;
use crate::options::{common_options, options_struct};
use crate::{Element, Error, Options, Result, View, ViewMut, MAX_NDIM};
use bytestride_sys as sys;

/// What the input is taken to be outside its bounds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Boundary {
    /// The number given by [`ConvolveOptions::fill`], 0 by default.
    #[default]
    Constant,
    /// d c b a | a b c d | d c b a
    Reflect,
    /// d c b | a b c d | c b a
    Mirror,
    /// a a a | a b c d | d d d
    Nearest,
    /// b c d | a b c d | a b c
    Wrap,
}

/// Which positions of the kernel the result has, and so its shape.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Region {
    /// The shape of the input.
    #[default]
    Same,
    /// Every position where kernel and input touch: N + n - 1.
    Full,
    /// Only positions where the kernel lies inside the input: N - n + 1.
    Valid,
}

/// How the sums are computed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Method {
    /// The library chooses by kernel and element types.
    #[default]
    Auto,
    /// One pass over all taps.
    Direct,
    /// One pass per axis; an `Option` error when the kernel is not an outer product of vectors.
    Separable,
    /// Fast Fourier transforms of tiles, for large kernels and sums of floats; an `Option` error for integers.
    Fft,
}

/// The options of [`convolve()`] and [`correlate()`].
#[derive(Clone, Copy, Debug)]
pub struct ConvolveOptions<'a> {
    common: Options<'a>,
    boundary: Boundary,
    region: Region,
    method: Method,
    fill: f64,
    fill_integer: i64,
    axes: List,
    origin: List,
}
common_options!(ConvolveOptions);

/// One number per axis. More than fit are kept as a count that the library would refuse.
#[derive(Clone, Copy, Debug)]
struct List {
    count: usize,
    values: [i32; MAX_NDIM],
}

impl List {
    const EMPTY: List = List { count: 0, values: [0; MAX_NDIM] };

    fn of(numbers: &[isize]) -> List {
        let mut list = List { count: numbers.len(), ..List::EMPTY };
        for (value, &number) in list.values.iter_mut().zip(numbers) {
            // A number that does not fit is as far out of range as the nearest one that does.
            *value = number.clamp(i32::MIN as isize, i32::MAX as isize) as i32;
        }
        list
    }

    fn checked(&self, name: &str) -> Result<(i32, [i32; MAX_NDIM])> {
        if self.count > MAX_NDIM {
            let message = format!("{name}: {} numbers are given, at most {MAX_NDIM} are possible", self.count);
            return Err(Error::new(sys::BYTESTRIDE_ERROR_OPTION, message));
        }
        Ok((self.count as i32, self.values))
    }
}

impl ConvolveOptions<'_> {
    /// The defaults: zeros outside, the shape of the input, all axes.
    pub const fn new() -> Self {
        ConvolveOptions {
            common: Options::new(),
            boundary: Boundary::Constant,
            region: Region::Same,
            method: Method::Auto,
            fill: 0.0,
            fill_integer: 0,
            axes: List::EMPTY,
            origin: List::EMPTY,
        }
    }

    /// What the input is outside its bounds; `Constant` by default.
    pub fn boundary(mut self, boundary: Boundary) -> Self {
        self.boundary = boundary;
        self
    }

    /// Which positions of the kernel the result has; `Same` by default.
    pub fn region(mut self, region: Region) -> Self {
        self.region = region;
        self
    }

    /// How the sums are computed; `Auto` by default.
    pub fn method(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    /// The value outside a float input under `Boundary::Constant`.
    pub fn fill(mut self, value: f64) -> Self {
        self.fill = value;
        self
    }

    /// The value outside a bool or integer input under `Boundary::Constant`; for `u64` its bits are read as unsigned.
    pub fn fill_integer(mut self, value: i64) -> Self {
        self.fill_integer = value;
        self
    }

    /// The input's axes that the kernel's axes run along; negative ones count from the end. Empty: all axes.
    pub fn axes(mut self, axes: &[isize]) -> Self {
        self.axes = List::of(axes);
        self
    }

    /// A shift of the kernel, for `Region::Same`: one number for all axes, or one per axis.
    pub fn origin(mut self, origin: &[isize]) -> Self {
        self.origin = List::of(origin);
        self
    }

    fn raw(&self) -> Result<sys::bytestride_convolve_options> {
        let (axes_count, axes) = self.axes.checked("axes")?;
        let (origin_count, origin) = self.origin.checked("origin")?;
        Ok(options_struct!(sys::bytestride_convolve_options, self.common, {
            boundary: match self.boundary {
                Boundary::Constant => sys::BYTESTRIDE_BOUNDARY_CONSTANT,
                Boundary::Reflect => sys::BYTESTRIDE_BOUNDARY_REFLECT,
                Boundary::Mirror => sys::BYTESTRIDE_BOUNDARY_MIRROR,
                Boundary::Nearest => sys::BYTESTRIDE_BOUNDARY_NEAREST,
                Boundary::Wrap => sys::BYTESTRIDE_BOUNDARY_WRAP,
            },
            region: match self.region {
                Region::Same => sys::BYTESTRIDE_REGION_SAME,
                Region::Full => sys::BYTESTRIDE_REGION_FULL,
                Region::Valid => sys::BYTESTRIDE_REGION_VALID,
            },
            fill: self.fill,
            fill_integer: self.fill_integer,
            axes_count,
            axes,
            origin_count,
            origin,
            method: match self.method {
                Method::Auto => sys::BYTESTRIDE_METHOD_AUTO,
                Method::Direct => sys::BYTESTRIDE_METHOD_DIRECT,
                Method::Separable => sys::BYTESTRIDE_METHOD_SEPARABLE,
                Method::Fft => sys::BYTESTRIDE_METHOD_FFT,
            },
            padding: 0,
        }))
    }

    /// [`convolve()`] with these options.
    pub fn convolve<A: Element, K: Element, C: Element>(&self, input: &View<A>, kernel: &View<K>, out: &mut ViewMut<C>) -> Result<()> {
        // SAFETY: the views were checked when they were made; `out` is borrowed exclusively.
        check(unsafe { sys::bytestride_convolve(input.raw(), kernel.raw(), out.raw(), &self.raw()?) })
    }

    /// [`correlate()`] with these options.
    pub fn correlate<A: Element, K: Element, C: Element>(&self, input: &View<A>, kernel: &View<K>, out: &mut ViewMut<C>) -> Result<()> {
        // SAFETY: as in `convolve`.
        check(unsafe { sys::bytestride_correlate(input.raw(), kernel.raw(), out.raw(), &self.raw()?) })
    }
}

/// Convolves `input` with `kernel` (which is flipped on all its axes), with the default options.
///
/// - Shapes: `kernel` has one dimension per convolved axis of `input`; `out` has along those axes N (`Same`),
///   N + n - 1 (`Full`) or N - n + 1 (`Valid`), and elsewhere the extents of `input`. Under `Same` the result is cropped as
///   by `scipy.signal.convolve2d`.
/// - Element types: all but complex, in any combination. Integers are summed exactly; `f32` and `f64` sums are
///   within (K + 2) u sum|w||x|, with K taps; the sum is rounded once to the element type of `out`, saturated for integers.
/// - Errors: `DType`, `Shape`, `Ndim`, `Overlap` (elements of `out` share memory), `Option`, `Overflow`, `Memory`,
///   `Cancelled`.
/// - Cost: the elements of `out` times K; for kernels that are outer products, times the sum of their extents.
/// - Source: the convolution article (module `convolution` of imgproc); `scipy.signal.convolve2d`.
///
/// ```
/// use bytestride::{convolve, View, ViewMut};
/// # fn main() -> bytestride::Result<()> {
/// let mut out = [0_i64; 4];
/// convolve(&View::from(&[1_u8, 2, 3, 4]), &View::from(&[1_i8, 0, -1]), &mut ViewMut::from(&mut out))?;
/// assert_eq!(out, [2, 2, 2, -3]);
/// # Ok(())
/// # }
/// ```
pub fn convolve<A: Element, K: Element, C: Element>(input: &View<A>, kernel: &View<K>, out: &mut ViewMut<C>) -> Result<()> {
    ConvolveOptions::new().convolve(input, kernel, out)
}

/// Correlates `input` with `kernel` (which is not flipped), with the default options.
///
/// Under `Same` the kernel is centred at index n / 2, as by `scipy.ndimage.correlate`. Everything else is as in [`convolve()`].
///
/// ```
/// use bytestride::{correlate, View, ViewMut};
/// # fn main() -> bytestride::Result<()> {
/// let mut out = [0_i64; 4];
/// correlate(&View::from(&[1_u8, 2, 3, 4]), &View::from(&[1_i8, 0, -1]), &mut ViewMut::from(&mut out))?;
/// assert_eq!(out, [-2, -2, -2, 3]);
/// # Ok(())
/// # }
/// ```
pub fn correlate<A: Element, K: Element, C: Element>(input: &View<A>, kernel: &View<K>, out: &mut ViewMut<C>) -> Result<()> {
    ConvolveOptions::new().correlate(input, kernel, out)
}
