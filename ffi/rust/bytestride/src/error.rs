//! Statuses as errors.
use bytestride_sys as sys;
use std::ffi::CStr;
use std::fmt;

/// The result of this crate's functions.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a call failed: the status of the C interface, and a message that names the argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    status: i32,
    message: String,
}

/// The kinds of failure; more may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// An array has an element type that the function does not take, or cannot be cast to.
    DType,
    /// An extent or a combination of shapes is wrong, or a view reaches outside its slice.
    Shape,
    /// An array has a wrong number of dimensions, or more than 8.
    Ndim,
    /// An output is not writeable.
    ReadOnly,
    /// Elements of an output share memory with each other.
    Overlap,
    /// Memory for the computation could not be had.
    Memory,
    /// The loaded library is of another version than this crate.
    Version,
    /// An option or scalar argument has a value that the function does not take.
    Option,
    /// The exact result cannot be computed in the widest type that the function has.
    Overflow,
    /// The caller set the cancel word of the options.
    Cancelled,
    /// Anything else.
    Other,
}

impl Error {
    pub(crate) fn new(status: i32, message: impl Into<String>) -> Self {
        Error { status, message: message.into() }
    }

    /// The status of the C interface, a negative number (`sys::BYTESTRIDE_ERROR_SHAPE`, ...).
    pub fn status(&self) -> i32 {
        self.status
    }

    /// What was wrong: "argument 2 (kernel): ...".
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The kind of failure, for a `match`.
    pub fn kind(&self) -> ErrorKind {
        match self.status {
            sys::BYTESTRIDE_ERROR_DTYPE => ErrorKind::DType,
            sys::BYTESTRIDE_ERROR_SHAPE => ErrorKind::Shape,
            sys::BYTESTRIDE_ERROR_NDIM => ErrorKind::Ndim,
            sys::BYTESTRIDE_ERROR_READONLY => ErrorKind::ReadOnly,
            sys::BYTESTRIDE_ERROR_OVERLAP => ErrorKind::Overlap,
            sys::BYTESTRIDE_ERROR_MEMORY => ErrorKind::Memory,
            sys::BYTESTRIDE_ERROR_VERSION => ErrorKind::Version,
            sys::BYTESTRIDE_ERROR_OPTION => ErrorKind::Option,
            sys::BYTESTRIDE_ERROR_OVERFLOW => ErrorKind::Overflow,
            sys::BYTESTRIDE_ERROR_CANCELLED => ErrorKind::Cancelled,
            _ => ErrorKind::Other,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// A status as a result; to be called on the thread of the call, before another one.
pub(crate) fn check(status: i32) -> Result<()> {
    if status == sys::BYTESTRIDE_OK {
        return Ok(());
    }
    // SAFETY: both functions return NUL-terminated text that lives until this thread's next call.
    let text = unsafe {
        let message = CStr::from_ptr(sys::bytestride_last_error());
        if message.is_empty() {
            CStr::from_ptr(sys::bytestride_strerror(status))
        } else {
            message
        }
    };
    Err(Error::new(status, text.to_string_lossy()))
}
