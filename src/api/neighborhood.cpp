#include "kernels/neighborhood.hpp"

#include "core/axes.hpp"
#include "core/check.hpp"

using namespace bytestride;

namespace {

constexpr int image_position = 1, out_position = 2, options_position = 3;
constexpr index largest_radius = 3, most_channels = 4;

// (rows, columns, channels), whether or not the array has an axis for the channels.
view with_channels(view v) {
    if (v.ndim == 2) {
        v.ndim = 3;
        v.shape[2] = 1;
        v.strides[2] = 0;
    }
    return v;
}

// Brings the result into the order of its memory. Products of integers are exact, and windows and boundaries symmetric: rows may be
// columns, and either may run backwards. Products of floats are rounded in an order of their own.
// 535 x 950 pixels of 3 uint8 in a transposed image into another take 0.4 of the time, reversed ones 0.5.
void follow_memory(view &image, view &out) {
    if (image.type != dtype::uint8 && image.type != dtype::uint16) return;
    if (is_transposed(out, 0, 1)) {
        exchange_axes(image, 0, 1);
        exchange_axes(out, 0, 1);
    }
    for (int axis = 0; axis < 2; ++axis)
        if (is_reversed(out, axis)) {
            reverse_axis(image, axis);
            reverse_axis(out, axis);
        }
}

}  // namespace

extern "C" std::int32_t bytestride_neighbor_product(const bytestride_array *image_given, const bytestride_array *out_given,
                                                    const bytestride_neighbor_product_options *options_given) {
    check c;
    const bytestride_neighbor_product_options options = c.options(options_position, options_given);
    const view image = c.input(image_position, "image", image_given);
    const view out = c.output(out_position, "out", out_given);
    c.require(options.radius >= 0 && options.radius <= largest_radius, BYTESTRIDE_ERROR_OPTION, options_position, "options",
              "radius is %lld, must be from 1 to %lld", static_cast<long long>(options.radius), static_cast<long long>(largest_radius));
    c.require(options.alpha >= 0 && options.alpha <= BYTESTRIDE_ALPHA_CHANNEL, BYTESTRIDE_ERROR_OPTION, options_position, "options",
              "unknown alpha %d", options.alpha);
    c.require(options.boundary == 0 || (options.boundary >= BYTESTRIDE_BOUNDARY_REFLECT && options.boundary <= BYTESTRIDE_BOUNDARY_KEEP),
              BYTESTRIDE_ERROR_OPTION, options_position, "options",
              "boundary %d is none of ZERO, COPY, KEEP, REFLECT, MIRROR, NEAREST and WRAP", options.boundary);
    if (c.failed()) return c.result();

    c.require(image.type == dtype::uint8 || image.type == dtype::uint16 || image.type == dtype::float32 || image.type == dtype::float64,
              BYTESTRIDE_ERROR_DTYPE, image_position, "image", "is %s, must be uint8, uint16, float32 or float64", name_of(image.type));
    c.require(out.type == image.type, BYTESTRIDE_ERROR_DTYPE, out_position, "out", "is %s, must be %s, as image", name_of(out.type),
              name_of(image.type));
    c.require(image.ndim == 2 || image.ndim == 3, BYTESTRIDE_ERROR_NDIM, image_position, "image",
              "has %d dimensions, must have 2, or 3 with channels", image.ndim);
    c.require(image.ndim != 3 || (image.shape[2] >= 1 && image.shape[2] <= most_channels), BYTESTRIDE_ERROR_SHAPE, image_position, "image",
              "has %lld channels, must have 1 to %lld", static_cast<long long>(image.shape[2]), static_cast<long long>(most_channels));
    c.require(out.ndim == image.ndim, BYTESTRIDE_ERROR_NDIM, out_position, "out", "has %d dimensions, must have the %d of image", out.ndim,
              image.ndim);
    c.require(same_shape(image, out), BYTESTRIDE_ERROR_SHAPE, out_position, "out", "must have the shape of image");
    c.require_disjoint(out_position, "out", out, image, "image", check::aliasing::none);
    if (c.failed() || element_count(out) == 0) return c.result();

    neighbor_product_task task = {c.settings(),
                                  with_channels(image),
                                  with_channels(out),
                                  options.radius ? options.radius : 1,
                                  options.alpha ? options.alpha : BYTESTRIDE_ALPHA_OPAQUE,
                                  options.boundary ? options.boundary : BYTESTRIDE_BOUNDARY_ZERO};
    follow_memory(task.image, task.out);
    return c.result(kernels::neighbor_product.run(task));
}
