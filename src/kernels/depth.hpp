// Depth images to points and back: checked tasks.
#pragma once
#include "core/level.hpp"
#include "core/parallel.hpp"

namespace bytestride {

// A pinhole camera, in pixels, with Brown-Conrady distortion in OpenCV's order: k1, k2, p1, p2, k3, k4, k5, k6.
struct camera {
    double fx, fy, cx, cy, skew;
    bool distorted;
    double coefficients[8];
};

struct depth_to_points_task {
    call settings;
    // (images, rows, columns), in the order of the points in memory: `pixels` says which ones of the images they are.
    view depth;
    bool has_mask, has_color, has_indices;
    view mask, color;      // color: (images, rows, columns, channels)
    view points;           // (images, rows, columns, 3), float32 or float64; with `drop` (n, 3)
    view colors, indices;  // likewise
    struct {
        index rows, columns;            // of the images
        index first_row, first_column;  // the pixel of the first reading
        index row_step, column_step;    // from one to the next
        bool transposed;                // the readings' rows follow the images' columns
    } pixels;
    camera lens;
    double depth_scale, min_depth, max_depth;
    bool radial;
    int invalid;     // BYTESTRIDE_INVALID_*
    double sign[3];  // of the frame
    bool has_pose;
    double pose[3][4];  // with the frame
    bool count_only, streaming;
    index *count;  // with `drop`: the number of points
};

struct points_to_depth_task {
    call settings;
    view points[3];  // x, y and z, of one shape
    view out;        // (rows, columns)
    camera lens;
    double depth_scale;
    double to_camera[3][4];
};

}  // namespace bytestride

// BYTESTRIDE_ERROR_SHAPE: more valid readings than `points` has rows; nothing is written then.
BYTESTRIDE_KERNEL(depth_to_points, depth_to_points_task)
BYTESTRIDE_KERNEL(points_to_depth, points_to_depth_task)
