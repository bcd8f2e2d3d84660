//! The C interface of libbytestride, declaration by declaration, generated from `bytestride.h`.
//!
//! The crate `bytestride` has a safe interface; this one is for building others. Every item carries the
//! header's own text.
//!
//! The build script links the library that `BYTESTRIDE_LIB_DIR` or pkg-config names, or, with the feature `vendored` and where there is none,
//! compiles it from its sources and links it statically. A shared library must be found at run time too: the
//! loader must find `libbytestride.so.1` (a system folder, `LD_LIBRARY_PATH`, or an rpath of the program: a build
//! script of a crate that depends on this one knows the folder as `DEP_BYTESTRIDE_LIBDIR`).
#![no_std]
#![allow(non_camel_case_types)]

#[rustfmt::skip]
mod generated;

pub use generated::*;
