//! Facts about the loaded library, and its threads.
use crate::error::check;
use crate::Result;
use bytestride_sys as sys;
use std::ffi::{c_char, CStr};

/// # Safety
/// `text` is NUL-terminated and lives until this thread's next call of the library.
unsafe fn owned(text: *const c_char) -> String {
    CStr::from_ptr(text).to_string_lossy().into_owned()
}

/// The version of the loaded library: "1.2.3".
pub fn version() -> String {
    // SAFETY: static text.
    unsafe { owned(sys::bytestride_version()) }
}

/// The instruction-set level in use: "baseline", "avx2", "avx512" or "neon".
pub fn isa() -> String {
    // SAFETY: static text.
    unsafe { owned(sys::bytestride_isa()) }
}

/// Facts about the build and the machine as a JSON object.
pub fn build_info() -> String {
    // SAFETY: the text lives until this thread's next call, which is after the copy.
    unsafe { owned(sys::bytestride_build_info()) }
}

/// Sets how many threads a call of this process may use when its options do not say; 0 returns to the default.
pub fn set_num_threads(threads: usize) -> Result<()> {
    // SAFETY: a number.
    check(unsafe { sys::bytestride_set_num_threads(threads.min(i32::MAX as usize) as i32) })
}

/// How many threads a call may use when its options do not say; at least 1.
pub fn num_threads() -> usize {
    // SAFETY: no arguments.
    unsafe { sys::bytestride_get_num_threads() as usize }
}
