//! Views: where the elements of an array lie in a slice.
use crate::{Element, Error, Result};
use bytestride_sys as sys;
use std::marker::PhantomData;

/// The most dimensions that an array may have.
pub const MAX_NDIM: usize = sys::BYTESTRIDE_MAX_NDIM as usize;

/// A strided array to read from. Any element of it lies in the slice that it was made from.
#[derive(Clone, Copy, Debug)]
pub struct View<'a, T: Element> {
    raw: sys::bytestride_array,
    slice: PhantomData<&'a [T]>,
}

/// A strided array to write to. Any element of it lies in the slice that it was made from.
///
/// Strides that let elements share memory can be expressed; every operation refuses them
/// ([`ErrorKind::Overlap`](crate::ErrorKind::Overlap)).
#[derive(Debug)]
pub struct ViewMut<'a, T: Element> {
    raw: sys::bytestride_array,
    slice: PhantomData<&'a mut [T]>,
}

// SAFETY: a View is a shared reference to a slice of T, a ViewMut an exclusive one; every Element is Send and Sync.
unsafe impl<T: Element> Send for View<'_, T> {}
unsafe impl<T: Element> Sync for View<'_, T> {}
unsafe impl<T: Element> Send for ViewMut<'_, T> {}
unsafe impl<T: Element> Sync for ViewMut<'_, T> {}

fn shape_error(message: String) -> Error {
    Error::new(sys::BYTESTRIDE_ERROR_SHAPE, message)
}

fn option_error(message: String) -> Error {
    Error::new(sys::BYTESTRIDE_ERROR_OPTION, message)
}

/// The strides of C order, in elements.
fn c_strides(shape: &[usize]) -> Vec<isize> {
    let mut strides = vec![1; shape.len()];
    for axis in (1..shape.len()).rev() {
        // Where the product overflows the array cannot fit the slice, unless it is empty: then strides do not count.
        strides[axis - 1] = (shape[axis] as isize).wrapping_mul(strides[axis]);
    }
    strides
}

/// A descriptor of elements `offset + sum of index * stride` of the `length` elements at `data`, all of them
/// checked to lie there.
///
/// # Safety
/// The memory from `data` to `data + length` belongs to one allocation.
pub(crate) unsafe fn descriptor<T: Element>(
    data: *const T,
    length: usize,
    offset: usize,
    shape: &[usize],
    strides: &[isize],
) -> Result<sys::bytestride_array> {
    if shape.len() > MAX_NDIM {
        let message = format!("the view has {} dimensions, at most {MAX_NDIM} are possible", shape.len());
        return Err(Error::new(sys::BYTESTRIDE_ERROR_NDIM, message));
    }
    if strides.len() != shape.len() {
        return Err(shape_error(format!("{} strides are given for {} dimensions", strides.len(), shape.len())));
    }
    if offset > length {
        return Err(shape_error(format!("the view begins at element {offset} of a slice of {length}")));
    }
    let empty = shape.contains(&0);
    // Bounds of the element numbers; one term is below 2^64 * 2^63, which 128 bits hold.
    let (mut low, mut high) = (offset as i128, offset as i128);
    for (&extent, &stride) in shape.iter().zip(strides) {
        let reach = extent.saturating_sub(1) as i128 * stride as i128;
        let bound = if reach < 0 { &mut low } else { &mut high };
        *bound = bound.saturating_add(reach);
    }
    if !empty && (low < 0 || high >= length as i128) {
        return Err(shape_error(format!(
            "a view of shape {shape:?}, strides {strides:?} and offset {offset} reaches elements {low} to {high} of a slice of {length}"
        )));
    }

    let mut raw = sys::bytestride_array {
        size: size_of::<sys::bytestride_array>() as u32,
        dtype: T::DTYPE,
        ndim: shape.len() as i32,
        flags: 0,
        // In bounds, because offset <= length.
        data: data.add(offset).cast_mut().cast(),
        shape: [0; MAX_NDIM],
        strides: [0; MAX_NDIM],
    };
    for axis in 0..shape.len() {
        raw.shape[axis] = i64::try_from(shape[axis]).map_err(|_| shape_error(format!("extent {} is too large", shape[axis])))?;
        // Strides of extents up to 1 and of empty arrays do not count; the others were bounded by the slice.
        if shape[axis] > 1 && !empty {
            raw.strides[axis] = strides[axis] as i64 * size_of::<T>() as i64;
        }
    }
    Ok(raw)
}

/// What `View` and `ViewMut` share: reading the shape, and choosing a part. A part of a view lies within it.
macro_rules! common_views {
    ($view:ident) => {
        impl<T: Element> $view<'_, T> {
            pub(crate) fn raw(&self) -> &sys::bytestride_array {
                &self.raw
            }

            /// The number of dimensions, 0 to 8.
            pub fn ndim(&self) -> usize {
                self.raw.ndim as usize
            }

            /// The extents.
            pub fn shape(&self) -> Vec<usize> {
                self.raw.shape[..self.ndim()].iter().map(|&extent| extent as usize).collect()
            }

            /// The distance in elements to the next index of each axis; 0 where the extent is at most 1.
            pub fn strides(&self) -> Vec<isize> {
                self.raw.strides[..self.ndim()].iter().map(|&bytes| bytes as isize / size_of::<T>() as isize).collect()
            }

            /// The number of elements. Saturates for broadcast views of more than `usize::MAX` elements.
            pub fn len(&self) -> usize {
                if self.is_empty() {
                    0
                } else {
                    self.shape().iter().fold(1, |count, &extent| count.saturating_mul(extent))
                }
            }

            /// Whether an extent is 0.
            pub fn is_empty(&self) -> bool {
                self.raw.shape[..self.ndim()].contains(&0)
            }

            fn check_axis(&self, axis: usize) -> Result<()> {
                if axis < self.ndim() {
                    return Ok(());
                }
                Err(option_error(format!("axis {axis} of an array of {} dimensions", self.ndim())))
            }

            /// Moves the address of element [0, ..., 0] along an axis, to an index that exists.
            fn advance(&mut self, axis: usize, index: usize) {
                debug_assert!(index == 0 || (index as i64) < self.raw.shape[axis]);
                // SAFETY: the element exists (strides are 0 in an empty array), so its address is in the slice.
                self.raw.data = unsafe { self.raw.data.byte_offset(self.raw.strides[axis] as isize * index as isize) };
            }

            /// The same elements with the axes in another order: axis `i` of the result is axis `axes[i]` of this view.
            pub fn permute(mut self, axes: &[usize]) -> Result<Self> {
                let mut sorted = axes.to_vec();
                sorted.sort_unstable();
                if !sorted.into_iter().eq(0..self.ndim()) {
                    return Err(option_error(format!("{axes:?} is not an order of the {} axes", self.ndim())));
                }
                let before = self.raw;
                for (to, &from) in axes.iter().enumerate() {
                    self.raw.shape[to] = before.shape[from];
                    self.raw.strides[to] = before.strides[from];
                }
                Ok(self)
            }

            /// The same elements with an axis reversed.
            pub fn flip(mut self, axis: usize) -> Result<Self> {
                self.check_axis(axis)?;
                self.advance(axis, (self.raw.shape[axis].max(1) - 1) as usize);
                self.raw.strides[axis] = -self.raw.strides[axis];
                Ok(self)
            }

            /// Every `step`th index of an axis within `range`; the range must lie within the extent, and the step not be 0.
            pub fn slice(mut self, axis: usize, range: std::ops::Range<usize>, step: usize) -> Result<Self> {
                self.check_axis(axis)?;
                let extent = self.raw.shape[axis] as usize;
                if step == 0 || range.start > range.end || range.end > extent {
                    return Err(option_error(format!("range {range:?} with step {step} of axis {axis}, which has extent {extent}")));
                }
                let count = range.len().div_ceil(step);
                if count > 0 {
                    self.advance(axis, range.start);
                }
                self.raw.shape[axis] = count as i64;
                // With fewer than two indices the product may overflow, and does not count.
                self.raw.strides[axis] = if count > 1 { self.raw.strides[axis] * step as i64 } else { 0 };
                Ok(self)
            }

            /// One index of an axis; the result has one dimension less.
            pub fn index(mut self, axis: usize, index: usize) -> Result<Self> {
                self.check_axis(axis)?;
                let extent = self.raw.shape[axis];
                if index as u64 >= extent as u64 {
                    return Err(option_error(format!("index {index} of axis {axis}, which has extent {extent}")));
                }
                self.advance(axis, index);
                for next in axis + 1..self.ndim() {
                    self.raw.shape[next - 1] = self.raw.shape[next];
                    self.raw.strides[next - 1] = self.raw.strides[next];
                }
                self.raw.ndim -= 1;
                Ok(self)
            }
        }
    };
}
common_views!(View);
common_views!(ViewMut);

impl<'a, T: Element> View<'a, T> {
    /// An array in C order (the last axis is contiguous) that fills the slice from its beginning.
    ///
    /// Errors: `Ndim` (more than 8 dimensions), `Shape` (the slice is too short).
    pub fn new(slice: &'a [T], shape: &[usize]) -> Result<Self> {
        Self::with_strides(slice, 0, shape, &c_strides(shape))
    }

    /// An array whose element [i, j, ...] is `slice[offset + i * strides[0] + j * strides[1] + ...]`. Strides may be
    /// negative or zero.
    ///
    /// Errors: `Ndim` (more than 8 dimensions), `Shape` (an element lies outside the slice).
    ///
    /// ```
    /// use bytestride::View;
    /// let slice = [0, 1, 2, 3, 4, 5];
    /// assert!(View::with_strides(&slice, 5, &[6], &[-1]).is_ok());
    /// assert!(View::with_strides(&slice, 4, &[6], &[-1]).is_err());
    /// ```
    pub fn with_strides(slice: &'a [T], offset: usize, shape: &[usize], strides: &[isize]) -> Result<Self> {
        // SAFETY: a slice is one allocation.
        let raw = unsafe { descriptor(slice.as_ptr(), slice.len(), offset, shape, strides)? };
        Ok(Self::from_raw(raw))
    }

    /// The view of a checked descriptor.
    pub(crate) fn from_raw(raw: sys::bytestride_array) -> Self {
        View { raw, slice: PhantomData }
    }

    /// An array without dimensions, which arithmetic repeats for every element.
    pub fn scalar(value: &'a T) -> Self {
        Self::new(std::slice::from_ref(value), &[]).expect("one element is enough for no dimensions")
    }
}

impl<'a, T: Element> ViewMut<'a, T> {
    /// An array in C order (the last axis is contiguous) that fills the slice from its beginning.
    ///
    /// Errors: `Ndim` (more than 8 dimensions), `Shape` (the slice is too short).
    pub fn new(slice: &'a mut [T], shape: &[usize]) -> Result<Self> {
        Self::with_strides(slice, 0, shape, &c_strides(shape))
    }

    /// An array whose element [i, j, ...] is `slice[offset + i * strides[0] + j * strides[1] + ...]`. Strides may be
    /// negative.
    ///
    /// Errors: `Ndim` (more than 8 dimensions), `Shape` (an element lies outside the slice).
    pub fn with_strides(slice: &'a mut [T], offset: usize, shape: &[usize], strides: &[isize]) -> Result<Self> {
        // SAFETY: a slice is one allocation.
        let raw = unsafe { descriptor(slice.as_mut_ptr(), slice.len(), offset, shape, strides)? };
        Ok(Self::from_raw(raw))
    }

    /// The view of a checked descriptor of memory that is borrowed exclusively.
    pub(crate) fn from_raw(mut raw: sys::bytestride_array) -> Self {
        raw.flags = sys::BYTESTRIDE_WRITEABLE;
        ViewMut { raw, slice: PhantomData }
    }

    /// The same array to read from, while this one is not used.
    pub fn as_view(&self) -> View<'_, T> {
        let mut raw = self.raw;
        raw.flags = 0;
        View::from_raw(raw)
    }

    /// The same array to write to, while this one is not used; its parts can be chosen without giving it away.
    pub fn reborrow(&mut self) -> ViewMut<'_, T> {
        ViewMut { raw: self.raw, slice: PhantomData }
    }

    /// Takes the shape that a matrix has after it was transposed in its own memory.
    pub(crate) fn transposed_in_place(&mut self) {
        let (rows, columns) = (self.raw.shape[0], self.raw.shape[1]);
        if rows != columns {
            let size = size_of::<T>() as i64;
            self.raw.shape[..2].copy_from_slice(&[columns, rows]);
            self.raw.strides[..2].copy_from_slice(&[rows * size, size]);
        }
    }
}

macro_rules! from_slices {
    ($([$($parameters:tt)*] $type:ty),* $(,)?) => {
        $(
            impl<'a, T: Element, $($parameters)*> From<&'a $type> for View<'a, T> {
                /// All elements, as a 1-d array.
                fn from(elements: &'a $type) -> Self {
                    Self::new(elements, &[elements.len()]).expect("a slice has room for its own elements")
                }
            }

            impl<'a, T: Element, $($parameters)*> From<&'a mut $type> for ViewMut<'a, T> {
                /// All elements, as a 1-d array.
                fn from(elements: &'a mut $type) -> Self {
                    let length = elements.len();
                    Self::new(elements, &[length]).expect("a slice has room for its own elements")
                }
            }
        )*
    };
}
from_slices!([] [T], [const N: usize] [T; N], [] Vec<T>);
