//! Distances between points, and sums of squared differences.
use crate::error::check;
use crate::options::{common_options, options_struct};
use crate::{Element, Options, Result, View, ViewMut};
use bytestride_sys as sys;
use std::marker::PhantomData;

/// What is measured between two points.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Metric {
    /// The square root of the sum of squared differences.
    #[default]
    Euclidean,
    /// The sum of squared differences.
    SquaredEuclidean,
    /// The sum of absolute differences.
    Cityblock,
    /// The largest absolute difference.
    Chebyshev,
}

/// The options of [`distances()`], [`distances_from()`] and [`update_distances()`].
#[derive(Clone, Copy, Debug)]
pub struct DistancesOptions<'a> {
    common: Options<'a>,
    metric: Metric,
}
common_options!(DistancesOptions);

impl DistancesOptions<'_> {
    /// The defaults: Euclidean distances.
    pub const fn new() -> Self {
        DistancesOptions { common: Options::new(), metric: Metric::Euclidean }
    }

    /// What is measured; `Euclidean` by default.
    pub fn metric(mut self, metric: Metric) -> Self {
        self.metric = metric;
        self
    }

    fn raw(&self) -> sys::bytestride_distances_options {
        options_struct!(sys::bytestride_distances_options, self.common, {
            metric: match self.metric {
                Metric::Euclidean => sys::BYTESTRIDE_METRIC_EUCLIDEAN,
                Metric::SquaredEuclidean => sys::BYTESTRIDE_METRIC_SQEUCLIDEAN,
                Metric::Cityblock => sys::BYTESTRIDE_METRIC_CITYBLOCK,
                Metric::Chebyshev => sys::BYTESTRIDE_METRIC_CHEBYSHEV,
            },
            padding: 0,
        })
    }

    /// [`distances()`] with these options. Without `y` the points are measured from one another.
    pub fn distances<A: Element, B: Element, C: Element>(&self, x: &View<A>, y: Option<&View<B>>, out: &mut ViewMut<C>) -> Result<()> {
        let y = y.map_or(std::ptr::null(), |y| y.raw() as *const _);
        // SAFETY: the views were checked when they were made; `out` is borrowed exclusively.
        check(unsafe { sys::bytestride_distances(x.raw(), y, out.raw(), &self.raw()) })
    }

    /// [`distances_from()`] with these options.
    pub fn distances_from<A: Element, B: Element, C: Element>(&self, x: &View<A>, point: &View<B>, out: &mut ViewMut<C>) -> Result<()> {
        // SAFETY: as in `distances`.
        check(unsafe { sys::bytestride_distances_from(x.raw(), point.raw(), out.raw(), &self.raw()) })
    }

    /// [`update_distances()`] with these options.
    pub fn update_distances<A: Element, C: Element>(&self, x: &View<A>, d: &mut ViewMut<C>, i: usize) -> Result<()> {
        // An index that does not fit is out of range like the largest one that does.
        let i = i64::try_from(i).unwrap_or(i64::MAX);
        // SAFETY: as in `distances`.
        check(unsafe { sys::bytestride_update_distances(x.raw(), d.raw(), i, &self.raw()) })
    }
}

/// Writes the distances between the rows of `x`, (n, d), and those of `y`, (m, d), to `out`, (n, m).
///
/// - Element types: all but complex; `f32` points are computed in `f32`, others in `f64`; `out` is `f32` or `f64` and at least as wide.
/// - Differences come first: the relative error is (d / 2 + 4) u for `Euclidean`, (d + 3) u for `SquaredEuclidean` and `Cityblock`,
///   u for `Chebyshev`. A NaN coordinate gives NaN in its row and column.
/// - Errors: `DType`, `Ndim`, `Shape`, `Overlap`, `Memory`, `Cancelled`.
/// - Cost: n m d.
/// - Source: the article on multidimensional scaling (compute_distance_matrix); `scipy.spatial.distance.cdist`.
///
/// ```
/// use bytestride::{distances, View, ViewMut};
/// # fn main() -> bytestride::Result<()> {
/// let points = [0.0, 0.0, 3.0, 4.0, 6.0, 8.0];
/// let points = View::new(&points, &[3, 2])?;
/// let mut out = [0.0; 9];
/// distances(&points, &points, &mut ViewMut::new(&mut out, &[3, 3])?)?;
/// assert_eq!(out, [0.0, 5.0, 10.0, 5.0, 0.0, 5.0, 10.0, 5.0, 0.0]);
/// # Ok(())
/// # }
/// ```
pub fn distances<A: Element, B: Element, C: Element>(x: &View<A>, y: &View<B>, out: &mut ViewMut<C>) -> Result<()> {
    DistancesOptions::new().distances(x, Some(y), out)
}

/// Writes the distances of the rows of `x`, (n, d), from `point`, (d,), to `out`, (n,).
///
/// Everything else is as in [`distances()`]. Source: the article on multidimensional scaling (dist_from_point).
///
/// ```
/// use bytestride::{distances_from, View, ViewMut};
/// # fn main() -> bytestride::Result<()> {
/// let mut out = [0.0_f32; 2];
/// distances_from(&View::new(&[0.0_f32, 0.0, 3.0, 4.0], &[2, 2])?, &View::from(&[6.0_f32, 8.0]), &mut ViewMut::from(&mut out))?;
/// assert_eq!(out, [10.0, 5.0]);
/// # Ok(())
/// # }
/// ```
pub fn distances_from<A: Element, B: Element, C: Element>(x: &View<A>, point: &View<B>, out: &mut ViewMut<C>) -> Result<()> {
    DistancesOptions::new().distances_from(x, point, out)
}

/// Refreshes row and column `i` of `d`, the distances of the rows of `x` from one another, after row `i` has moved.
///
/// The bits are those that [`distances()`] gives. Errors: as there, and `Option` when `i` is out of range. Cost: n d.
/// Source: the article on multidimensional scaling (update_distance_matrix).
pub fn update_distances<A: Element, C: Element>(x: &View<A>, d: &mut ViewMut<C>, i: usize) -> Result<()> {
    DistancesOptions::new().update_distances(x, d, i)
}

/// The options of [`squared_error()`].
#[derive(Clone, Copy, Debug)]
pub struct SquaredErrorOptions<'a> {
    common: Options<'a>,
    weights: Option<sys::bytestride_array>,
    borrowed: PhantomData<&'a ()>,
}
common_options!(SquaredErrorOptions);

impl<'a> SquaredErrorOptions<'a> {
    /// The defaults: no weights.
    pub const fn new() -> Self {
        SquaredErrorOptions { common: Options::new(), weights: None, borrowed: PhantomData }
    }

    /// What each squared difference is multiplied by; an entry of weight 0 is left out.
    pub fn weights<W: Element>(mut self, weights: &View<'a, W>) -> Self {
        self.weights = Some(*weights.raw());
        self
    }

    /// [`squared_error()`] with these options.
    pub fn squared_error<A: Element, B: Element>(&self, goal: &View<A>, current: &View<B>, out: &mut ViewMut<f64>) -> Result<()> {
        let options = options_struct!(sys::bytestride_squared_error_options, self.common, {
            weights: self.weights.as_ref().map_or(std::ptr::null(), |weights| weights as *const _),
        });
        // SAFETY: the views were checked when they were made, and the weights outlive 'a; `out` is borrowed exclusively.
        check(unsafe { sys::bytestride_squared_error(goal.raw(), current.raw(), out.raw(), &options) })
    }
}

/// Writes the sum of squared differences of two arrays of 1 or 2 dimensions: to an `out` without dimensions that of all
/// entries, to one with as many entries as there are rows that of each row.
///
/// - Element types: all but complex; computed in `f64`, so integers do not wrap around.
/// - Sums are formed in blocks of up to 8192 entries in C order (rows of 256 and more begin anew), whatever the threads and strides.
/// - Errors: `DType`, `Ndim`, `Shape`, `Overlap`, `Memory`, `Cancelled`.
/// - Source: the article on multidimensional scaling (compute_mds_error, mse).
///
/// ```
/// use bytestride::{squared_error, View, ViewMut};
/// # fn main() -> bytestride::Result<()> {
/// let mut sum = [0.0];
/// squared_error(&View::from(&[0_u8, 7]), &View::from(&[255_u8, 4]), &mut ViewMut::new(&mut sum, &[])?)?;
/// assert_eq!(sum, [65034.0]);
/// # Ok(())
/// # }
/// ```
pub fn squared_error<A: Element, B: Element>(goal: &View<A>, current: &View<B>, out: &mut ViewMut<f64>) -> Result<()> {
    SquaredErrorOptions::new().squared_error(goal, current, out)
}
