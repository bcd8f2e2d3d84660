//! Element-by-element arithmetic.
//!
//! The six functions share their rules: see the C header, whose text this repeats for Rust.
use crate::error::check;
use crate::{Element, Options, Result, View, ViewMut};
use bytestride_sys as sys;

macro_rules! arithmetic {
    ($($name:ident, $function:ident, $what:literal, $rule:literal, $source:literal, ($a:literal, $b:literal, $result:literal);)*) => {
        impl Options<'_> {
            $(
                #[doc = concat!("[`", stringify!($name), "`](crate::", stringify!($name), ") with these options.")]
                pub fn $name<A: Element, B: Element, C: Element>(&self, a: &View<A>, b: &View<B>, out: &mut ViewMut<C>) -> Result<()> {
                    // SAFETY: the views were checked when they were made; `out` is borrowed exclusively.
                    check(unsafe { sys::$function(a.raw(), b.raw(), out.raw(), &self.head) })
                }
            )*
        }

        $(
            #[doc = concat!($what, ", element by element, with the default options.")]
            ///
            /// - Shapes: `a` and `b` are broadcast to the shape of `out` (aligned at the last dimension; an extent
            ///   of 1 or a missing dimension is repeated).
            /// - Element types: any. The result is computed in NumPy 2's `result_type` of both and cast to the
            ///   element type of `out`, which must be of the same kind or a later one of: bool, unsigned, signed, float, complex.
            #[doc = concat!("- Result: ", $rule)]
            /// - Errors: `Shape`, `DType`, `Overlap` (elements of `out` share memory), `Option`, `Cancelled`.
            /// - Cost: linear in the elements of `out`, bound by memory; threads above about 200 us of work.
            #[doc = concat!("- Source: semantics of `numpy.", $source, "`.")]
            ///
            /// ```
            /// use bytestride::{View, ViewMut};
            /// # fn main() -> bytestride::Result<()> {
            /// let mut result = [0.0; 2];
            #[doc = concat!("bytestride::", stringify!($name), "(&View::from(&", $a, "), &View::from(&", $b, "), &mut ViewMut::from(&mut result))?;")]
            #[doc = concat!("assert_eq!(result, ", $result, ");")]
            /// # Ok(())
            /// # }
            /// ```
            pub fn $name<A: Element, B: Element, C: Element>(a: &View<A>, b: &View<B>, out: &mut ViewMut<C>) -> Result<()> {
                Options::new().$name(a, b, out)
            }
        )*
    };
}

arithmetic! {
    add, bytestride_add, "a + b", "NumPy's, bit for bit: integers wrap around.", "add",
        ("[1.5, 2.0]", "[1_u8, 2]", "[2.5, 4.0]");
    subtract, bytestride_subtract, "a - b", "NumPy's, bit for bit: integers wrap around; two `bool` arrays are a `DType` error.", "subtract",
        ("[1.5, 2.0]", "[1_u8, 2]", "[0.5, 0.0]");
    multiply, bytestride_multiply, "a * b", "NumPy's, bit for bit; complex products within 4 u |z|.", "multiply",
        ("[1.5, 2.0]", "[1_u8, 2]", "[1.5, 4.0]");
    divide, bytestride_divide, "a / b, the true quotient", "NumPy's, bit for bit (two integers divide as `f64`); complex quotients within 4 u |z|.", "divide",
        ("[3, 1]", "[2, 0]", "[1.5, f64::INFINITY]");
    minimum, bytestride_minimum, "the smaller of a and b", "NumPy's: a NaN in either gives NaN; the sign of a zero is unspecified.", "minimum",
        ("[1.5, 2.0]", "[1_u8, 3]", "[1.0, 2.0]");
    maximum, bytestride_maximum, "the larger of a and b", "NumPy's: a NaN in either gives NaN; the sign of a zero is unspecified.", "maximum",
        ("[1.5, 2.0]", "[1_u8, 3]", "[1.5, 3.0]");
}
