//! Blurs the green channel of an interleaved image, read upside down, without copying it; then shows an error.
use bytestride::{Boundary, ConvolveOptions, ErrorKind, Region, View, ViewMut};

const ROWS: usize = 4;
const COLUMNS: usize = 6;
const CHANNELS: usize = 3;

fn main() -> bytestride::Result<()> {
    let mut image = vec![255_u8; ROWS * COLUMNS * CHANNELS];
    for row in 0..ROWS {
        for column in 0..COLUMNS {
            image[(row * COLUMNS + column) * CHANNELS + 1] = (row * row * column) as u8;
        }
    }

    // A view of every third byte, from the last row upwards.
    let green = View::new(&image, &[ROWS, COLUMNS, CHANNELS])?.index(2, 1)?.flip(0)?;
    let weights = [1.0_f32, 2.0, 1.0, 2.0, 4.0, 2.0, 1.0, 2.0, 1.0].map(|weight| weight / 16.0);
    let kernel = View::new(&weights, &[3, 3])?;
    let mut blurred = [0.0_f32; ROWS * COLUMNS];

    let options = ConvolveOptions::new().boundary(Boundary::Nearest);
    options.convolve(&green, &kernel, &mut ViewMut::new(&mut blurred, &[ROWS, COLUMNS])?)?;
    for row in blurred.chunks(COLUMNS) {
        println!("{}", row.iter().map(|value| format!("{value:8.4}")).collect::<String>());
    }

    // A wrong argument is an error with a status and a message; nothing was written.
    let wrong = options.region(Region::Valid).convolve(&green, &kernel, &mut ViewMut::new(&mut blurred, &[ROWS, COLUMNS])?);
    let error = wrong.expect_err("a valid region is smaller than the image");
    println!("status {}: {error}", error.status());
    assert_eq!(error.kind(), ErrorKind::Shape);
    Ok(())
}
