//! Copies, casts and transposes.
use crate::error::check;
use crate::options::{common_options, options_struct};
use crate::{Element, Options, Result, View, ViewMut};
use bytestride_sys as sys;

/// How numbers are cast to integers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Rule {
    /// Floats are truncated toward zero, then everything wraps modulo 2^bits; NaN and infinities give 0.
    #[default]
    Wrap,
    /// Floats are rounded half to even, then everything is clamped; NaN gives 0.
    Saturate,
}

/// The options of [`copy()`].
///
/// ```
/// use bytestride::{CopyOptions, Rule, View, ViewMut};
/// # fn main() -> bytestride::Result<()> {
/// let mut bytes = [0_u8; 3];
/// CopyOptions::new()
///     .rule(Rule::Saturate)
///     .copy(&View::from(&[-5.0_f32, 2.5, 1000.0]), &mut ViewMut::from(&mut bytes))?;
/// assert_eq!(bytes, [0, 2, 255]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct CopyOptions<'a> {
    common: Options<'a>,
    rule: Rule,
}
common_options!(CopyOptions);

impl CopyOptions<'_> {
    /// The defaults.
    pub const fn new() -> Self {
        CopyOptions { common: Options::new(), rule: Rule::Wrap }
    }

    /// How numbers are cast to integers; `Wrap` by default.
    pub fn rule(mut self, rule: Rule) -> Self {
        self.rule = rule;
        self
    }

    /// [`copy()`] with these options.
    pub fn copy<A: Element, B: Element>(&self, a: &View<A>, out: &mut ViewMut<B>) -> Result<()> {
        let options = options_struct!(sys::bytestride_copy_options, self.common, {
            rule: match self.rule {
                Rule::Wrap => sys::BYTESTRIDE_RULE_WRAP,
                Rule::Saturate => sys::BYTESTRIDE_RULE_SATURATE,
            },
            padding: 0,
        });
        // SAFETY: the views were checked when they were made; `out` is borrowed exclusively.
        check(unsafe { sys::bytestride_copy(a.raw(), out.raw(), &options) })
    }
}

/// Copies `a` into `out`, cast to its element type, with the default options.
///
/// Physical transposes and reorderings are copies: permute the axes of either view.
///
/// - Shapes: equal.
/// - Element types: all pairs except complex to real or bool. To float: one rounding, to nearest even. To
///   bool: `x != 0`. To an integer: by the [`Rule`]. Real to complex: imaginary part 0.
/// - Errors: `Shape`, `DType`, `Overlap` (elements of `out` share memory), `Cancelled`.
/// - Cost: linear in the elements, bound by memory; threads above about 200 us of work.
/// - Source: the talk's cast-copy-transpose (scipy.weave's ramp of examples), for any shape.
///
/// ```
/// use bytestride::{copy, View, ViewMut};
/// # fn main() -> bytestride::Result<()> {
/// let matrix = [1.0_f64, 2.0, 3.0, 4.0, 5.0, 6.0];
/// let transposed = View::new(&matrix, &[2, 3])?.permute(&[1, 0])?;
/// let mut out = [0.0_f32; 6];
/// copy(&transposed, &mut ViewMut::new(&mut out, &[3, 2])?)?;
/// assert_eq!(out, [1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
/// # Ok(())
/// # }
/// ```
pub fn copy<A: Element, B: Element>(a: &View<A>, out: &mut ViewMut<B>) -> Result<()> {
    CopyOptions::new().copy(a, out)
}

impl Options<'_> {
    /// [`transpose_inplace`] with these options.
    pub fn transpose_inplace<T: Element>(&self, array: &mut ViewMut<T>) -> Result<()> {
        // SAFETY: the view was checked when it was made, and is borrowed exclusively.
        check(unsafe { sys::bytestride_transpose_inplace(array.raw(), &self.head) })?;
        array.transposed_in_place();
        Ok(())
    }
}

/// Transposes a matrix in its own memory.
///
/// - Shapes: 2-d. A square matrix may have any strides. A rectangular one must be in C order without gaps;
///   afterwards `array` has the shape (columns, rows) in C order.
/// - Element types: any.
/// - Errors: `Ndim`, `Shape` (rectangular and not in C order), `Overlap` (elements share memory), `Memory`
///   (rectangular: one bit per element), `Cancelled` (the contents are then a mixture).
/// - Cost: linear in the elements; square matrices use threads.
/// - Source: the talk's in-place transpose; cycle following after P. F. Windley, Computer Journal 2 (1959).
///
/// ```
/// use bytestride::{transpose_inplace, ViewMut};
/// # fn main() -> bytestride::Result<()> {
/// let mut memory = [1, 2, 3, 4, 5, 6];
/// let mut matrix = ViewMut::new(&mut memory, &[2, 3])?;
/// transpose_inplace(&mut matrix)?;
/// assert_eq!(matrix.shape(), [3, 2]);
/// assert_eq!(memory, [1, 4, 2, 5, 3, 6]);
/// # Ok(())
/// # }
/// ```
pub fn transpose_inplace<T: Element>(array: &mut ViewMut<T>) -> Result<()> {
    Options::new().transpose_inplace(array)
}
