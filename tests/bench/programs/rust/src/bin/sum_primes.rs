//! The talk's sums of primes below 49 limits.
use bytestride::{sum_primes, View, ViewMut};

fn main() -> Result<(), std::io::Error> {
    let limits: Vec<i64> = (1..50).map(|i| 100_000 * i).collect();
    bytestride_programs::run(&mut vec![0_u64; limits.len()], |result| {
        let count = result.len();
        sum_primes(&View::from(&limits), &mut ViewMut::new(result, &[count])?)
    })
}
