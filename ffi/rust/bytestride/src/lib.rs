//! Fast loops over strided arrays: the safe interface of libbytestride.
//!
//! An array is a [`View`] or a [`ViewMut`] of a slice: a shape, and strides counted in elements, which may be
//! negative or (in a `View`) zero. A view is checked once, when it is made: no element of it can lie outside
//! its slice. Results are written to the `ViewMut` that the caller hands over, through any strides. With the feature
//! `ndarray`, views are made from that crate's arrays by `TryFrom`.
//!
//! Operations are functions with the defaults, and methods of their options: [`Options`] for the
//! arithmetic, [`CopyOptions`] and [`ConvolveOptions`]. Arrays of different element types may be mixed as the
//! functions say; what does not fit is an [`Error`] with the library's status and message.
//!
//! ```
//! use bytestride::{convolve, Boundary, ConvolveOptions, View, ViewMut};
//!
//! # fn main() -> bytestride::Result<()> {
//! // The green channel of a 2 x 3 image of interleaved RGB bytes: every third byte, from the second on.
//! let image: Vec<u8> = (0..18).collect();
//! let green = View::with_strides(&image, 1, &[2, 3], &[9, 3])?;
//! let box_kernel = [1.0_f32 / 9.0; 9];
//! let kernel = View::new(&box_kernel, &[3, 3])?;
//!
//! let mut blurred = [0.0_f32; 6];
//! ConvolveOptions::new()
//!     .boundary(Boundary::Nearest)
//!     .threads(2)
//!     .convolve(&green, &kernel, &mut ViewMut::new(&mut blurred, &[2, 3])?)?;
//! assert!((blurred[0] - 5.0).abs() < 1e-5);
//!
//! // A wrong argument is an error that names it.
//! let error = convolve(&green, &kernel, &mut ViewMut::new(&mut blurred, &[3, 2])?).unwrap_err();
//! assert_eq!(error.kind(), bytestride::ErrorKind::Shape);
//! # Ok(())
//! # }
//! ```
//!
//! Results do not depend on the number of threads, on the strides or on the position of an element. A call
//! runs on the calling thread and the library's own threads, and may be made from any thread.
#![warn(missing_docs)]

mod arithmetic;
mod convolve;
mod copy;
mod depth;
mod distance;
mod element;
mod error;
mod mds;
#[cfg(feature = "ndarray")]
mod ndarray;
mod neighborhood;
mod options;
mod primes;
mod runtime;
mod search;
mod view;

pub use arithmetic::{add, divide, maximum, minimum, multiply, subtract};
pub use bytestride_sys as sys;
pub use convolve::{convolve, correlate, Boundary, ConvolveOptions, Method, Region};
pub use copy::{copy, transpose_inplace, CopyOptions, Rule};
pub use depth::{depth_to_points, points_to_depth, Camera, DepthOptions, Frame, Invalid};
pub use distance::{distances, distances_from, squared_error, update_distances, DistancesOptions, Metric, SquaredErrorOptions};
pub use element::{Complex, Element, F16};
pub use error::{Error, ErrorKind, Result};
pub use mds::{classical_mds, mds, MdsInit, MdsMethod, MdsOptions, MdsResult};
pub use neighborhood::{neighbor_product, Alpha, NeighborProductOptions, RimBoundary};
pub use options::Options;
pub use primes::{count_primes, is_prime, sum_primes, sum_primes_below, PrimesOptions};
pub use runtime::{build_info, isa, num_threads, set_num_threads, version};
pub use search::{binary_search, searchsorted, SearchOptions, Side};
pub use view::{View, ViewMut, MAX_NDIM};

// The programs of the README are compiled and run with the others.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
