//! The talk's 3000 binary searches in 100 000 numbers.
use bytestride::{binary_search, View, ViewMut};
use bytestride_programs::golden;

const SIZE: usize = 100_000;
const SEARCHES: usize = 3_000;

fn main() -> Result<(), std::io::Error> {
    let numbers: Vec<i64> = (0..SIZE as i64).map(|i| 2 * i).collect();
    let targets: Vec<i64> = (0..SEARCHES).map(|i| (2.0 * SIZE as f64 * golden(i)) as i64).collect();
    bytestride_programs::run(&mut vec![0_i64; SEARCHES], |result| {
        binary_search(&View::from(&numbers), &View::from(&targets), &mut ViewMut::new(result, &[SEARCHES])?)
    })
}
