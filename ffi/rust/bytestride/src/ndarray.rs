//! Views of the crate `ndarray`'s arrays.
use crate::view::descriptor;
use crate::{Element, Error, Result, View, ViewMut};
use ndarray::{ArrayBase, Data, DataMut, Dimension};

/// The part of memory that an array reaches, as its first element's number and its length.
fn reach(shape: &[usize], strides: &[isize]) -> (usize, usize) {
    if shape.contains(&0) {
        return (0, 0);
    }
    let (mut before, mut after) = (0, 0);
    for (&extent, &stride) in shape.iter().zip(strides) {
        let distance = stride.unsigned_abs() * (extent - 1);
        *(if stride < 0 { &mut before } else { &mut after }) += distance;
    }
    (before, before + after + 1)
}

impl<'a, T: Element, S: Data<Elem = T>, D: Dimension> TryFrom<&'a ArrayBase<S, D>> for View<'a, T> {
    type Error = Error;

    /// The array itself, whatever its strides; `Ndim` when it has more than 8 dimensions.
    fn try_from(array: &'a ArrayBase<S, D>) -> Result<Self> {
        let (before, length) = reach(array.shape(), array.strides());
        // SAFETY: ndarray keeps every element of an array in one allocation. No reference to what lies between
        // the elements is made: others may hold it.
        let raw = unsafe { descriptor(array.as_ptr().sub(before), length, before, array.shape(), array.strides())? };
        Ok(View::from_raw(raw))
    }
}

impl<'a, T: Element, S: DataMut<Elem = T>, D: Dimension> TryFrom<&'a mut ArrayBase<S, D>> for ViewMut<'a, T> {
    type Error = Error;

    /// The array itself, whatever its strides; `Ndim` when it has more than 8 dimensions.
    fn try_from(array: &'a mut ArrayBase<S, D>) -> Result<Self> {
        let data = array.as_mut_ptr();
        let (before, length) = reach(array.shape(), array.strides());
        // SAFETY: as above.
        let raw = unsafe { descriptor(data.sub(before), length, before, array.shape(), array.strides())? };
        Ok(ViewMut::from_raw(raw))
    }
}
