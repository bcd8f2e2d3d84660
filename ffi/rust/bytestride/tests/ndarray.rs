//! Views of ndarray's arrays: any layout of theirs.
#![cfg(feature = "ndarray")]
use bytestride::{add, copy, transpose_inplace, ErrorKind, View, ViewMut};
use ndarray::{arr0, s, Array, Array2, Array3, ArrayD, Axis, IxDyn, ShapeBuilder};

#[test]
fn every_layout() {
    let base = Array::from_iter(0..120_i32).into_shape_with_order((4, 5, 6)).unwrap();
    let mut flipped = base.view();
    flipped.invert_axis(Axis(1));
    let layouts = [
        base.view(),
        base.view().reversed_axes(),
        flipped,
        base.slice(s![..;2, ..;-1, 1..;3]),
        base.slice(s![1..1, .., ..]),
        base.slice(s![2..3, 3..4, ..;-2]),
    ];
    for layout in layouts {
        let mut out = Array3::<f64>::zeros(layout.raw_dim());
        copy(&View::try_from(&layout).unwrap(), &mut ViewMut::try_from(&mut out).unwrap()).unwrap();
        assert_eq!(out, layout.mapv(f64::from));
        let mut out = Array3::<f64>::zeros(layout.raw_dim().f());
        copy(&View::try_from(&layout).unwrap(), &mut ViewMut::try_from(&mut out).unwrap()).unwrap();
        assert_eq!(out, layout.mapv(f64::from));
    }
}

#[test]
fn writing_into_a_part() {
    let mut memory = Array2::<i32>::zeros((4, 6));
    let mut part = memory.slice_mut(s![..;-2, 1..;2]);
    let rows = Array::from_iter(1..=6_i32).into_shape_with_order((2, 3)).unwrap();
    copy(&View::try_from(&rows).unwrap(), &mut ViewMut::try_from(&mut part).unwrap()).unwrap();
    assert_eq!(memory.slice(s![..;-2, 1..;2]), rows);
    assert_eq!(memory.sum(), rows.sum());
}

#[test]
fn disjoint_parts_at_once() {
    let mut memory = Array2::<i32>::from_shape_fn((3, 4), |(i, j)| (10 * i + j) as i32);
    let (mut even, mut odd) = memory.multi_slice_mut((s![.., ..;2], s![.., 1..;2]));
    let one = arr0(1);
    let mut out = ViewMut::try_from(&mut odd).unwrap();
    // Both views interleave in memory and are held at the same time.
    let even = ViewMut::try_from(&mut even).unwrap();
    add(&even.as_view(), &View::try_from(&one).unwrap(), &mut out).unwrap();
    assert_eq!(memory.row(2).to_vec(), [20, 21, 22, 23]);
    assert_eq!(memory.row(1).to_vec(), [10, 11, 12, 13]);
}

#[test]
fn broadcast_arrays_are_read() {
    let row = Array::from_vec(vec![1.0_f32, 2.0, 3.0]);
    let repeated = row.broadcast((2, 3)).unwrap();
    let mut out = Array2::<f32>::zeros((2, 3));
    copy(&View::try_from(&repeated).unwrap(), &mut ViewMut::try_from(&mut out).unwrap()).unwrap();
    assert_eq!(out, repeated);
}

#[test]
fn more_than_eight_dimensions() {
    let array = ArrayD::<f64>::zeros(IxDyn(&[1; 9]));
    assert_eq!(View::try_from(&array).unwrap_err().kind(), ErrorKind::Ndim);
}

#[test]
fn transposing_in_place() {
    let mut matrix = Array2::from_shape_fn((5, 5), |(i, j)| (5 * i + j) as u8);
    let expected = matrix.t().to_owned();
    transpose_inplace(&mut ViewMut::try_from(&mut matrix).unwrap()).unwrap();
    assert_eq!(matrix, expected);
}
