//! The neighbourhood product.
use crate::error::check;
use crate::options::{common_options, options_struct};
use crate::{Element, Options, Result, View, ViewMut};
use bytestride_sys as sys;

/// What the rim of an image gets from [`neighbor_product()`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum RimBoundary {
    /// 0.
    #[default]
    Zero,
    /// The input's pixels.
    Copy,
    /// What the output had before.
    Keep,
    /// The product over d c b a | a b c d | d c b a
    Reflect,
    /// The product over d c b | a b c d | c b a
    Mirror,
    /// The product over a a a | a b c d | d d d
    Nearest,
    /// The product over b c d | a b c d | a b c
    Wrap,
}

/// What [`neighbor_product()`] does with the last of 2 or 4 channels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Alpha {
    /// It becomes the largest value of the element type (1.0 for floats).
    #[default]
    Opaque,
    /// It is the input's.
    Copy,
    /// It takes part like a colour.
    Channel,
}

/// The options of [`neighbor_product()`].
#[derive(Clone, Copy, Debug)]
pub struct NeighborProductOptions<'a> {
    common: Options<'a>,
    radius: i64,
    alpha: Alpha,
    boundary: RimBoundary,
}
common_options!(NeighborProductOptions);

impl NeighborProductOptions<'_> {
    /// The defaults: a window of 3 x 3, an opaque alpha channel, a rim of zeros.
    pub const fn new() -> Self {
        NeighborProductOptions { common: Options::new(), radius: 1, alpha: Alpha::Opaque, boundary: RimBoundary::Zero }
    }

    /// The window has (2 radius + 1) x (2 radius + 1) pixels; 1 to 3.
    pub fn radius(mut self, radius: usize) -> Self {
        // In C 0 is the default; here it is as wrong as a radius beyond 3.
        self.radius = if radius == 0 { -1 } else { i64::try_from(radius).unwrap_or(i64::MAX) };
        self
    }

    /// What happens to an alpha channel; `Opaque` by default.
    pub fn alpha(mut self, alpha: Alpha) -> Self {
        self.alpha = alpha;
        self
    }

    /// What the rim gets; `Zero` by default.
    pub fn boundary(mut self, boundary: RimBoundary) -> Self {
        self.boundary = boundary;
        self
    }

    /// [`neighbor_product()`] with these options.
    pub fn neighbor_product<T: Element>(&self, image: &View<T>, out: &mut ViewMut<T>) -> Result<()> {
        let options = options_struct!(sys::bytestride_neighbor_product_options, self.common, {
            radius: self.radius,
            alpha: match self.alpha {
                Alpha::Opaque => sys::BYTESTRIDE_ALPHA_OPAQUE,
                Alpha::Copy => sys::BYTESTRIDE_ALPHA_COPY,
                Alpha::Channel => sys::BYTESTRIDE_ALPHA_CHANNEL,
            },
            boundary: match self.boundary {
                RimBoundary::Zero => sys::BYTESTRIDE_BOUNDARY_ZERO,
                RimBoundary::Copy => sys::BYTESTRIDE_BOUNDARY_COPY,
                RimBoundary::Keep => sys::BYTESTRIDE_BOUNDARY_KEEP,
                RimBoundary::Reflect => sys::BYTESTRIDE_BOUNDARY_REFLECT,
                RimBoundary::Mirror => sys::BYTESTRIDE_BOUNDARY_MIRROR,
                RimBoundary::Nearest => sys::BYTESTRIDE_BOUNDARY_NEAREST,
                RimBoundary::Wrap => sys::BYTESTRIDE_BOUNDARY_WRAP,
            },
        });
        // SAFETY: the views were checked when they were made; `out` is borrowed exclusively.
        check(unsafe { sys::bytestride_neighbor_product(image.raw(), out.raw(), &options) })
    }
}

/// Per pixel and channel the product over a window of 3 x 3, the channels normalised to length 1.
///
/// - Shapes: (H, W) or (H, W, C) with C 1 to 4; with 2 or 4 channels the last one is alpha.
/// - Element types: `u8`, `u16`, `f32`, `f64`. Integers are floor(M p / |p|), exactly, with M the largest value of the type.
/// - Errors: `DType`, `Ndim`, `Shape`, `Overlap`, `Option`, `Memory`, `Cancelled`.
/// - Cost: H W C radius.
/// - Source: the article on image processing with a C extension ("pixel.transform").
///
/// ```
/// use bytestride::{NeighborProductOptions, RimBoundary, View, ViewMut};
/// # fn main() -> bytestride::Result<()> {
/// let mut out = [0_u8; 4];
/// let options = NeighborProductOptions::new().boundary(RimBoundary::Nearest);
/// options.neighbor_product(&View::new(&[1_u8, 2, 3, 4], &[2, 2])?, &mut ViewMut::new(&mut out, &[2, 2])?)?;
/// assert_eq!(out, [255; 4]); // a single channel always has length 1
/// # Ok(())
/// # }
/// ```
pub fn neighbor_product<T: Element>(image: &View<T>, out: &mut ViewMut<T>) -> Result<()> {
    NeighborProductOptions::new().neighbor_product(image, out)
}
