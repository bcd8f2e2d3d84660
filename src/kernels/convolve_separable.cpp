// One pass per axis. The input is cut into tiles: a row tile along x and a few elements along every outer axis. A `slice` of
// level i is what a tile holds along the outer axes from i on. It is summed along axis i from slices of level i + 1, those
// along the next axis, and so on down to single rows, which are summed along x when x is convolved. Tiles follow one another along
// the first outer axis, and keep in a ring the slices that they share.
#include "core/dtype.hpp"
#include "kernels/convolve_run.hpp"
#include "kernels/pack.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

// Slices and rings of tiles of more than two dimensions.
constexpr index most_tile_memory = index(768) << 10;

struct pass {
    convolve_axis axis;
    const void *weights;
    convolve_blocks blocks;
    index tile;         // elements of the result along this axis
    index slots;        // slices of the level below that are kept
    index slice_bytes;  // of one of them
};

// A part of a tile's columns: elements [first, first + width) of its sums along x, whose pixels are read where they lie or
// brought into a window first.
struct segment {
    bool in_place;
    index first, width;
    index skip;  // bytes from the first pixel that is read, or from the window's start, to the first tap of the first element
    row_window window;
};

struct plan {
    const convolve_geometry *g;
    convolve_rows rows;
    const sum_scale *scale;
    const void *row_weights;  // null where x is not convolved
    bool in_place;            // rows are summed along x where they lie, but for a strip at either end
    convolve_blocks row_blocks;
    int levels;
    pass at[max_ndim];
    index tile, tiles;  // pixels of the result along x
    index fill_pixels, window_pixels, window_pitch, row_pitch;
    index rows_at_once;
    bool sums_in_place;  // of the last sum
    index item_steps, items_along_first;
    index result_slice_bytes;
    int position_count;
    index positions, position_extents[2 * max_ndim];  // batches, then tiles along the outer axes but the first
};

struct worker {
    index position, tile, next_first;
    index filled;
    index first[max_ndim];          // the tile's first element along each outer axis
    index tile_first, tile_pixels;  // and along x
    int segments;
    segment segment_at[3];
    index *edges[2];
    char *slices[max_ndim];
    const char **slice_addresses;
    char **result_addresses;
    char *windows, *sums, *in_scratch, *out_scratch;
    const char *fill;
    const char *in;  // of this batch
    char *out;
};

void lay_out(const plan &p, arena &memory, worker *w) {
    index addresses = 1;
    for (int i = 0; i < p.levels; ++i) {
        addresses = most(addresses, p.at[i].axis.taps + p.at[i].blocks.many_rows - 1);
        index bytes;
        if (__builtin_mul_overflow(p.at[i].slots, p.at[i].slice_bytes, &bytes)) bytes = INT64_MAX;
        w->slices[i] = memory.take<char>(bytes);
        memory.take<char>(convolve_overread);
    }
    w->slice_addresses = memory.take<const char *>(addresses);
    w->result_addresses = memory.take<char *>(most(p.at[0].blocks.many_rows, 8));
    for (index *&edges : w->edges) edges = memory.take<index>(p.window_pixels);
    w->windows = memory.take<char>(p.row_weights ? p.rows_at_once * p.window_pitch : 0);
    memory.take<char>(convolve_overread);
    w->sums = memory.take<char>(p.sums_in_place ? 0 : p.at[0].tile * p.result_slice_bytes);
    w->in_scratch = memory.take<char>(window_scratch_bytes(p.rows, p.window_pixels, p.rows_at_once));
    w->out_scratch = memory.take<char>(result_scratch_bytes(p.rows, p.tile, p.at[0].tile));
    w->position = w->tile = -1;
}

void sum_row(const plan &p, const char *from, char *to, index elements) {
    const row_taps taps = taps_along_row(*p.g, p.rows.element_size);
    from += taps.first;
    p.row_blocks.one({&from, p.row_weights, 1, 1, p.g->x.taps, taps.step, &to, elements, p.scale});
}

// `count` neighbouring rows of the input, the first of which is at `row`, summed along x.
void make_inner_rows(const plan &p, worker &w, const char *row, index row_stride, index count, char *to) {
    const index size = p.rows.element_size;
    for (int i = 0; i < w.segments; ++i) {
        const segment &s = w.segment_at[i];
        char *const sums = to + s.first * size;
        if (!p.row_weights) {
            read_window(p.rows, s.window, row, row_stride, count, sums, p.row_pitch, w.in_scratch);
        } else if (s.in_place) {
            for (index k = 0; k < count; ++k) sum_row(p, row + k * row_stride + s.skip, sums + k * p.row_pitch, s.width);
        } else {
            read_window(p.rows, s.window, row, row_stride, count, w.windows, p.window_pitch, w.in_scratch);
            for (index k = 0; k < count; ++k) sum_row(p, w.windows + k * p.window_pitch + s.skip, sums + k * p.row_pitch, s.width);
        }
    }
}

// Rows [first, first + count) of the continued last outer axis, summed along x. `base` is null where all is fill.
void make_rows(const plan &p, worker &w, const char *base, index first, index count, char *to) {
    const convolve_geometry &g = *p.g;
    const convolve_axis &axis = p.at[p.levels - 1].axis;
    for (index i = 0; i < count;) {
        const index row = first + i, source = base ? continued(g.boundary, row, axis.in_extent) : -1;
        char *const rows = to + i * p.row_pitch;
        index together = 1;
        if (source >= 0) {
            if (row >= 0 && row < axis.in_extent) together = least(least(count - i, axis.in_extent - row), p.rows_at_once);
            make_inner_rows(p, w, base + source * axis.in_stride, axis.in_stride, together, rows);
        } else if (p.row_weights) {
            sum_row(p, w.fill, rows, w.tile_pixels * g.channels);
        } else {
            std::memcpy(rows, w.fill, static_cast<std::size_t>(w.tile_pixels * g.channels * p.rows.element_size));
        }
        i += together;
    }
}

// Sums `count` results of a level, `elements` each, from its slices, the first of which stands in `slot`.
template <class Result>
void sum_slices(const plan &p, worker &w, int level, index slot, index count, index elements, const Result &result) {
    const pass &pass_here = p.at[level];
    for (index r = 0; r < count;) {
        const bool many = count - r >= pass_here.blocks.many_rows;
        const index results = many ? pass_here.blocks.many_rows : 1;
        for (index i = 0; i < pass_here.axis.taps + results - 1; ++i)
            w.slice_addresses[i] = w.slices[level] + (slot + r + i) % pass_here.slots * pass_here.slice_bytes;
        for (index i = 0; i < results; ++i) w.result_addresses[i] = result(r + i);
        const convolve_block block = {w.slice_addresses,  pass_here.weights, 1,      pass_here.axis.taps, 1, 0,
                                      w.result_addresses, elements,          p.scale};
        many ? pass_here.blocks.many(block) : pass_here.blocks.one(block);
        r += results;
    }
}

// Slices [first, first + count) along the continued outer axis `level`, each summed along all axes after it.
void make_slices(const plan &p, worker &w, int level, const char *base, index first, index count, char *to) {
    if (level == p.levels - 1) return make_rows(p, w, base, first, count, to);
    const pass &here = p.at[level], &below = p.at[level + 1];
    for (index i = 0; i < count; ++i) {
        const index source = base ? continued(p.g->boundary, first + i, here.axis.in_extent) : -1;
        const char *from = source < 0 ? nullptr : base + source * here.axis.in_stride;
        make_slices(p, w, level + 1, from, w.first[level + 1] - below.axis.anchor, below.slots, w.slices[level + 1]);
        char *slice = to + i * here.slice_bytes;
        sum_slices(p, w, level + 1, 0, below.tile, below.slice_bytes / p.rows.element_size,
                   [&](index r) { return slice + r * below.slice_bytes; });
    }
}

// Elements [first, end) of the result's rows, of the tile that is open.
void add_segment(const plan &p, worker &w, bool in_place, index first, index end) {
    if (first >= end) return;
    const convolve_geometry &g = *p.g;
    segment &s = w.segment_at[w.segments];
    s.in_place = in_place;
    s.first = first - w.tile_first * g.channels;
    s.width = end - first;
    if (in_place) {
        s.skip = first * p.rows.element_size - g.x.anchor * g.x.in_stride;
    } else {
        const index first_pixel = first / g.channels, end_pixel = (end + g.channels - 1) / g.channels;
        s.skip = (first - first_pixel * g.channels) * p.rows.element_size;
        s.window.edges = w.edges[w.segments > 0 ? 1 : 0];
        open_window(p.rows, first_pixel - g.x.anchor, end_pixel - first_pixel + g.x.taps - 1, &s.window);
    }
    ++w.segments;
}

void open_tile(const plan &p, worker &w, index tile) {
    const convolve_geometry &g = *p.g;
    w.tile = tile;
    w.tile_first = tile * p.tile;
    w.tile_pixels = least(p.tile, g.x.out_extent - w.tile_first);
    w.segments = 0;
    const columns all = {w.tile_first * g.channels, (w.tile_first + w.tile_pixels) * g.channels};
    if (!p.in_place) return add_segment(p, w, false, all.first, all.end);
    const columns middle = columns_in_place(g, p.rows.element, all);
    add_segment(p, w, false, all.first, middle.first);
    add_segment(p, w, true, middle.first, middle.end);
    add_segment(p, w, false, middle.end, all.end);
}

void open_position(const plan &p, worker &w, index position) {
    const convolve_geometry &g = *p.g;
    index at[2 * max_ndim];
    split_position(position, p.position_extents, p.position_count, at);
    w.in = g.in;
    w.out = g.out;
    for (int i = 0; i < g.batch_count; ++i) {
        w.in += at[i] * g.batch[i].in_stride;
        w.out += at[i] * g.batch[i].out_stride;
    }
    for (int i = 1; i < p.levels; ++i) w.first[i] = at[g.batch_count + i - 1] * p.at[i].tile;
    w.position = position;
}

// Writes the sums of `count` tiles' elements along the first outer axis, from `first` on.
void write_slices(const plan &p, worker &w, index first, index count, index pixels) {
    // The rows of a slice, in the order of the outer axes; at the last of them rows are written together.
    const int last = p.levels - 1;
    char *const out = w.out + w.tile_first * p.g->x.out_stride;
    if (last == 0)
        return write_results(p.rows, w.sums, p.row_pitch, count, out + first * p.at[0].axis.out_stride, p.at[0].axis.out_stride, pixels,
                             w.out_scratch);
    index extents[max_ndim], runs = count;
    extents[0] = count;
    for (int i = 1; i < p.levels; ++i) extents[i] = least(p.at[i].tile, p.at[i].axis.out_extent - w.first[i]);
    for (int i = 1; i < last; ++i) runs *= extents[i];
    for (index run = 0; run < runs; ++run) {
        index at[max_ndim];
        split_position(run, extents, last, at);
        const char *sums = w.sums + at[0] * p.result_slice_bytes;
        char *rows = out + (first + at[0]) * p.at[0].axis.out_stride + w.first[last] * p.at[last].axis.out_stride;
        for (int i = 1; i < last; ++i) {
            sums += at[i] * p.at[i].slice_bytes;
            rows += (w.first[i] + at[i]) * p.at[i].axis.out_stride;
        }
        // No more rows at once than the scratch memory is for.
        for (index row = 0; row < extents[last]; row += p.at[0].tile)
            write_results(p.rows, sums + row * p.row_pitch, p.row_pitch, least(p.at[0].tile, extents[last] - row),
                          rows + row * p.at[last].axis.out_stride, p.at[last].axis.out_stride, pixels, w.out_scratch);
    }
}

void run_step(const plan &p, worker &w, index first, index count) {
    const convolve_geometry &g = *p.g;
    const pass &top = p.at[0];
    const index needed = first - top.axis.anchor, needed_end = needed + count + top.axis.taps - 1;
    for (index row = most(w.filled, needed); row < needed_end;) {
        const index slot = (row + top.axis.anchor) % top.slots, together = least(needed_end - row, top.slots - slot);
        make_slices(p, w, 0, w.in, row, together, w.slices[0] + slot * top.slice_bytes);
        row += together;
    }
    w.filled = needed_end;
    const index slot = (needed + top.axis.anchor) % top.slots, pixels = w.tile_pixels;
    if (p.sums_in_place) {
        char *const out = w.out + first * top.axis.out_stride + w.tile_first * g.x.out_stride;
        sum_slices(p, w, 0, slot, count, pixels * g.channels, [&](index r) { return out + r * top.axis.out_stride; });
    } else {
        sum_slices(p, w, 0, slot, count, top.slice_bytes / p.rows.element_size, [&](index r) { return w.sums + r * p.result_slice_bytes; });
        write_slices(p, w, first, count, pixels);
    }
}

void run_item(const plan &p, worker &w, index item) {
    const pass &top = p.at[0];
    const index item_rows = p.item_steps * top.tile;
    const index first = item % p.items_along_first * item_rows, tile = item / p.items_along_first % p.tiles;
    const index position = item / p.items_along_first / p.tiles;
    const bool moved = position != w.position || tile != w.tile;
    if (position != w.position) open_position(p, w, position);
    if (tile != w.tile) open_tile(p, w, tile);
    if (moved || first != w.next_first) w.filled = INT64_MIN;
    const index end = least(first + item_rows, top.axis.out_extent);
    for (index row = first; row < end; row += top.tile) run_step(p, w, row, least(top.tile, end - row));
    w.next_first = end;
}

void choose_tiles(plan &p, const convolve_geometry &g) {
    pass &top = p.at[0];
    const convolve_axis &y = p.at[p.levels - 1].axis;
    const index lines_in = rows_for_whole_lines(y.in_stride, g.x.in_stride, g.in_size);
    const index lines = most(lines_in, rows_for_whole_lines(y.out_stride, g.x.out_stride, g.out_size));
    top.tile = round_up(p.levels == 1 ? most(lines, 2 * top.blocks.many_rows) : top.blocks.many_rows, top.blocks.many_rows);
    top.tile = least(top.tile, round_up(top.axis.out_extent, top.blocks.many_rows));
    top.slots = top.axis.taps - 1 + top.tile;
    index rows_in_slice = 1;
    for (int i = 1; i < p.levels; ++i) {
        // Tiles a few times their taps, so that not much is summed twice.
        p.at[i].tile = least(p.at[i].axis.out_extent, round_up(most(24, 3 * p.at[i].axis.taps), p.at[i].blocks.many_rows));
        p.at[i].slots = p.at[i].axis.taps - 1 + p.at[i].tile;
        rows_in_slice *= p.at[i].tile;
    }
    const index column_bytes = g.channels * p.rows.element_size;
    const double rows_kept = static_cast<double>(top.slots + (p.sums_in_place ? 0 : top.tile)) * static_cast<double>(rows_in_slice);
    const double fitting = static_cast<double>(p.levels == 1 ? tile_memory : most_tile_memory) /
                           (rows_kept * static_cast<double>(column_bytes));
    p.tile = tile_of(g.x.out_extent, most(static_cast<index>(fitting), most(64, 2 * g.x.taps)), 64);
    p.tiles = (g.x.out_extent + p.tile - 1) / p.tile;

    p.fill_pixels = p.tile + g.x.taps - 1;
    p.window_pixels = p.in_place ? strip_pixels(g, p.rows.element) : p.fill_pixels;
    p.window_pitch = spread_pitch(p.window_pixels * column_bytes + convolve_overread);
    p.row_pitch = spread_pitch(p.tile * column_bytes);
    p.rows_at_once = lines_in;
    index bytes = p.row_pitch;
    for (int i = p.levels - 1; i >= 0; --i) {
        p.at[i].slice_bytes = bytes;
        bytes *= p.at[i].tile;
    }
    p.result_slice_bytes = top.slice_bytes;
}

convolve_blocks blocks_of_row(const convolve_weights &weights, const void *factor, index taps) {
    if (are_ones(weights, factor, taps)) return convolve_blocks_of_ones(weights.element, false, stored_sums::as_they_are);
    return convolve_blocks_for(weights.element, weights.sum, weights.wide, 1, taps);
}

convolve_blocks blocks_of_column(const convolve_weights &weights, const void *factor, index taps, stored_sums stored) {
    if (are_ones(weights, factor, taps)) return convolve_blocks_of_ones(weights.element, true, stored);
    if (stored != stored_sums::as_they_are) return convolve_blocks_of_column(weights.element, stored, taps);
    // Without a loop along the row, 1.17x at 15 taps.
    if (is_floating(weights.element)) return convolve_blocks_by_columns(weights.element, taps);
    return convolve_blocks_for(weights.element, weights.sum, weights.wide, taps, 1);
}

plan plan_for(const convolve_task &task, const convolve_geometry &g, const convolve_weights &weights) {
    plan p{};
    p.g = &g;
    p.levels = g.outer_count;
    // The last sums are stored as bytes or words: uint8 480 x 640 by 9 x 9 in 0.8 of the time.
    const stored_sums stored = p.levels == 1 ? narrow_sums(weights, g.out_type) : stored_sums::as_they_are;
    const bool narrowed = stored != stored_sums::as_they_are;
    p.rows = rows_of(task, g, weights.element, narrowed ? g.out_type : weights.sum, narrowed ? sum_scale{} : weights.scale);
    p.scale = &weights.scale;
    for (int i = 0; i < p.levels; ++i) {
        p.at[i].axis = g.outer[i];
        p.at[i].weights = weights.factors[i];
        p.at[i].blocks = blocks_of_column(weights, weights.factors[i], g.outer[i].taps, i == 0 ? stored : stored_sums::as_they_are);
    }
    if (g.x.taps > 1) p.row_weights = weights.factors[weights.axes - 1];
    p.in_place = p.row_weights && reads_in_place(g, p.rows.element);
    if (p.row_weights) p.row_blocks = blocks_of_row(weights, p.row_weights, g.x.taps);
    p.sums_in_place = p.rows.sums_in_place && p.levels == 1;
    choose_tiles(p, g);

    p.positions = 1;
    for (int i = 0; i < g.batch_count; ++i) p.position_extents[p.position_count++] = g.batch[i].out_extent;
    for (int i = 1; i < p.levels; ++i) p.position_extents[p.position_count++] = (g.outer[i].out_extent + p.at[i].tile - 1) / p.at[i].tile;
    for (int i = 0; i < p.position_count; ++i) p.positions *= p.position_extents[i];
    return p;
}

// In nanoseconds, of summing one tile's elements by one step along the first outer axis.
double step_cost(const plan &p, const convolve_weights &weights) {
    const double tap = convolve_tap_cost(weights.element, weights.wide);
    double rows = 1, cost = 0;
    for (int i = 0; i < p.levels; ++i) {
        rows *= static_cast<double>(p.at[i].tile);
        cost += rows * tap * static_cast<double>(p.at[i].axis.taps);
    }
    cost += rows * (tap * static_cast<double>(p.g->x.taps) + 2 * cost_beside_taps);
    return cost * static_cast<double>(p.tile * p.g->channels);
}

}  // namespace

status convolve_separably(const convolve_task &task, const convolve_geometry &geometry, const convolve_weights &weights) {
    plan p = plan_for(task, geometry, weights);
    const double cost = step_cost(p, weights);
    const pass &top = p.at[0];
    const index steps = (top.axis.out_extent + top.tile - 1) / top.tile;
    // A thread that goes on where another one stopped fills its ring anew, so items are as long as sharing out allows.
    p.item_steps = most(1, steps / (8 * task.settings.threads));
    p.item_steps = least(p.item_steps, most(1, static_cast<index>(longest_item / cost)));
    p.items_along_first = (steps + p.item_steps - 1) / p.item_steps;
    const loop what = {p.positions * p.tiles * p.items_along_first, cost * static_cast<double>(p.item_steps)};
    const int workers = workers_for(task.settings, what);

    worker measured;
    arena counter(nullptr);
    lay_out(p, counter, &measured);
    const index worker_bytes = counter.bytes(), fill_bytes = p.fill_pixels * geometry.channels * p.rows.element_size + convolve_overread;
    arena all(nullptr);
    all.take<worker>(workers);
    all.take<char>(fill_bytes);
    for (int i = 0; i < workers; ++i) all.take<char>(worker_bytes < 0 ? INT64_MAX : worker_bytes);
    const scratch memory(all.bytes());
    if (memory.failed()) return BYTESTRIDE_ERROR_MEMORY;

    arena pieces(memory.data());
    worker *const team = pieces.take<worker>(workers);
    char *const fill = pieces.take<char>(fill_bytes);
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
