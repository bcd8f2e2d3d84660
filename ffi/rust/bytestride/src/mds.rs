//! Multidimensional scaling.
use crate::error::check;
use crate::options::{common_options, options_struct};
use crate::{Element, Options, Result, View, ViewMut};
use bytestride_sys as sys;
use std::marker::PhantomData;

/// How the points are found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum MdsMethod {
    /// The library chooses: today `Sgd`, and `Smacof` for non-metric scaling.
    #[default]
    Auto,
    /// Stochastic gradient descent over the pairs.
    Sgd,
    /// Majorization by Guttman transforms.
    Smacof,
    /// Pattern search along the coordinate axes.
    Pattern,
}

/// Where the points begin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum MdsInit {
    /// Uniform in [0, 1), and brought to the size of the dissimilarities but for `Pattern`.
    #[default]
    Random,
    /// The result of [`classical_mds()`].
    Classical,
    /// What the array of points holds.
    Given,
}

/// What [`mds()`] tells beside the points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MdsResult {
    /// The sum over i < j of w (goal - distance)^2 of the points.
    pub stress: f64,
    /// Stress-1: the root of the stress over the sum of w distance^2.
    pub normalized_stress: f64,
    /// Iterations of the start that was kept.
    pub n_iter: usize,
    /// Whether a stopping rule was met before the last iteration allowed.
    pub converged: bool,
}

/// The options of [`mds()`].
#[derive(Clone, Copy, Debug)]
pub struct MdsOptions<'a> {
    common: Options<'a>,
    own: sys::bytestride_mds_options,
    weights: Option<sys::bytestride_array>,
    borrowed: PhantomData<&'a ()>,
}
common_options!(MdsOptions);

/// A number as the library takes it, for which 0 is the default: a negative one switches a stopping rule off, and is refused
/// elsewhere.
fn not_default(value: f64) -> f64 {
    if value == 0.0 {
        -1.0
    } else {
        value
    }
}

fn count(value: usize) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

impl<'a> MdsOptions<'a> {
    /// The defaults.
    pub const fn new() -> Self {
        let own = options_struct!(sys::bytestride_mds_options, Options::new(), {
            method: 0,
            init: 0,
            weights: std::ptr::null(),
            nonmetric: 0,
            padding: 0,
            n_init: 0,
            max_iter: 0,
            eps: 0.0,
            random_state: 0,
            radius: 0.0,
            min_radius: 0.0,
            shrink_tol: 0.0,
            explore: 0.0,
            sample: 0.0,
            greedy: 0,
            padding2: 0,
            relaxation: 0.0,
        });
        MdsOptions { common: Options::new(), own, weights: None, borrowed: PhantomData }
    }

    /// How the points are found; `Auto` by default.
    pub fn method(mut self, method: MdsMethod) -> Self {
        self.own.method = match method {
            MdsMethod::Auto => sys::BYTESTRIDE_METHOD_AUTO,
            MdsMethod::Sgd => sys::BYTESTRIDE_METHOD_SGD,
            MdsMethod::Smacof => sys::BYTESTRIDE_METHOD_SMACOF,
            MdsMethod::Pattern => sys::BYTESTRIDE_METHOD_PATTERN,
        };
        self
    }

    /// Where the points begin; `Random` by default.
    pub fn init(mut self, init: MdsInit) -> Self {
        self.own.init = match init {
            MdsInit::Random => sys::BYTESTRIDE_INIT_RANDOM,
            MdsInit::Classical => sys::BYTESTRIDE_INIT_CLASSICAL,
            MdsInit::Given => sys::BYTESTRIDE_INIT_GIVEN,
        };
        self
    }

    /// A symmetric weight for each pair, not negative; a pair of weight 0 is missing.
    pub fn weights<W: Element>(mut self, weights: &View<'a, W>) -> Self {
        self.weights = Some(*weights.raw());
        self
    }

    /// Whether the order of the dissimilarities alone counts; for `Smacof` only.
    pub fn nonmetric(mut self, nonmetric: bool) -> Self {
        self.own.nonmetric = nonmetric.into();
        self
    }

    /// Random starts, of which the best is kept; 1 by default.
    pub fn n_init(mut self, starts: usize) -> Self {
        self.own.n_init = count(starts);
        self
    }

    /// Iterations at most; 0, the default, leaves it to the method: 30 (`Sgd`), 300 (`Smacof`), 1000 (`Pattern`).
    pub fn max_iter(mut self, iterations: usize) -> Self {
        self.own.max_iter = count(iterations);
        self
    }

    /// `Sgd` and `Smacof` stop when the stress falls by less than this times the sum of w distance^2; 1e-6 by default, 0 is never.
    pub fn eps(mut self, eps: f64) -> Self {
        self.own.eps = not_default(eps);
        self
    }

    /// The seed; 0 by default.
    pub fn random_state(mut self, seed: i64) -> Self {
        self.own.random_state = seed;
        self
    }

    /// `Pattern`: the first step; 1 by default.
    pub fn radius(mut self, radius: f64) -> Self {
        self.own.radius = not_default(radius);
        self
    }

    /// `Pattern`: the step at which the search stops; 1e-3 by default, 0 is never.
    pub fn min_radius(mut self, radius: f64) -> Self {
        self.own.min_radius = not_default(radius);
        self
    }

    /// `Pattern`: the relative gain of a sweep below which the step is halved; 1e-4 by default.
    pub fn shrink_tol(mut self, tolerance: f64) -> Self {
        self.own.shrink_tol = not_default(tolerance);
        self
    }

    /// `Pattern`: the share of directions that are tried; 1 by default.
    pub fn explore(mut self, share: f64) -> Self {
        self.own.explore = not_default(share);
        self
    }

    /// `Pattern`: the share of the points that are moved in a sweep; 1 by default.
    pub fn sample(mut self, share: f64) -> Self {
        self.own.sample = not_default(share);
        self
    }

    /// `Pattern`: whether points move only where that lowers the stress.
    pub fn greedy(mut self, greedy: bool) -> Self {
        self.own.greedy = greedy.into();
        self
    }

    /// `Smacof`: the step as a multiple of the Guttman transform's, above 0 and below 2; 1 by default.
    pub fn relaxation(mut self, relaxation: f64) -> Self {
        self.own.relaxation = not_default(relaxation);
        self
    }

    /// [`mds()`] with these options. `history` receives the stress of each iteration, as far as it reaches.
    pub fn mds<A: Element>(
        &self,
        dissimilarities: &View<A>,
        points: &mut ViewMut<f64>,
        history: Option<&mut ViewMut<f64>>,
    ) -> Result<MdsResult> {
        let options = options_struct!(sys::bytestride_mds_options, self.common, {
            weights: self.weights.as_ref().map_or(std::ptr::null(), |weights| weights as *const _),
            ..self.own
        });
        let mut result = sys::bytestride_mds_result {
            size: size_of::<sys::bytestride_mds_result>() as u32,
            converged: 0,
            stress: 0.0,
            normalized_stress: 0.0,
            n_iter: 0,
        };
        let history = history.map_or(std::ptr::null(), |history| history.raw() as *const _);
        // SAFETY: the views were checked when they were made, and the weights outlive 'a; outputs are borrowed exclusively.
        check(unsafe { sys::bytestride_mds(dissimilarities.raw(), points.raw(), history, &mut result, &options) })?;
        Ok(MdsResult {
            stress: result.stress,
            normalized_stress: result.normalized_stress,
            n_iter: result.n_iter as usize,
            converged: result.converged != 0,
        })
    }
}

/// Points whose distances approximate dissimilarities, with the default options.
///
/// - Shapes: `dissimilarities` (n, n), symmetric, not negative, NaN for a missing pair; `points` (n, components).
/// - Element types: all but complex.
/// - Errors: `DType`, `Ndim`, `Shape`, `Overlap`, `Option` (asymmetric, negative or infinite dissimilarities), `Memory`, `Cancelled`.
/// - Cost: n^2 components per iteration; memory n^2.
/// - Source: the article on multidimensional scaling; Zheng, Pawar, Goodman, IEEE TVCG 25 (2019).
///
/// ```
/// use bytestride::{mds, View, ViewMut};
/// # fn main() -> bytestride::Result<()> {
/// let far = [0, 3, 4, 3, 0, 5, 4, 5, 0];
/// let mut points = [0.0; 6];
/// let result = mds(&View::new(&far, &[3, 3])?, &mut ViewMut::new(&mut points, &[3, 2])?)?;
/// assert!(result.normalized_stress < 1e-3);
/// assert!(((points[0] - points[2]).hypot(points[1] - points[3]) - 3.0).abs() < 0.01);
/// # Ok(())
/// # }
/// ```
pub fn mds<A: Element>(dissimilarities: &View<A>, points: &mut ViewMut<f64>) -> Result<MdsResult> {
    MdsOptions::new().mds(dissimilarities, points, None)
}

impl Options<'_> {
    /// [`classical_mds()`] with these options.
    pub fn classical_mds<A: Element>(
        &self,
        dissimilarities: &View<A>,
        points: &mut ViewMut<f64>,
        eigenvalues: Option<&mut ViewMut<f64>>,
    ) -> Result<()> {
        let eigenvalues = eigenvalues.map_or(std::ptr::null(), |eigenvalues| eigenvalues.raw() as *const _);
        // SAFETY: the views were checked when they were made; outputs are borrowed exclusively.
        check(unsafe { sys::bytestride_classical_mds(dissimilarities.raw(), points.raw(), eigenvalues, &self.head) })
    }
}

/// Classical (Torgerson) scaling: the eigenvectors of the double-centred squared dissimilarities for its largest eigenvalues, times
/// the root of the eigenvalue.
///
/// - Shapes: `dissimilarities` (n, n), symmetric and complete; `points` (n, components), components <= n; `eigenvalues` (components,).
/// - Errors: as [`mds()`]; a missing pair is `Option`.
/// - Source: Torgerson, Psychometrika 17 (1952).
///
/// ```
/// use bytestride::{classical_mds, View, ViewMut};
/// # fn main() -> bytestride::Result<()> {
/// let (mut points, mut eigenvalues) = ([0.0; 3], [0.0]);
/// classical_mds(
///     &View::new(&[0, 1, 2, 1, 0, 1, 2, 1, 0], &[3, 3])?,
///     &mut ViewMut::new(&mut points, &[3, 1])?,
///     Some(&mut ViewMut::from(&mut eigenvalues)),
/// )?;
/// assert!((eigenvalues[0] - 2.0).abs() < 1e-12 && points[1].abs() < 1e-12);
/// # Ok(())
/// # }
/// ```
pub fn classical_mds<A: Element>(
    dissimilarities: &View<A>,
    points: &mut ViewMut<f64>,
    eigenvalues: Option<&mut ViewMut<f64>>,
) -> Result<()> {
    Options::new().classical_mds(dissimilarities, points, eigenvalues)
}
