//! A depth image becomes a cloud of points without its gaps; then the points' distances from the camera are sorted into zones.
use bytestride::{depth_to_points, distances_from, searchsorted, Camera, DepthOptions, ErrorKind, Invalid, View, ViewMut};

const ROWS: usize = 3;
const COLUMNS: usize = 4;
const PIXELS: usize = ROWS * COLUMNS;

fn main() -> bytestride::Result<()> {
    // Millimetres along the optical axis; 0: no reading.
    let depth = [1000_u16, 1200, 0, 4000, 1100, 0, 2500, 4100, 0, 1500, 2600, 0];
    let image = View::new(&depth, &[ROWS, COLUMNS])?;
    let camera = Camera { fx: 2.0, fy: 2.0, cx: 1.5, cy: 1.0 };

    // Room for every pixel; the result says how many have a reading, `places` which ones.
    let (mut points, mut places) = ([0.0_f32; PIXELS * 3], [0_i64; PIXELS]);
    let count = DepthOptions::new().invalid(Invalid::Drop).depth_to_points::<_, _, u8>(
        &image,
        camera,
        Some(&mut ViewMut::new(&mut points, &[PIXELS, 3])?),
        None,
        Some(&mut ViewMut::from(&mut places)),
    )?;
    let points = &points[..count * 3];

    // How far each point is from the camera, at the origin, and into which zone that falls: below 1.25 m, below 3 m, beyond.
    let (mut distances, mut zones) = (vec![0.0_f32; count], vec![0_i64; count]);
    distances_from(&View::new(points, &[count, 3])?, &View::from(&[0.0_f32; 3]), &mut ViewMut::from(&mut distances))?;
    searchsorted(&View::from(&[1.25_f32, 3.0]), &View::from(&distances), &mut ViewMut::from(&mut zones))?;
    for (((place, point), distance), zone) in places.iter().zip(points.chunks(3)).zip(&distances).zip(&zones) {
        let [x, y, z] = [point[0], point[1], point[2]];
        println!("pixel {place:2}: {x:7.3} {y:7.3} {z:7.3}, {distance:.3} m away, zone {zone}");
    }

    // A focal length of zero is an error that names it.
    let mut organised = [0.0_f32; PIXELS * 3];
    let wrong = depth_to_points(&image, Camera { fx: 0.0, ..camera }, &mut ViewMut::new(&mut organised, &[ROWS, COLUMNS, 3])?);
    let error = wrong.expect_err("nothing can be divided by zero");
    println!("status {}: {error}", error.status());
    assert_eq!(error.kind(), ErrorKind::Option);
    Ok(())
}
