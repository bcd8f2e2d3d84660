//! The array talk's case: array + 1 on 256 x 256 x 256.
use bytestride::{add, View, ViewMut};

const SHAPE: [usize; 3] = [256, 256, 256];

fn main() -> Result<(), std::io::Error> {
    let count = SHAPE.iter().product();
    let volume: Vec<f64> = (0..count).map(|i| (i & 255) as f64).collect();
    // Numbers, not zeros: so its memory is there before the time counts.
    bytestride_programs::run(&mut vec![1.0_f64; count], |result| {
        add(&View::new(&volume, &SHAPE)?, &View::scalar(&1.0), &mut ViewMut::new(result, &SHAPE)?)
    })
}
