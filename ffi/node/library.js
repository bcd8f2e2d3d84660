// Loads the library: BYTESTRIDE_LIBRARY, else what the system's loader finds.
import koffi from 'koffi';
import { ABI_VERSION, structs } from './declarations.js';

const file = process.env.BYTESTRIDE_LIBRARY || `libbytestride.so.${ABI_VERSION}`;

function load() {
    try {
        return koffi.load(file);
    } catch (error) {
        throw new Error(`${file} could not be loaded: install it, or name it in BYTESTRIDE_LIBRARY`, { cause: error });
    }
}

const library = load();
const found = library.func('int32_t bytestride_abi_version()')();
if (found !== ABI_VERSION) {
    throw new Error(`${file} has the binary interface ${found}, this package ${ABI_VERSION}`);
}

for (const [name, fields] of Object.entries(structs)) {
    koffi.struct(name, Object.fromEntries(Object.entries(fields).map(
        ([field, type]) => [field, Array.isArray(type) ? koffi.array(...type) : type])));
}

/** A function of the library, by its declaration in C. */
export const declared = (signature) => library.func(signature);
