//! The talk's cast_copy_transpose: 150 x 150.
use bytestride::{copy, View, ViewMut};

const SIDE: usize = 150;

fn main() -> Result<(), std::io::Error> {
    let matrix: Vec<f64> = (0..SIDE * SIDE).map(|i| i as f64 / 7.0).collect();
    bytestride_programs::run(&mut vec![0.0_f32; SIDE * SIDE], |result| {
        copy(&View::new(&matrix, &[SIDE, SIDE])?.permute(&[1, 0])?, &mut ViewMut::new(result, &[SIDE, SIDE])?)
    })
}
