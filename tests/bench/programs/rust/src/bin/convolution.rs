//! The convolution article's case: 128 x 128 with 3 x 3.
use bytestride::{convolve, View, ViewMut};

const SIDE: usize = 128;

fn main() -> Result<(), std::io::Error> {
    let image: Vec<f64> = (0..SIDE * SIDE).map(|i| (i * 7 % 251) as f64).collect();
    let kernel = [-1.0, -1.0, -1.0, -1.0, 8.0, -1.0, -1.0, -1.0, -1.0];
    bytestride_programs::run(&mut vec![0.0_f64; SIDE * SIDE], |result| {
        convolve(&View::new(&image, &[SIDE, SIDE])?, &View::new(&kernel, &[3, 3])?, &mut ViewMut::new(result, &[SIDE, SIDE])?)
    })
}
