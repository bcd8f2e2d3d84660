//! Every operation, on strided views, against plain loops.
use bytestride::*;
use std::sync::atomic::{AtomicI32, AtomicI64, Ordering};

#[test]
fn arithmetic_on_strided_views() {
    let a: Vec<f64> = (0..12).map(|i| 0.5 + i as f64).collect();
    let b: Vec<i16> = (0..4).map(|i| 3 - 2 * i).collect();
    // The second operand is repeated for every row; the first is read backwards.
    let backwards = View::new(&a, &[3, 4]).unwrap().flip(0).unwrap().flip(1).unwrap();
    let row = View::new(&b, &[1, 4]).unwrap();
    type Operation = fn(&View<f64>, &View<i16>, &mut ViewMut<f64>) -> Result<()>;
    type Expected = fn(f64, f64) -> f64;
    let operations: [(Operation, Expected); 6] = [
        (add, |x, y| x + y),
        (subtract, |x, y| x - y),
        (multiply, |x, y| x * y),
        (divide, |x, y| x / y),
        (minimum, f64::min),
        (maximum, f64::max),
    ];
    for (operation, expected) in operations {
        let mut out = vec![f64::NAN; 24];
        let mut every_other = ViewMut::with_strides(&mut out, 1, &[3, 4], &[8, 2]).unwrap();
        operation(&backwards, &row, &mut every_other).unwrap();
        for i in 0..12 {
            assert_eq!(out[2 * i + 1], expected(a[11 - i], f64::from(b[i % 4])));
            assert!(out[2 * i].is_nan());
        }
    }
}

#[test]
fn every_element_type() {
    fn twice<T: Element + PartialEq + std::fmt::Debug>(one: T, two: T) {
        let mut out = [one; 5];
        add(&View::from(&[one; 5]), &View::scalar(&one), &mut ViewMut::from(&mut out)).unwrap();
        assert_eq!(out, [two; 5]);
    }
    twice(true, true);
    twice(1_i8, 2);
    twice(1_i16, 2);
    twice(1_i32, 2);
    twice(1_i64, 2);
    twice(128_u8, 0);
    twice(1_u16, 2);
    twice(1_u32, 2);
    twice(1_u64, 2);
    twice(F16(0x3c00), F16(0x4000));
    twice(1.0_f32, 2.0);
    twice(1.0_f64, 2.0);
    twice(Complex { re: 1.0_f32, im: -2.0 }, Complex { re: 2.0, im: -4.0 });
    twice(Complex { re: 1.0_f64, im: -2.0 }, Complex { re: 2.0, im: -4.0 });
}

#[test]
fn casts_by_both_rules() {
    let numbers = [-1.0_f64, 2.5, 300.0, f64::NAN];
    let mut out = [0_u8; 4];
    copy(&View::from(&numbers), &mut ViewMut::from(&mut out)).unwrap();
    assert_eq!(out, [255, 2, 44, 0]);
    CopyOptions::new().rule(Rule::Saturate).threads(1).copy(&View::from(&numbers), &mut ViewMut::from(&mut out)).unwrap();
    assert_eq!(out, [0, 2, 255, 0]);
}

#[test]
fn transposing_in_place() {
    let mut square: Vec<u16> = (0..9).collect();
    let mut view = ViewMut::new(&mut square, &[3, 3]).unwrap();
    transpose_inplace(&mut view).unwrap();
    assert_eq!(view.shape(), [3, 3]);
    assert_eq!(square, [0, 3, 6, 1, 4, 7, 2, 5, 8]);

    let mut long: Vec<u16> = (0..35).collect();
    let mut view = ViewMut::new(&mut long, &[5, 7]).unwrap();
    Options::new().threads(2).transpose_inplace(&mut view).unwrap();
    assert_eq!((view.shape(), view.strides()), (vec![7, 5], vec![5, 1]));
    assert!((0..35).all(|i| long[i] as usize == i % 5 * 7 + i / 5));

    let mut view = ViewMut::new(&mut long, &[5, 7]).unwrap().slice(1, 0..6, 1).unwrap();
    assert_eq!(transpose_inplace(&mut view).unwrap_err().kind(), ErrorKind::Shape);
}

/// The definition, for `Region::Same` and odd kernels.
fn filtered(image: &[Vec<f64>], kernel: &[Vec<f64>], flip: bool, outside: impl Fn(isize, isize) -> f64) -> Vec<f64> {
    let (rows, columns) = (image.len() as isize, image[0].len() as isize);
    let (height, width) = (kernel.len() as isize, kernel[0].len() as isize);
    let mut result = Vec::new();
    for row in 0..rows {
        for column in 0..columns {
            let mut sum = 0.0;
            for i in 0..height {
                for j in 0..width {
                    let (down, right) = if flip { (height / 2 - i, width / 2 - j) } else { (i - height / 2, j - width / 2) };
                    let (y, x) = (row + down, column + right);
                    let inside = (0..rows).contains(&y) && (0..columns).contains(&x);
                    let value = if inside { image[y as usize][x as usize] } else { outside(y, x) };
                    sum += kernel[i as usize][j as usize] * value;
                }
            }
            result.push(sum);
        }
    }
    result
}

#[test]
fn one_channel_of_an_image() {
    let (rows, columns) = (9, 11);
    let pixels: Vec<u8> = (0..rows * columns * 3).map(|i| (i * 37 % 251) as u8).collect();
    let channel = View::new(&pixels, &[rows, columns, 3]).unwrap().index(2, 1).unwrap().flip(0).unwrap();
    let taps = [[1.0, 2.0, -1.0], [0.5, 0.0, 3.0], [4.0, -2.0, 1.0]];
    let kernel_memory = taps.concat();
    let kernel = View::new(&kernel_memory, &[3, 3]).unwrap();
    let at = |row: usize, column: usize| f64::from(pixels[((rows - 1 - row) * columns + column) * 3 + 1]);
    let image: Vec<Vec<f64>> = (0..rows).map(|row| (0..columns).map(|column| at(row, column)).collect()).collect();
    let kernel_rows: Vec<Vec<f64>> = taps.iter().map(|row| row.to_vec()).collect();
    let nearest = |y: isize, x: isize| at(y.clamp(0, rows as isize - 1) as usize, x.clamp(0, columns as isize - 1) as usize);

    let mut out = vec![0.0_f64; rows * columns];
    let mut result = ViewMut::new(&mut out, &[rows, columns]).unwrap();
    convolve(&channel, &kernel, &mut result).unwrap();
    assert_eq!(out, filtered(&image, &kernel_rows, true, |_, _| 0.0));

    let mut result = ViewMut::new(&mut out, &[rows, columns]).unwrap();
    correlate(&channel, &kernel, &mut result).unwrap();
    assert_eq!(out, filtered(&image, &kernel_rows, false, |_, _| 0.0));

    let mut result = ViewMut::new(&mut out, &[rows, columns]).unwrap();
    let options = ConvolveOptions::new().method(Method::Direct).threads(2);
    options.boundary(Boundary::Nearest).convolve(&channel, &kernel, &mut result).unwrap();
    assert_eq!(out, filtered(&image, &kernel_rows, true, nearest));

    let mut result = ViewMut::new(&mut out, &[rows, columns]).unwrap();
    options.fill_integer(7).convolve(&channel, &kernel, &mut result).unwrap();
    assert_eq!(out, filtered(&image, &kernel_rows, true, |_, _| 7.0));
}

#[test]
fn regions_boundaries_and_origins() {
    let input = [1_i32, 2, 4, 8];
    let kernel = [1_i32, 10, 100];
    let run = |options: ConvolveOptions, length: usize| {
        let mut out = vec![0_i64; length];
        options.convolve(&View::from(&input), &View::from(&kernel), &mut ViewMut::from(&mut out)).map(|()| out)
    };
    let new = ConvolveOptions::new;
    assert_eq!(run(new().region(Region::Full), 6).unwrap(), [1, 12, 124, 248, 480, 800]);
    assert_eq!(run(new().region(Region::Valid), 2).unwrap(), [124, 248]);
    assert_eq!(run(new(), 4).unwrap(), [12, 124, 248, 480]);
    assert_eq!(run(new().boundary(Boundary::Reflect), 4).unwrap(), [112, 124, 248, 488]);
    assert_eq!(run(new().boundary(Boundary::Nearest), 4).unwrap(), [112, 124, 248, 488]);
    assert_eq!(run(new().boundary(Boundary::Mirror), 4).unwrap(), [212, 124, 248, 484]);
    assert_eq!(run(new().boundary(Boundary::Wrap), 4).unwrap(), [812, 124, 248, 481]);
    assert_eq!(run(new().fill_integer(-1), 4).unwrap(), [-88, 124, 248, 479]);
    assert_eq!(run(new().axes(&[-1]), 4).unwrap(), [12, 124, 248, 480]);
    assert_eq!(run(new().origin(&[1]), 4).unwrap().len(), 4);
    for wrong in [
        new().origin(&[2]),
        new().axes(&[1]),
        new().axes(&[0, 0]),
        new().axes(&[0; 9]),
        new().origin(&[isize::MAX]),
        new().method(Method::Fft),
    ] {
        assert!(matches!(run(wrong, 4).unwrap_err().kind(), ErrorKind::Option | ErrorKind::Ndim | ErrorKind::Shape));
    }
    assert_eq!(run(new(), 5).unwrap_err().kind(), ErrorKind::Shape);
}

#[test]
fn errors_say_what_was_wrong() {
    let mut out = [0_i32; 3];
    let error = add(&View::from(&[1_i32, 2, 3]), &View::from(&[1_i32, 2]), &mut ViewMut::from(&mut out)).unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Shape, sys::BYTESTRIDE_ERROR_SHAPE));
    assert!(error.message().starts_with("argument 2 (b)"), "{error}");
    assert_eq!(error.to_string(), error.message());
    let error: Box<dyn std::error::Error> = error.into();
    assert!(error.source().is_none());

    let error = add(&View::from(&[1.5_f32]), &View::from(&[1_i32]), &mut ViewMut::from(&mut out)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DType);
    let mut shared = ViewMut::with_strides(&mut out, 0, &[3, 3], &[1, 0]).unwrap();
    let error = copy(&View::new(&[1_i32; 9], &[3, 3]).unwrap(), &mut shared).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Overlap);
    assert_eq!(out, [0; 3]);
}

#[test]
fn cancelling_and_progress() {
    let numbers = vec![1.0_f64; 1 << 22];
    let mut out = vec![0.0_f64; 1 << 22];
    let (a, cancel, progress) = (View::from(&numbers), AtomicI32::new(0), [AtomicI64::new(0), AtomicI64::new(0)]);
    let options = Options::new().cancel(&cancel).progress(&progress);
    options.add(&a, &a, &mut ViewMut::from(&mut out)).unwrap();
    assert!(out.iter().all(|&x| x == 2.0));
    let [done, all] = progress.each_ref().map(|word| word.load(Ordering::Relaxed));
    assert!(done == all && all > 0, "{done} of {all}");
    cancel.store(1, Ordering::Relaxed);
    assert_eq!(options.add(&a, &a, &mut ViewMut::from(&mut out)).unwrap_err().kind(), ErrorKind::Cancelled);
}

#[test]
fn facts_about_the_library() {
    assert!(version().starts_with("1."));
    assert!(["baseline", "avx2", "avx512", "neon"].contains(&isa().as_str()));
    assert!(build_info().contains("\"levels\""));
    let before = num_threads();
    set_num_threads(3).unwrap();
    assert_eq!(num_threads(), 3);
    set_num_threads(0).unwrap();
    assert_eq!(num_threads(), before);
}
