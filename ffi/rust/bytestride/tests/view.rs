//! A view never reaches outside its slice: every combination of small shapes, strides and offsets is tried against
//! listing the elements.
use bytestride::{copy, ErrorKind, View, ViewMut};

/// Element numbers of a view in C order; none if one is outside.
fn listed(length: usize, offset: usize, shape: &[usize], strides: &[isize]) -> Option<Vec<usize>> {
    let mut numbers = vec![offset as isize];
    for (&extent, &stride) in shape.iter().zip(strides) {
        numbers = numbers.iter().flat_map(|&start| (0..extent as isize).map(move |index| start + index * stride)).collect();
    }
    let inside = numbers.iter().all(|number| (0..length as isize).contains(number));
    inside.then(|| numbers.into_iter().map(|number| number as usize).collect())
}

#[test]
fn exactly_the_views_inside_the_slice_exist() {
    let slice: Vec<u32> = (0..7).collect();
    for offset in 0..8 {
        for shape in [[0, 3], [1, 1], [1, 4], [2, 2], [3, 2], [2, 3], [7, 1]] {
            for first in -4..5 {
                for second in -3..4 {
                    let strides = [first, second];
                    let view = View::with_strides(&slice, offset, &shape, &strides);
                    match listed(slice.len(), offset, &shape, &strides) {
                        None => assert_eq!(view.unwrap_err().kind(), ErrorKind::Shape),
                        Some(numbers) => {
                            let mut out = vec![99; numbers.len()];
                            copy(&view.unwrap(), &mut ViewMut::new(&mut out, &shape).unwrap()).unwrap();
                            let expected: Vec<u32> = numbers.iter().map(|&number| slice[number]).collect();
                            assert_eq!(out, expected, "{offset} {shape:?} {strides:?}");
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn extents_that_overflow_are_refused() {
    let slice = [0_u8; 16];
    let huge = usize::MAX;
    for (shape, strides) in [
        (vec![huge, 2], vec![1, 1]),
        (vec![huge; 8], vec![isize::MAX; 8]),
        (vec![huge; 8], vec![isize::MIN; 8]),
        (vec![1 << 62, 4, 1], vec![0, 4, 1]),
        (vec![huge], vec![0]),
    ] {
        let view = View::with_strides(&slice, 0, &shape, &strides);
        let refused = match &view {
            Err(error) => error.kind() == ErrorKind::Shape,
            // Repeating an element often is a view; its elements just cannot be counted.
            Ok(view) => shape.len() == 3 && copy(view, &mut ViewMut::from(&mut [0_u8; 4])).is_err(),
        };
        assert!(refused, "{shape:?} {strides:?}");
    }
    assert!(View::new(&slice, &[2, 1 << 62, 4]).is_err());
    assert!(View::new(&slice, &[usize::MAX, usize::MAX]).is_err());
    assert!(View::new(&slice, &[0, usize::MAX]).is_err());
}

#[test]
fn dimensions_and_strides_are_counted() {
    let slice = [1.0_f32];
    assert!(View::new(&slice, &[1; 8]).is_ok());
    assert_eq!(View::new(&slice, &[1; 9]).unwrap_err().kind(), ErrorKind::Ndim);
    assert_eq!(View::with_strides(&slice, 0, &[1, 1], &[1]).unwrap_err().kind(), ErrorKind::Shape);
    assert_eq!(View::with_strides(&slice, 2, &[0], &[1]).unwrap_err().kind(), ErrorKind::Shape);
    assert!(View::with_strides(&slice, 1, &[0], &[1]).unwrap().is_empty());
}

fn elements(view: View<i32>) -> Vec<i32> {
    let mut out = vec![0; view.len()];
    let shape = view.shape();
    copy(&view, &mut ViewMut::new(&mut out, &shape).unwrap()).unwrap();
    out
}

#[test]
fn parts_of_a_view() {
    let numbers: Vec<i32> = (0..24).collect();
    let view = View::new(&numbers, &[2, 3, 4]).unwrap();
    assert_eq!((view.shape(), view.strides(), view.ndim(), view.len()), (vec![2, 3, 4], vec![12, 4, 1], 3, 24));

    let row = view.index(0, 1).unwrap().index(0, 2).unwrap();
    assert_eq!(elements(row), [20, 21, 22, 23]);
    assert_eq!(elements(row.flip(0).unwrap()), [23, 22, 21, 20]);
    assert_eq!(elements(row.slice(0, 1..4, 2).unwrap()), [21, 23]);
    assert_eq!(elements(row.flip(0).unwrap().slice(0, 1..4, 2).unwrap()), [22, 20]);
    assert_eq!(elements(row.index(0, 3).unwrap()), [23]);
    let part = view.slice(0, 0..1, 1).unwrap().slice(1, 1..3, 1).unwrap().slice(2, 0..4, 3).unwrap();
    assert_eq!(elements(part.permute(&[2, 1, 0]).unwrap()), [4, 8, 7, 11]);
    assert!(elements(view.slice(1, 2..2, 1).unwrap().flip(0).unwrap().flip(1).unwrap()).is_empty());
    assert_eq!(elements(view.slice(2, 3..4, usize::MAX).unwrap().index(0, 0).unwrap()), [3, 7, 11]);
}

#[test]
fn parts_outside_a_view_do_not_exist() {
    let numbers = [0_i32; 6];
    let view = View::new(&numbers, &[2, 3]).unwrap();
    let kinds = [
        view.index(2, 0).unwrap_err(),
        view.index(1, 3).unwrap_err(),
        view.index(0, usize::MAX).unwrap_err(),
        view.flip(2).unwrap_err(),
        view.slice(0, 0..3, 1).unwrap_err(),
        view.slice(0, 0..1, 0).unwrap_err(),
        view.slice(2, 0..1, 1).unwrap_err(),
        view.permute(&[0]).unwrap_err(),
        view.permute(&[0, 0]).unwrap_err(),
        view.permute(&[0, 2]).unwrap_err(),
        view.permute(&[0, 1, 2]).unwrap_err(),
        View::new(&[0_i32; 0], &[0]).unwrap().index(0, 0).unwrap_err(),
    ];
    assert!(kinds.iter().all(|error| error.kind() == ErrorKind::Option));
    #[allow(clippy::reversed_empty_ranges)]
    let reversed = view.slice(0, 2..1, 1);
    assert!(reversed.is_err());
}

#[test]
fn writing_through_parts_touches_nothing_else() {
    let mut memory = [-1_i32; 12];
    let view = ViewMut::new(&mut memory, &[3, 4]).unwrap();
    let mut part = view.slice(0, 0..3, 2).unwrap().slice(1, 1..3, 1).unwrap().flip(1).unwrap();
    copy(&View::new(&[1_i32, 2, 3, 4], &[2, 2]).unwrap(), &mut part).unwrap();
    assert_eq!(memory, [-1, 2, 1, -1, -1, -1, -1, -1, -1, 4, 3, -1]);
}

#[test]
fn a_view_of_what_was_written() {
    let mut memory = [0_i32; 4];
    let mut view = ViewMut::from(&mut memory);
    copy(&View::from(&[1_u8, 2, 3, 4]), &mut view.reborrow().flip(0).unwrap()).unwrap();
    assert_eq!(elements(view.as_view()), [4, 3, 2, 1]);
}

#[test]
fn views_move_between_threads() {
    fn sendable<T: Send + Sync>(_: &T) {}
    let numbers = vec![1_i32; 1000];
    let view = View::from(&numbers);
    sendable(&view);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!(elements(view), numbers));
        }
    });
}
