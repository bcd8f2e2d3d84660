//! The depth article's case: 240 x 320 readings in millimetres, with its signs.
use bytestride::{Camera, DepthOptions, Frame, Invalid, View, ViewMut};
use bytestride_programs::golden;

const ROWS: usize = 240;
const COLUMNS: usize = 320;

fn main() -> Result<(), std::io::Error> {
    let depth: Vec<u16> = (0..ROWS * COLUMNS).map(|i| 400 + (7600.0 * golden(i)) as u16).collect();
    let camera = Camera { fx: 525.0, fy: 525.0, cx: 159.5, cy: 119.5 };
    bytestride_programs::run(&mut vec![0.0_f32; ROWS * COLUMNS * 3], |result| {
        DepthOptions::new().invalid(Invalid::Zero).frame(Frame::Inverted).depth_to_points::<_, _, u8>(
            &View::new(&depth, &[ROWS, COLUMNS])?,
            camera,
            Some(&mut ViewMut::new(result, &[ROWS, COLUMNS, 3])?),
            None,
            None,
        )?;
        Ok(())
    })
}
