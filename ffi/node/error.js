import { statuses } from './declarations.js';

/** A call that failed: a status of the library, and a message that names the argument. */
export class BytestrideError extends Error {
    /** @param {number} status @param {string} message */
    constructor(status, message) {
        super(message);
        this.name = 'BytestrideError';
        this.status = status;
        this.code = `BYTESTRIDE_ERROR_${statuses[status] ?? status}`;
        const found = /^argument (\d+) \((\w+)\)/.exec(message);
        this.argument = found ? Number(found[1]) : 0;
        this.argumentName = found ? found[2] : '';
    }
}

const numbers = Object.fromEntries(Object.entries(statuses).map(([number, name]) => [name, Number(number)]));

/** An error that is found before the library is asked. */
export const failure = (name, message) => new BytestrideError(numbers[name], message);
