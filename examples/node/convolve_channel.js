// Blurs the green channel of an interleaved image, read upside down, without copying it; then shows an error.
//
//   npm install --install-links <folder of the project>/ffi/node && node convolve_channel.js
import { BytestrideError, View, convolve, convolveAsync } from 'bytestride';

const [rows, columns, channels] = [4, 6, 3];
const image = new Uint8Array(rows * columns * channels).fill(255);
for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
        image[(row * columns + column) * channels + 1] = row * row * column;
    }
}

// A view of every third byte, from the last row upwards.
const green = new View(image, [rows, columns, channels]).index(2, 1).flip(0);
const kernel = new View(Float32Array.of(1, 2, 1, 2, 4, 2, 1, 2, 1).map((weight) => weight / 16), [3, 3]);
const blurred = View.zeros('float32', [rows, columns]);

// On another thread; several may run at once.
await convolveAsync(green, kernel, blurred, { boundary: 'nearest' });
for (let row = 0; row < rows; row++) {
    const values = blurred.data.subarray(row * columns, (row + 1) * columns);
    console.log(Array.from(values, (value) => value.toFixed(4).padStart(8)).join(''));
}

// A wrong argument is an error with a status and a message; nothing was written.
try {
    convolve(green, kernel, blurred, { region: 'valid' });
    throw new Error('a valid region is smaller than the image');
} catch (error) {
    if (!(error instanceof BytestrideError && error.code === 'BYTESTRIDE_ERROR_SHAPE')) {
        throw error;
    }
    console.log(`status ${error.status}: ${error.message}`);
}
