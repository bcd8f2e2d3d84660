import { View, copy } from '../index.js';

/** The elements of a view in C order, through the library's copy. */
export function elements(view) {
    const out = View.zeros('float64', view.shape);
    copy(view, out);
    return [...out.data];
}

export const counted = (kind, count) => kind.from({ length: count }, (_, i) => i);
