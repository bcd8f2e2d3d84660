//! Prime numbers: tests, counts and sums.
use crate::error::check;
use crate::options::{common_options, options_struct};
use crate::{Element, Options, Result, View, ViewMut};
use bytestride_sys as sys;

impl Options<'_> {
    /// [`is_prime`] with these options.
    pub fn is_prime<T: Element>(&self, numbers: &View<T>, out: &mut ViewMut<bool>) -> Result<()> {
        // SAFETY: the views were checked when they were made; `out` is borrowed exclusively.
        check(unsafe { sys::bytestride_is_prime(numbers.raw(), out.raw(), &self.head) })
    }
}

/// Whether each number is prime, exact for every 64-bit number, with the default options.
///
/// - Shapes: equal.
/// - Element types: integers and `bool`. Negative numbers are not prime.
/// - Errors: `DType`, `Shape`, `Overlap` (elements of `out` share memory), `Cancelled`.
/// - Cost: O(log n) multiplications per number; threads above about 200 us of work.
/// - Source: Miller-Rabin with the bases of J. Sinclair (2011), deterministic below 2^64.
///
/// ```
/// use bytestride::{is_prime, View, ViewMut};
/// # fn main() -> bytestride::Result<()> {
/// let mut prime = [false; 3];
/// is_prime(&View::from(&[2_u64.pow(61) - 1, 3215031751, 7]), &mut ViewMut::from(&mut prime))?;
/// assert_eq!(prime, [true, false, true]);
/// # Ok(())
/// # }
/// ```
pub fn is_prime<T: Element>(numbers: &View<T>, out: &mut ViewMut<bool>) -> Result<()> {
    Options::new().is_prime(numbers, out)
}

/// The options of [`sum_primes`], [`sum_primes_below`] and [`count_primes`].
///
/// ```
/// use bytestride::PrimesOptions;
/// # fn main() -> bytestride::Result<()> {
/// // 11 + 13 + 17 + 19
/// assert_eq!(PrimesOptions::new().start(10).sum_primes_below(20)?, 60);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct PrimesOptions<'a> {
    common: Options<'a>,
    start: u64,
}
common_options!(PrimesOptions);

impl PrimesOptions<'_> {
    /// The defaults.
    pub const fn new() -> Self {
        PrimesOptions { common: Options::new(), start: 0 }
    }

    /// Primes below it are left out; 0 by default.
    pub fn start(mut self, start: u64) -> Self {
        self.start = start;
        self
    }

    fn raw(&self) -> sys::bytestride_sum_primes_options {
        options_struct!(sys::bytestride_sum_primes_options, self.common, {
            start: self.start,
        })
    }

    /// [`sum_primes`] with these options.
    pub fn sum_primes<T: Element>(&self, limits: &View<T>, out: &mut ViewMut<u64>) -> Result<()> {
        // SAFETY: the views were checked when they were made; `out` is borrowed exclusively.
        check(unsafe { sys::bytestride_sum_primes(limits.raw(), out.raw(), &self.raw()) })
    }

    /// [`count_primes`] with these options.
    pub fn count_primes<T: Element>(&self, limits: &View<T>, out: &mut ViewMut<u64>) -> Result<()> {
        // SAFETY: the views were checked when they were made; `out` is borrowed exclusively.
        check(unsafe { sys::bytestride_count_primes(limits.raw(), out.raw(), &self.raw()) })
    }

    /// [`sum_primes_below`] with these options.
    pub fn sum_primes_below(&self, limit: u64) -> Result<u128> {
        let mut words = [0_u64; 2];
        // SAFETY: two words are written.
        check(unsafe { sys::bytestride_sum_primes_128(self.start, limit, words.as_mut_ptr(), &self.common.head) })?;
        Ok(u128::from(words[0]) | u128::from(words[1]) << 64)
    }
}

/// For each limit the sum of the primes below it, with the default options.
///
/// - Shapes: equal.
/// - Element types: integers. Below a negative limit there is no prime.
/// - Errors: `Overflow` (a sum is beyond 64 bits: limits from about 2.9e10 on), `DType`, `Shape`, `Overlap`, `Memory`,
///   `Cancelled`.
/// - Cost: the limits are answered together; O(n^(3/4)) time and O(sqrt n) memory for a single limit n.
/// - Source: the talk's `sum_primes` (after the Parallel Python demo); Lagarias, Miller, Odlyzko 1985.
///
/// ```
/// use bytestride::{sum_primes, View, ViewMut};
/// # fn main() -> bytestride::Result<()> {
/// let mut sums = [0_u64; 3];
/// sum_primes(&View::from(&[10, 100, 1000]), &mut ViewMut::from(&mut sums))?;
/// assert_eq!(sums, [17, 1060, 76127]);
/// # Ok(())
/// # }
/// ```
pub fn sum_primes<T: Element>(limits: &View<T>, out: &mut ViewMut<u64>) -> Result<()> {
    PrimesOptions::new().sum_primes(limits, out)
}

/// For each limit the number of the primes below it, with the default options.
///
/// Shapes, element types, errors, cost and source are those of [`sum_primes`]; counts do not overflow.
///
/// ```
/// use bytestride::{count_primes, View, ViewMut};
/// # fn main() -> bytestride::Result<()> {
/// let mut counts = [0_u64; 2];
/// count_primes(&View::from(&[10_i64, 1_000_000_000]), &mut ViewMut::from(&mut counts))?;
/// assert_eq!(counts, [4, 50847534]);
/// # Ok(())
/// # }
/// ```
pub fn count_primes<T: Element>(limits: &View<T>, out: &mut ViewMut<u64>) -> Result<()> {
    PrimesOptions::new().count_primes(limits, out)
}

/// The sum of the primes below a limit, exact for every limit.
///
/// - Errors: `Memory`, `Cancelled`.
/// - Cost: O(limit^(3/4)) time, O(sqrt limit) memory.
/// - Source: as [`sum_primes`].
///
/// ```
/// assert_eq!(bytestride::sum_primes_below(100_000_000_000).unwrap(), 201467077743744681014);
/// ```
pub fn sum_primes_below(limit: u64) -> Result<u128> {
    PrimesOptions::new().sum_primes_below(limit)
}
