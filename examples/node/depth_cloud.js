// A depth image becomes a cloud of points without its gaps; then the points' distances from the camera are sorted into zones.
//
//   npm install --install-links <folder of the project>/ffi/node && node depth_cloud.js
import { BytestrideError, View, depthToPoints, distancesFrom, searchsorted } from 'bytestride';

const [rows, columns] = [3, 4];
// Millimetres along the optical axis; 0: no reading.
const image = new View(Uint16Array.of(1000, 1200, 0, 4000, 1100, 0, 2500, 4100, 0, 1500, 2600, 0), [rows, columns]);

// Room for every pixel; the result says how many have a reading, `places` which ones.
const room = View.zeros('float32', [rows * columns, 3]);
const places = new BigInt64Array(rows * columns);
const count = depthToPoints(image, room, null, places, 2, 2, 1.5, 1, { invalid: 'drop' });
const points = room.slice(0, 0, count);

// How far each point is from the camera, at the origin, and into which zone that falls: below 1.25 m, below 3 m, beyond.
const [distances, zones] = [new Float32Array(count), new BigInt64Array(count)];
distancesFrom(points, new Float32Array(3), distances);
searchsorted(Float32Array.of(1.25, 3), distances, zones);
zones.forEach((zone, i) => {
    const [x, y, z] = Array.from(points.data.subarray(3 * i, 3 * i + 3), (value) => value.toFixed(3).padStart(7));
    console.log(`pixel ${String(places[i]).padStart(2)}: ${x} ${y} ${z}, ${distances[i].toFixed(3)} m away, zone ${zone}`);
});

// A focal length of zero is an error that names it.
try {
    depthToPoints(image, View.zeros('float32', [rows, columns, 3]), null, null, 0, 2, 1.5, 1);
    throw new Error('nothing can be divided by zero');
} catch (error) {
    if (!(error instanceof BytestrideError && error.code === 'BYTESTRIDE_ERROR_OPTION')) {
        throw error;
    }
    console.log(`status ${error.status}: ${error.message}`);
}
