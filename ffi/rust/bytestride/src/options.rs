//! The options that every operation has.
use bytestride_sys as sys;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicI32, AtomicI64};

/// The options of the arithmetic and of [`Options::transpose_inplace`]; also the head of all others.
///
/// ```
/// use bytestride::{Options, View, ViewMut};
/// # fn main() -> bytestride::Result<()> {
/// let mut sum = [0_i64; 3];
/// Options::new().threads(2).add(
///     &View::from(&[1_i32, 2, 3]),
///     &View::from(&[10_i64, 20, 30]),
///     &mut ViewMut::from(&mut sum),
/// )?;
/// assert_eq!(sum, [11, 22, 33]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    pub(crate) head: sys::bytestride_options,
    words: PhantomData<&'a AtomicI64>,
}

// SAFETY: the pointers of the head are null or to atomics that outlive 'a.
unsafe impl Send for Options<'_> {}
unsafe impl Sync for Options<'_> {}

impl Default for Options<'_> {
    fn default() -> Self {
        Self::new()
    }
}

impl<'a> Options<'a> {
    /// The defaults.
    pub const fn new() -> Self {
        let head = sys::bytestride_options {
            size: size_of::<sys::bytestride_options>() as u32,
            threads: 0,
            error: std::ptr::null_mut(),
            error_size: 0,
            cancel: std::ptr::null(),
            progress: std::ptr::null_mut(),
            reserved: [0; 3],
        };
        Options { head, words: PhantomData }
    }

    /// At most this many threads; 0, the default, leaves it to the library.
    pub fn threads(mut self, threads: usize) -> Self {
        self.head.threads = threads.min(i32::MAX as usize) as i32;
        self
    }

    /// A word that any thread may set non-zero: the call then fails with
    /// [`ErrorKind::Cancelled`](crate::ErrorKind::Cancelled) within about 50 ms.
    pub fn cancel(mut self, word: &'a AtomicI32) -> Self {
        self.head.cancel = word.as_ptr();
        self
    }

    /// Two words that the call keeps current: work done, and work in all. They never fall.
    pub fn progress(mut self, words: &'a [AtomicI64; 2]) -> Self {
        self.head.progress = words.as_ptr().cast_mut().cast();
        self
    }
}

/// Gives the options of one operation the settings that all have.
macro_rules! common_options {
    ($type:ident) => {
        impl<'a> $type<'a> {
            /// At most this many threads; 0, the default, leaves it to the library.
            pub fn threads(mut self, threads: usize) -> Self {
                self.common = self.common.threads(threads);
                self
            }

            /// A word that any thread may set non-zero to end the call; see [`Options::cancel`](crate::Options::cancel).
            pub fn cancel(mut self, word: &'a std::sync::atomic::AtomicI32) -> Self {
                self.common = self.common.cancel(word);
                self
            }

            /// Two words that the call keeps current; see [`Options::progress`](crate::Options::progress).
            pub fn progress(mut self, words: &'a [std::sync::atomic::AtomicI64; 2]) -> Self {
                self.common = self.common.progress(words);
                self
            }
        }

        impl Default for $type<'_> {
            fn default() -> Self {
                Self::new()
            }
        }
    };
}
pub(crate) use common_options;

/// The options struct of one operation as C takes it: the head that all have, then the fields of its own.
macro_rules! options_struct {
    ($type:path, $common:expr, { $($fields:tt)* }) => {{
        let head = $common.head;
        $type {
            size: size_of::<$type>() as u32,
            threads: head.threads,
            error: head.error,
            error_size: head.error_size,
            cancel: head.cancel,
            progress: head.progress,
            reserved: head.reserved,
            $($fields)*
        }
    }};
}
pub(crate) use options_struct;
