// All taps in one pass. The taps along x lie in a row; each combination of the outer axes but the last is a `plane`, and in a
// plane rows are walked along the last outer axis, y. Rows come from a ring of converted, continued rows, or are read where
// they lie (then only the pixels near a row's ends come from a ring, a narrow one).
#include "core/dtype.hpp"
#include "kernels/convolve_run.hpp"
#include "kernels/pack.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

constexpr index longest_tile_in_place = 8192;
// Sums on their way to be rounded or streamed stay in the first-level cache.
constexpr index piece_memory = 16384;

// A part of a tile's columns: elements [first, first + width) of the result, whose rows come from a ring or from the input.
struct segment {
    bool from_ring;
    index first, width;
    index skip;  // bytes from the start of a row in the ring to the first tap of the first element
    row_window window;
    char *ring;  // planes x slots rows
};

struct plan {
    const convolve_geometry *g;
    const convolve_weights *weights;
    convolve_rows rows;
    convolve_blocks blocks;
    index planes, kh, kw;
    convolve_axis y;
    bool in_place;
    index tile, tiles;       // pixels of the result
    index piece;             // pixels that are summed before they are written, where sums are not stored in place
    index step_rows, slots;  // rows of the result per step, rows of the ring
    index rows_at_once;      // rows of the ring are filled up to a multiple of it
    index item_rows, items_along_y;
    index positions, position_extents[2 * max_ndim];
    int position_count;
    index ring_pixels, pitch;         // of a row in the ring
    index strip_pixels, strip_pitch;  // the same beside rows in place
    index widest_piece, sums_pitch;
    index fill_pixels;
};

// One worker's memory, and what it still holds from its last item.
struct worker {
    index position, tile, next_row;
    index filled;     // rows of the ring are there up to this one of the continued y axis
    index first_cut;  // the pixel where the tile's first piece ends
    int segments;
    segment segment_at[3];
    const char **planes;  // pixel 0 of row 0 of each plane; null where the plane is all fill
    const char **row_addresses;
    char **result_addresses;
    index *edges[2];
    char *rings[2];
    char *sums, *in_scratch, *out_scratch;
    const char *fill;
    char *out_rows;  // the result's row 0 of this position
};

void lay_out(const plan &p, arena &memory, worker *w) {
    const index most_rows = p.kh + p.blocks.many_rows - 1;
    w->planes = memory.take<const char *>(p.planes);
    w->row_addresses = memory.take<const char *>(p.planes * most_rows);
    w->result_addresses = memory.take<char *>(p.blocks.many_rows);
    const index ring_pitch = p.in_place ? p.strip_pitch : p.pitch, pixels = p.in_place ? p.strip_pixels : p.ring_pixels;
    index ring_rows;
    if (__builtin_mul_overflow(p.planes, p.slots, &ring_rows)) ring_rows = INT64_MAX;
    for (int i = 0; i < (p.in_place ? 2 : 1); ++i) {
        w->edges[i] = memory.take<index>(pixels);
        index bytes;
        if (__builtin_mul_overflow(ring_rows, ring_pitch, &bytes)) bytes = INT64_MAX;
        w->rings[i] = memory.take<char>(bytes);
        memory.take<char>(convolve_overread + 64);
    }
    w->sums = memory.take<char>(p.rows.sums_in_place ? 0 : p.step_rows * p.sums_pitch);
    w->in_scratch = memory.take<char>(window_scratch_bytes(p.rows, pixels, p.slots));
    w->out_scratch = memory.take<char>(result_scratch_bytes(p.rows, p.widest_piece, p.step_rows));
    w->position = w->tile = -1;
}

void add_ring(const plan &p, worker &w, index first, index end) {
    if (first >= end) return;
    const index channels = p.g->channels, first_pixel = first / channels, end_pixel = (end + channels - 1) / channels;
    const int which = w.segments > 0 ? 1 : 0;
    segment &s = w.segment_at[w.segments++];
    s.from_ring = true;
    s.first = first;
    s.width = end - first;
    s.skip = (first - first_pixel * channels) * p.rows.element_size;
    s.window.edges = w.edges[which];
    open_window(p.rows, first_pixel - p.g->x.anchor, end_pixel - first_pixel + p.kw - 1, &s.window);
    // The input's own pixels start on a line: most of what is copied in is then stored in whole lines.
    s.ring = w.rings[which] + (-(s.window.inner_first - s.window.first) * p.g->channels * p.rows.element_size & 63);
}

// Splits a tile's columns into what can be read in place and what cannot.
void open_tile(const plan &p, worker &w, index tile) {
    const convolve_geometry &g = *p.g;
    const index first = tile * p.tile * g.channels, end = least((tile + 1) * p.tile, g.x.out_extent) * g.channels;
    w.tile = tile;
    w.segments = 0;
    w.first_cut = tile * p.tile + p.piece;
    if (!p.in_place) return add_ring(p, w, first, end);
    const columns middle = columns_in_place(g, p.weights->element, {first, end});
    w.first_cut = middle.first / g.channels + p.piece;
    add_ring(p, w, first, middle.first);
    if (middle.end > middle.first) {
        segment &s = w.segment_at[w.segments++];
        s.from_ring = false;
        s.first = middle.first;
        s.width = middle.end - middle.first;
        s.skip = 0;
    }
    add_ring(p, w, middle.end, end);
}

void open_position(const plan &p, worker &w, index position) {
    const convolve_geometry &g = *p.g;
    index at[2 * max_ndim];
    split_position(position, p.position_extents, p.position_count, at);
    const char *in = g.in;
    char *out = g.out;
    for (int i = 0; i < g.batch_count; ++i) {
        in += at[i] * g.batch[i].in_stride;
        out += at[i] * g.batch[i].out_stride;
    }
    const int plane_axes = g.outer_count - 1;
    const index *outer_at = at + g.batch_count;
    index plane_extents[max_ndim];
    for (int i = 0; i < plane_axes; ++i) {
        plane_extents[i] = g.outer[i].taps;
        out += outer_at[i] * g.outer[i].out_stride;
    }
    for (index plane = 0; plane < p.planes; ++plane) {
        index tap[max_ndim];
        split_position(plane, plane_extents, plane_axes, tap);
        const char *address = in;
        for (int i = 0; i < plane_axes && address; ++i) {
            const convolve_axis &axis = g.outer[i];
            const index from = continued(g.boundary, outer_at[i] + tap[i] - axis.anchor, axis.in_extent);
            address = from < 0 ? nullptr : address + from * axis.in_stride;
        }
        w.planes[plane] = address;
    }
    w.out_rows = out;
    w.position = position;
}

index slot_of(const plan &p, index row) {
    const index slot = (row + p.y.anchor) % p.slots;
    return slot;
}

// Fills the rings' rows [from, to) of the continued y axis.
void fill_ring(const plan &p, worker &w, const segment &s, index from, index to) {
    const index pitch = p.in_place ? p.strip_pitch : p.pitch;
    for (index plane = 0; plane < p.planes; ++plane) {
        const char *base = w.planes[plane];
        if (!base) continue;
        char *ring = s.ring + plane * p.slots * pitch;
        for (index row = from; row < to;) {
            const index source = continued(p.g->boundary, row, p.y.in_extent), slot = slot_of(p, row);
            index count = 1;
            // Neighbouring rows together: what lies across them in memory is then read by whole lines.
            if (row >= 0 && row < p.y.in_extent) count = least(least(to, p.y.in_extent) - row, p.slots - slot);
            if (source >= 0)
                read_window(p.rows, s.window, base + source * p.y.in_stride, p.y.in_stride, count, ring + slot * pitch, pitch,
                            w.in_scratch);
            row += count;
        }
    }
}

// The addresses of `count` rows from `first` on of the continued y axis, at the first tap of element `from` of the result.
void collect_rows(const plan &p, worker &w, const segment &s, index from, index first, index count) {
    const convolve_geometry &g = *p.g;
    const index pitch = p.in_place ? p.strip_pitch : p.pitch, first_tap = taps_along_row(g, p.rows.element_size).first;
    const char *const fill = w.fill + first_tap;
    const char **to = w.row_addresses;
    for (index plane = 0; plane < p.planes; ++plane) {
        const char *base = w.planes[plane];
        if (!base) {
            for (index i = 0; i < count; ++i) *to++ = fill;
        } else if (s.from_ring) {
            const char *ring = s.ring + plane * p.slots * pitch + s.skip + (from - s.first) * p.rows.element_size + first_tap;
            index slot = slot_of(p, first);
            for (index i = first; i < first + count; ++i) {
                const bool outside = g.boundary == BYTESTRIDE_BOUNDARY_CONSTANT && (i < 0 || i >= p.y.in_extent);
                *to++ = outside ? fill : ring + slot * pitch;
                if (++slot == p.slots) slot = 0;
            }
        } else {
            base += from * p.rows.element_size - g.x.anchor * g.x.in_stride + first_tap;
            for (index i = first; i < first + count; ++i) {
                const index source = continued(g.boundary, i, p.y.in_extent);
                *to++ = source < 0 ? fill : base + source * p.y.in_stride;
            }
        }
    }
}

// Sums elements [first, end) of `count` rows of the result; that of row 0 would lie at `results`.
void sum_piece(const plan &p, worker &w, index row, index count, index first, index end, char *results, index results_stride) {
    const index size = p.rows.sum_size, step = taps_along_row(*p.g, p.rows.element_size).step;
    for (index r = 0; r < count;) {
        const bool many = count - r >= p.blocks.many_rows;
        const index together = many ? p.blocks.many_rows : 1;
        for (int i = 0; i < w.segments; ++i) {
            const segment &s = w.segment_at[i];
            const index from = most(s.first, first), to = least(s.first + s.width, end);
            if (from >= to) continue;
            collect_rows(p, w, s, from, row - p.y.anchor + r, p.kh + together - 1);
            for (index k = 0; k < together; ++k) w.result_addresses[k] = results + (r + k) * results_stride + from * size;
            const convolve_block block = {w.row_addresses,    p.weights->weights, p.planes,         p.kh, p.kw, step,
                                          w.result_addresses, to - from,          &p.weights->scale};
            many ? p.blocks.many(block) : p.blocks.one(block);
        }
        r += together;
    }
}

// Rows [row, row + count) of the result, in the tile that is open.
void run_step(const plan &p, worker &w, index row, index count) {
    const convolve_geometry &g = *p.g;
    const index first_needed = row - p.y.anchor, end_needed = first_needed + count + p.kh - 1;
    const index from = most(w.filled, first_needed), to = round_up(most(end_needed, 0), p.rows_at_once);
    if (from < end_needed) {
        for (int i = 0; i < w.segments; ++i)
            if (w.segment_at[i].from_ring) fill_ring(p, w, w.segment_at[i], from, to);
        w.filled = to;
    }

    const index first = w.tile * p.tile, end = least(first + p.tile, g.x.out_extent);
    char *const out = w.out_rows + row * p.y.out_stride;
    if (p.rows.sums_in_place) return sum_piece(p, w, row, count, first * g.channels, end * g.channels, out, p.y.out_stride);
    for (index piece = first, cut = w.first_cut; piece < end; cut += p.piece) {
        // What would be left for a last piece narrower than a ring's strip is summed with the one before.
        const index piece_end = cut + p.strip_pixels < end ? cut : end;
        sum_piece(p, w, row, count, piece * g.channels, piece_end * g.channels, w.sums - piece * g.channels * p.rows.sum_size,
                  p.sums_pitch);
        write_results(p.rows, w.sums, p.sums_pitch, count, out + piece * g.x.out_stride, p.y.out_stride, piece_end - piece, w.out_scratch);
        piece = piece_end;
    }
}

void run_item(const plan &p, worker &w, index item) {
    const index first = item % p.items_along_y * p.item_rows, tile = item / p.items_along_y % p.tiles;
    const index position = item / p.items_along_y / p.tiles;
    const bool moved = position != w.position || tile != w.tile;
    if (position != w.position) open_position(p, w, position);
    if (tile != w.tile) open_tile(p, w, tile);
    if (moved || first != w.next_row) w.filled = INT64_MIN;
    const index end = least(first + p.item_rows, p.y.out_extent);
    for (index row = first; row < end; row += p.step_rows) run_step(p, w, row, least(p.step_rows, end - row));
    w.next_row = end;
}

plan plan_for(const convolve_task &task, const convolve_geometry &g, const convolve_weights &weights) {
    plan p{};
    p.g = &g;
    p.weights = &weights;
    // Rows of bytes and words are widened as they are summed, and such are made of the sums as they are stored.
    const bool of_floats = weights.element == dtype::float32;
    const bool of_bytes = g.in_type == dtype::uint8 && (of_floats || weights.element == dtype::int16);
    const bool of_words = (g.in_type == dtype::int16 || g.in_type == dtype::uint16) && of_floats && !weights.columns_first;
    const bool back = (of_bytes || of_words) && g.out_type == g.in_type;
    const stored_sums stored = back ? narrow_sums(weights, g.out_type) : stored_sums::as_they_are;
    const bool narrowed = stored != stored_sums::as_they_are;
    p.rows = rows_of(task, g, of_bytes || of_words ? g.in_type : weights.element, narrowed ? g.out_type : weights.sum,
                     narrowed ? sum_scale{} : weights.scale);
    p.y = g.outer[g.outer_count - 1];
    p.kh = p.y.taps;
    p.kw = g.x.taps;
    p.planes = p.positions = 1;
    for (int i = 0; i < g.batch_count; ++i) p.position_extents[p.position_count++] = g.batch[i].out_extent;
    for (int i = 0; i < g.outer_count - 1; ++i) {
        p.planes *= g.outer[i].taps;
        p.position_extents[p.position_count++] = g.outer[i].out_extent;
    }
    for (int i = 0; i < p.position_count; ++i) p.positions *= p.position_extents[i];

    const index element = p.rows.element_size, pixel_bytes = g.channels * element;
    p.in_place = reads_in_place(g, p.rows.element);
    const bool few_rows = p.in_place && p.y.in_stride % 4096 == 0;
    // One column of taps has no loop along the row either way: 1.17x at 15 taps.
    const bool by_columns = weights.columns_first || (p.kw == 1 && p.planes == 1 && is_floating(weights.element));
    const bool square = p.planes == 1 && p.kh == p.kw && (p.kh == 3 || p.kh == 5 || (p.kh == 7 && of_bytes));
    const bool of_ones = square && are_ones(weights, weights.weights, p.kh * p.kw);
    const sum_order order = weights.columns_first ? sum_order::by_columns : of_ones ? sum_order::any_of_ones : sum_order::by_rows;
    p.blocks = of_bytes     ? convolve_blocks_of_bytes(weights.element, stored, order, p.kh, p.kw)
               : of_words   ? convolve_blocks_of_words(g.in_type, stored, order, p.kh, p.kw)
               : by_columns ? convolve_blocks_by_columns(weights.element, p.kh)
                            : convolve_blocks_for(weights.element, weights.sum, weights.wide, p.kh, p.kw, few_rows);

    // Whole lines of whatever lies across the rows are read and written at once.
    const index lines_in = p.in_place ? 1 : rows_for_whole_lines(p.y.in_stride, g.x.in_stride, g.in_size);
    const index lines_out = rows_for_whole_lines(p.y.out_stride, g.x.out_stride, g.out_size);
    p.step_rows = round_up(most(most(lines_in, lines_out), 1), p.blocks.many_rows);
    if (p.step_rows > p.y.out_extent) p.step_rows = round_up(p.y.out_extent, p.blocks.many_rows);
    p.rows_at_once = lines_in;
    p.slots = p.kh - 1 + p.step_rows + p.rows_at_once - 1;

    const double taps_cost = static_cast<double>(p.planes) * static_cast<double>(p.kh) * static_cast<double>(p.kw) *
                             convolve_tap_cost(weights.element, weights.wide);
    const double element_cost = cost_beside_taps + taps_cost;
    // A step must not take too long to be interrupted, nor pass the cache; but tiles much narrower than the taps beside
    // them would read everything many times.
    constexpr index narrowest = 32;
    const double channels = static_cast<double>(g.channels);
    if (element_cost * channels * static_cast<double>(narrowest * p.step_rows) > longest_item) {
        p.step_rows = least(p.step_rows, p.blocks.many_rows);
        p.rows_at_once = 1;
        p.slots = p.kh - 1 + p.step_rows;
    }
    const double in_time = longest_item / (element_cost * channels * static_cast<double>(p.step_rows));
    const double column_bytes = static_cast<double>(p.planes) * static_cast<double>(p.slots * pixel_bytes) +
                                static_cast<double>(p.step_rows * g.channels * p.rows.sum_size);
    const double in_cache = p.in_place ? static_cast<double>(longest_tile_in_place / g.channels)
                                       : static_cast<double>(tile_memory) / column_bytes - static_cast<double>(p.kw);
    const index wide_enough = p.in_place ? narrowest : 2 * p.kw;
    const index fitting = most(wide_enough, static_cast<index>(in_cache));
    p.tile = tile_of(g.x.out_extent, in_time < static_cast<double>(fitting) ? static_cast<index>(in_time) : fitting, narrowest);
    p.tiles = (g.x.out_extent + p.tile - 1) / p.tile;

    p.ring_pixels = least(p.tile, g.x.out_extent) + p.kw - 1;
    p.pitch = spread_pitch(p.ring_pixels * pixel_bytes + convolve_overread);
    p.strip_pixels = strip_pixels(g, weights.element);
    p.strip_pitch = spread_pitch(p.strip_pixels * pixel_bytes + convolve_overread);
    // Results that are streamed are converted beside their sums first (1080p float32 to float64 in 0.9 of the time).
    const index result_size = p.rows.sum_size + (p.rows.convert_out && p.rows.streaming ? g.out_size : 0);
    p.piece = most(round_down(piece_memory / (p.step_rows * g.channels * result_size), narrowest), narrowest);
    p.widest_piece = least(p.tile, p.piece + 2 * p.strip_pixels);
    p.sums_pitch = spread_pitch(p.widest_piece * g.channels * p.rows.sum_size);
    p.fill_pixels = p.ring_pixels + 1;

    const double step_cost = element_cost * static_cast<double>(p.step_rows) * static_cast<double>(p.tile * g.channels);
    const index steps = (p.y.out_extent + p.step_rows - 1) / p.step_rows;
    // A thread that goes on where another one stopped fills its ring anew, so items are as long as sharing out allows.
    index steps_in_item = most(1, steps / (8 * task.settings.threads));
    steps_in_item = least(steps_in_item, most(1, static_cast<index>(longest_item / step_cost)));
    p.item_rows = steps_in_item * p.step_rows;
    p.items_along_y = (p.y.out_extent + p.item_rows - 1) / p.item_rows;
    return p;
}

}  // namespace

status convolve_directly(const convolve_task &task, const convolve_geometry &geometry, const convolve_weights &weights) {
    const plan p = plan_for(task, geometry, weights);
    const double item_elements = static_cast<double>(p.item_rows) * static_cast<double>(p.tile * geometry.channels);
    const double taps = static_cast<double>(p.planes) * static_cast<double>(p.kh) * static_cast<double>(p.kw);
    const loop what = {p.positions * p.tiles * p.items_along_y,
                       item_elements * (cost_beside_taps + taps * convolve_tap_cost(weights.element, weights.wide))};
    const int workers = workers_for(task.settings, what);

    worker measured;
    arena counter(nullptr);
    lay_out(p, counter, &measured);
    const index worker_bytes = counter.bytes();
    arena all(nullptr);
    all.take<worker>(workers);
    all.take<char>(p.fill_pixels * geometry.channels * p.rows.element_size + convolve_overread);
    for (int i = 0; i < workers; ++i) all.take<char>(worker_bytes < 0 ? INT64_MAX : worker_bytes);
    const scratch memory(all.bytes());
    if (memory.failed()) return BYTESTRIDE_ERROR_MEMORY;

    arena pieces(memory.data());
    worker *const team = pieces.take<worker>(workers);
    char *const fill = pieces.take<char>(p.fill_pixels * geometry.channels * p.rows.element_size + convolve_overread);
    fill_row(p.rows, p.fill_pixels, fill);
    for (int i = 0; i < workers; ++i) {
        arena own(pieces.take<char>(worker_bytes));
        lay_out(p, own, &team[i]);
        team[i].fill = fill;
    }
    return parallel_for(task.settings, what, [&](index begin, index end, int number) {
        for (index item = begin; item < end; ++item) run_item(p, team[number], item);
        if (p.rows.streaming) stream_fence();
    });
}

}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
