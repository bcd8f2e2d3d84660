//! The scaling article's case: pattern search for 100 points; the result is stress and sweeps.
use bytestride::{DistancesOptions, MdsInit, MdsMethod, MdsOptions, View, ViewMut};
use bytestride_programs::golden;

const POINTS: usize = 100;
const DIMENSIONS: usize = 10;

fn main() -> Result<(), std::io::Error> {
    let data: Vec<f64> = (1..=POINTS * DIMENSIONS).map(golden).collect();
    let mut goal = vec![0.0_f64; POINTS * POINTS];
    let mut prepare = || {
        let square = &mut ViewMut::new(&mut goal, &[POINTS, POINTS])?;
        DistancesOptions::new().distances::<_, f64, _>(&View::new(&data, &[POINTS, DIMENSIONS])?, None, square)
    };
    prepare().map_err(|error: bytestride::Error| std::io::Error::other(error.to_string()))?;
    bytestride_programs::run(&mut [0.0_f64; 2], |result| {
        let mut points: Vec<f64> = (10_000..10_000 + 2 * POINTS).map(golden).collect();
        let found = MdsOptions::new().method(MdsMethod::Pattern).init(MdsInit::Given).mds(
            &View::new(&goal, &[POINTS, POINTS])?,
            &mut ViewMut::new(&mut points, &[POINTS, 2])?,
            None,
        )?;
        result.copy_from_slice(&[found.stress, found.n_iter as f64]);
        Ok(())
    })
}
