//! The photograph's case: 535 x 950 pixels of RGBA.
use bytestride::{neighbor_product, View, ViewMut};
use bytestride_programs::golden;

const SHAPE: [usize; 3] = [535, 950, 4];

fn main() -> Result<(), std::io::Error> {
    let count = SHAPE.iter().product();
    let image: Vec<u8> = (0..count).map(|i| 1 + (255.0 * golden(i)) as u8).collect();
    bytestride_programs::run(&mut vec![0_u8; count], |result| {
        neighbor_product(&View::new(&image, &SHAPE)?, &mut ViewMut::new(result, &SHAPE)?)
    })
}
