//! Binary searches of many values in a sorted table.
use crate::error::check;
use crate::options::{common_options, options_struct};
use crate::{Element, Options, Result, View, ViewMut};
use bytestride_sys as sys;

/// Which index a value that could be inserted at several gets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Side {
    /// The first one.
    #[default]
    Left,
    /// The last one.
    Right,
}

/// The options of [`searchsorted`].
///
/// ```
/// use bytestride::{SearchOptions, Side, View, ViewMut};
/// # fn main() -> bytestride::Result<()> {
/// let table = [30.0_f32, 10.0, 20.0];
/// let order = [1_u8, 2, 0];
/// let mut found = [0_i64; 2];
/// SearchOptions::new().side(Side::Right).sorter(&View::from(&order)).searchsorted(
///     &View::from(&table),
///     &View::from(&[20.0_f32, 5.0]),
///     &mut ViewMut::from(&mut found),
/// )?;
/// assert_eq!(found, [2, 0]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct SearchOptions<'a> {
    common: Options<'a>,
    side: Side,
    sorter: Option<sys::bytestride_array>,
}
common_options!(SearchOptions);

// SAFETY: the descriptor is that of a shared view that outlives 'a.
unsafe impl Send for SearchOptions<'_> {}
unsafe impl Sync for SearchOptions<'_> {}

impl<'a> SearchOptions<'a> {
    /// The defaults.
    pub const fn new() -> Self {
        SearchOptions { common: Options::new(), side: Side::Left, sorter: None }
    }

    /// Which of several indices; `Left` by default.
    pub fn side(mut self, side: Side) -> Self {
        self.side = side;
        self
    }

    /// The indices that sort the table: any integer type, one dimension, as long as the table.
    pub fn sorter<T: Element>(mut self, sorter: &View<'a, T>) -> Self {
        self.sorter = Some(*sorter.raw());
        self
    }

    /// [`searchsorted`] with these options.
    pub fn searchsorted<A: Element, V: Element>(&self, a: &View<A>, v: &View<V>, out: &mut ViewMut<i64>) -> Result<()> {
        let options = options_struct!(sys::bytestride_searchsorted_options, self.common, {
            side: match self.side {
                Side::Left => sys::BYTESTRIDE_SIDE_LEFT,
                Side::Right => sys::BYTESTRIDE_SIDE_RIGHT,
            },
            padding: 0,
            sorter: self.sorter.as_ref().map_or(std::ptr::null(), std::ptr::from_ref),
        });
        // SAFETY: the views were checked when they were made; `out` is borrowed exclusively.
        check(unsafe { sys::bytestride_searchsorted(a.raw(), v.raw(), out.raw(), &options) })
    }
}

/// For each value of `v` the index at which it could be inserted into the ascending `a`, with the default options.
///
/// - Shapes: `a` has one dimension, `v` any; `out` has the shape of `v`.
/// - Element types: `bool`, integers and floats, compared in NumPy's `result_type` of both.
/// - Result: exactly `numpy.searchsorted`: NaN sorts last; an unsorted `a` gives some index from 0 to its length.
/// - Errors: `Ndim`, `Shape`, `DType`, `Option` (an index of the sorter out of range), `Overlap`, `Cancelled`.
/// - Cost: O(m log n); threads above about 200 us of work.
/// - Source: the talk's binary search; semantics of `numpy.searchsorted`.
///
/// ```
/// use bytestride::{searchsorted, View, ViewMut};
/// # fn main() -> bytestride::Result<()> {
/// let mut found = [0_i64; 3];
/// searchsorted(&View::from(&[1, 2, 2, 5]), &View::from(&[0, 2, 9]), &mut ViewMut::from(&mut found))?;
/// assert_eq!(found, [0, 1, 4]);
/// # Ok(())
/// # }
/// ```
pub fn searchsorted<A: Element, V: Element>(a: &View<A>, v: &View<V>, out: &mut ViewMut<i64>) -> Result<()> {
    SearchOptions::new().searchsorted(a, v, out)
}

impl Options<'_> {
    /// [`binary_search`] with these options.
    pub fn binary_search<A: Element, V: Element>(&self, a: &View<A>, v: &View<V>, out: &mut ViewMut<i64>) -> Result<()> {
        // SAFETY: the views were checked when they were made; `out` is borrowed exclusively.
        check(unsafe { sys::bytestride_binary_search(a.raw(), v.raw(), out.raw(), &self.head) })
    }
}

/// For each value of `v` an index of the ascending `a` that holds it, else -1, with the default options.
///
/// The article's walk: the middle of what is left, rounded down, until it holds the value. With duplicates the result
/// is whichever the walk meets first; a NaN is not found.
///
/// - Shapes, element types, errors, cost: as [`searchsorted`].
/// - Source: the talk's `binary_search`.
///
/// ```
/// use bytestride::{binary_search, View, ViewMut};
/// # fn main() -> bytestride::Result<()> {
/// let mut found = [0_i64; 2];
/// binary_search(&View::from(&[1, 2, 2, 2, 3]), &View::from(&[2, 4]), &mut ViewMut::from(&mut found))?;
/// assert_eq!(found, [2, -1]);
/// # Ok(())
/// # }
/// ```
pub fn binary_search<A: Element, V: Element>(a: &View<A>, v: &View<V>, out: &mut ViewMut<i64>) -> Result<()> {
    Options::new().binary_search(a, v, out)
}
