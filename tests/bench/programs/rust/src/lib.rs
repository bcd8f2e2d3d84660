//! What the programs share: the command line of forms.py.
use std::{env, fs, io::Error, slice};

/// Numbers between 0 and 1 that are the same in every language.
pub fn golden(index: usize) -> f64 {
    (index as f64 * 0.6180339887498949).fract()
}

/// Computes as often as the command line says, and writes the result's bytes where it says.
pub fn run<T: Copy>(result: &mut [T], mut compute: impl FnMut(&mut [T]) -> bytestride::Result<()>) -> Result<(), Error> {
    let words: Vec<String> = env::args().collect();
    let [_, _form, repetitions, file, _part] = words.as_slice() else {
        return Err(Error::other("usage: program FORM REPETITIONS FILE PART"));
    };
    for _ in 0..repetitions.parse::<usize>().map_err(Error::other)? {
        compute(result).map_err(|error| Error::other(error.to_string()))?;
    }
    if file == "-" {
        return Ok(());
    }
    // Every bit pattern of a number is bytes.
    let bytes = unsafe { slice::from_raw_parts(result.as_ptr().cast::<u8>(), size_of_val(result)) };
    fs::write(file, bytes)
}
