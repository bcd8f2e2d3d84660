//! Distances and multidimensional scaling, on strided views, against plain loops.
use bytestride::*;
use std::sync::atomic::AtomicI32;

const POINTS: [f64; 8] = [0.0, 0.0, 3.0, 4.0, 6.0, 8.0, -3.0, 4.0];

fn measure(metric: Metric, a: &[f64], b: &[f64]) -> f64 {
    let differences = a.iter().zip(b).map(|(x, y)| (x - y).abs());
    match metric {
        Metric::Euclidean => differences.map(|d| d * d).sum::<f64>().sqrt(),
        Metric::SquaredEuclidean => differences.map(|d| d * d).sum(),
        Metric::Cityblock => differences.sum(),
        Metric::Chebyshev => differences.fold(0.0, f64::max),
    }
}

#[test]
fn distances_of_every_metric() {
    let backwards = View::new(&POINTS, &[4, 2]).unwrap().flip(0).unwrap();
    let row = |i: usize| &POINTS[2 * (3 - i)..2 * (3 - i) + 2];
    for metric in [Metric::Euclidean, Metric::SquaredEuclidean, Metric::Cityblock, Metric::Chebyshev] {
        let options = DistancesOptions::new().metric(metric).threads(2);
        let mut out = vec![f64::NAN; 32];
        let mut every_other = ViewMut::with_strides(&mut out, 1, &[4, 4], &[8, 2]).unwrap();
        options.distances(&backwards, None::<&View<f64>>, &mut every_other).unwrap();
        for i in 0..16 {
            assert_eq!(out[2 * i + 1], measure(metric, row(i / 4), row(i % 4)));
            assert!(out[2 * i].is_nan());
        }
        let mut line = [0.0; 4];
        options.distances_from(&backwards, &View::from(&[3.0, 4.0]), &mut ViewMut::from(&mut line)).unwrap();
        assert!((0..4).all(|i| line[i] == measure(metric, row(i), &[3.0, 4.0])));
        let mut all = [-1.0; 16];
        options.update_distances(&backwards, &mut ViewMut::new(&mut all, &[4, 4]).unwrap(), 2).unwrap();
        for (i, &written) in all.iter().enumerate() {
            let expected = if i / 4 == 2 || i % 4 == 2 { measure(metric, row(i / 4), row(i % 4)) } else { -1.0 };
            assert_eq!(written, expected);
        }
        let error = options.update_distances(&backwards, &mut ViewMut::new(&mut all, &[4, 4]).unwrap(), 4).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Option);
    }
    let mut short = [0_i32; 16];
    let error = distances(&backwards, &backwards, &mut ViewMut::new(&mut short, &[4, 4]).unwrap()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DType);
}

#[test]
fn squared_errors() {
    let (goal, current, weights) = ([1_u8, 2, 3, 4, 5, 6], [0.5_f64, 2.0, 5.0, 4.0, 5.0, f64::NAN], [2_i16, 1, 1, 1, 1, 0]);
    let goal = View::new(&goal, &[2, 3]).unwrap();
    let current = View::new(&current, &[2, 3]).unwrap();
    let weights = View::new(&weights, &[2, 3]).unwrap();
    let options = SquaredErrorOptions::new().weights(&weights);
    let (mut rows, mut whole) = ([0.0; 2], [0.0]);
    options.squared_error(&goal, &current, &mut ViewMut::from(&mut rows)).unwrap();
    options.squared_error(&goal, &current, &mut ViewMut::new(&mut whole, &[]).unwrap()).unwrap();
    assert_eq!((rows, whole), ([4.5, 0.0], [4.5]));
    squared_error(&goal, &current, &mut ViewMut::from(&mut rows)).unwrap();
    assert!(rows[0] == 4.25 && rows[1].is_nan());
}

#[test]
fn scaling_by_every_method() {
    let mut goal = [0.0; 16];
    let points = View::new(&POINTS, &[4, 2]).unwrap();
    distances(&points, &points, &mut ViewMut::new(&mut goal, &[4, 4]).unwrap()).unwrap();
    let goal = View::new(&goal, &[4, 4]).unwrap();
    for method in [MdsMethod::Auto, MdsMethod::Sgd, MdsMethod::Smacof, MdsMethod::Pattern] {
        let options = MdsOptions::new().method(method).max_iter(200).n_init(8).eps(1e-12).threads(1);
        let (mut found, mut history) = ([0.0; 8], [f64::NAN; 201]);
        let mut recorded = ViewMut::from(&mut history);
        let result = options.mds(&goal, &mut ViewMut::new(&mut found, &[4, 2]).unwrap(), Some(&mut recorded)).unwrap();
        assert!(result.normalized_stress < 0.01, "{method:?}: {result:?}");
        assert!((history[result.n_iter - 1] - result.stress).abs() <= 1e-9 * (1.0 + result.stress));
        assert!(history[result.n_iter..].iter().all(|x| x.is_nan()));
    }
}

#[test]
fn scaling_from_a_given_start() {
    let goal = [0, 2, 2, 0];
    let goal = View::new(&goal, &[2, 2]).unwrap();
    let mut points = [0.0, 1.0];
    let options = MdsOptions::new().method(MdsMethod::Smacof).init(MdsInit::Given).max_iter(1).eps(0.0);
    let result = options.mds(&goal, &mut ViewMut::new(&mut points, &[2, 1]).unwrap(), None).unwrap();
    assert_eq!((points, result.n_iter, result.converged, result.stress), ([-1.0, 1.0], 1, false, 0.0));
    let half = [0.0, 0.5, 0.5, 0.0];
    let half = View::new(&half, &[2, 2]).unwrap();
    points = [0.0, 3.0];
    let result = options.weights(&half).mds(&goal, &mut ViewMut::new(&mut points, &[2, 1]).unwrap(), None).unwrap();
    assert!((points[1] - points[0] - 2.0).abs() < 1e-12 && result.stress < 1e-20);
}

#[test]
fn wrong_scaling() {
    let run = |goal: &[f64; 4], options: MdsOptions| {
        let mut points = [7.0; 4];
        let result = options.mds(&View::new(goal, &[2, 2]).unwrap(), &mut ViewMut::new(&mut points, &[2, 2]).unwrap(), None);
        let kind = result.unwrap_err().kind();
        assert_eq!(points, [7.0; 4]);
        kind
    };
    let (new, fine) = (MdsOptions::new, [0.0, 1.0, 1.0, 0.0]);
    for goal in [[0.0, 1.0, 2.0, 0.0], [0.0, -1.0, -1.0, 0.0], [0.0, f64::INFINITY, f64::INFINITY, 0.0]] {
        assert_eq!(run(&goal, new()), ErrorKind::Option);
        assert_eq!(run(&goal, new().method(MdsMethod::Pattern)), ErrorKind::Option);
    }
    for wrong in
        [new().radius(0.0), new().explore(1.5), new().sample(0.0), new().relaxation(2.0), new().nonmetric(true).method(MdsMethod::Sgd)]
    {
        assert_eq!(run(&fine, wrong), ErrorKind::Option);
    }
    let stop = AtomicI32::new(1);
    assert_eq!(run(&fine, new().cancel(&stop)), ErrorKind::Cancelled);
    let mut points = [0.0; 4];
    let missing = [0.0, f64::NAN, f64::NAN, 0.0];
    let error = classical_mds(&View::new(&missing, &[2, 2]).unwrap(), &mut ViewMut::new(&mut points, &[2, 2]).unwrap(), None).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Option);
}
