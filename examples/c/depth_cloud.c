/* A depth image becomes a cloud of points without its gaps; then the points' distances from the camera are sorted into zones.
 *
 *   cc depth_cloud.c $(pkg-config --cflags --libs bytestride) -o depth_cloud
 */
#include <stdio.h>

#include <bytestride.h>

enum { rows = 3, columns = 4, pixels = rows * columns };

/* Millimetres along the optical axis; 0: no reading. */
static uint16_t depth[rows][columns] = {{1000, 1200, 0, 4000}, {1100, 0, 2500, 4100}, {0, 1500, 2600, 0}};
static float points[pixels][3], camera[3], distances[pixels], borders[] = {1.25f, 3.0f};
static int64_t places[pixels], zones[pixels];

static int failed(int32_t status) {
    if (status) fprintf(stderr, "%s: %s\n", bytestride_strerror(status), bytestride_last_error());
    return status != 0;
}

int main(void) {
    const int64_t image_shape[] = {rows, columns}, cloud_shape[] = {pixels, 3}, three[] = {3}, two[] = {2};
    bytestride_array image, cloud, indices;
    int32_t status = bytestride_array_init(&image, depth, BYTESTRIDE_UINT16, 2, image_shape, NULL, 0);
    if (!status) status = bytestride_array_init(&cloud, points, BYTESTRIDE_FLOAT32, 2, cloud_shape, NULL, BYTESTRIDE_WRITEABLE);
    if (!status) status = bytestride_array_init(&indices, places, BYTESTRIDE_INT64, 1, cloud_shape, NULL, BYTESTRIDE_WRITEABLE);

    /* Room for every pixel; `count` says how many have a reading, `indices` which ones. */
    bytestride_depth_to_points_options options = {0};
    options.size = sizeof options;
    options.invalid = BYTESTRIDE_INVALID_DROP;
    int64_t count = 0;
    if (!status) status = bytestride_depth_to_points(&image, &cloud, NULL, &indices, 2.0, 2.0, 1.5, 1.0, &count, &options);
    if (failed(status)) return 1;

    /* How far each point is from the camera, at the origin, and into which zone that falls: below 1.25 m, below 3 m, beyond. */
    bytestride_array filled, origin, away, zone_borders, zone;
    const int64_t filled_shape[] = {count, 3};
    status = bytestride_array_init(&filled, points, BYTESTRIDE_FLOAT32, 2, filled_shape, NULL, 0);
    if (!status) status = bytestride_array_init(&origin, camera, BYTESTRIDE_FLOAT32, 1, three, NULL, 0);
    if (!status) status = bytestride_array_init(&away, distances, BYTESTRIDE_FLOAT32, 1, filled_shape, NULL, BYTESTRIDE_WRITEABLE);
    if (!status) status = bytestride_array_init(&zone_borders, borders, BYTESTRIDE_FLOAT32, 1, two, NULL, 0);
    if (!status) status = bytestride_array_init(&zone, zones, BYTESTRIDE_INT64, 1, filled_shape, NULL, BYTESTRIDE_WRITEABLE);
    if (!status) status = bytestride_distances_from(&filled, &origin, &away, NULL);
    if (!status) status = bytestride_searchsorted(&zone_borders, &away, &zone, NULL);
    if (failed(status)) return 1;
    for (int64_t i = 0; i < count; ++i)
        printf("pixel %2d: %7.3f %7.3f %7.3f, %.3f m away, zone %d\n", (int)places[i], points[i][0], points[i][1], points[i][2],
               distances[i], (int)zones[i]);

    /* A focal length of zero is an error that names it. */
    status = bytestride_depth_to_points(&image, &cloud, NULL, NULL, 0.0, 2.0, 1.5, 1.0, NULL, &options);
    printf("status %d: %s\n", status, bytestride_last_error());
    return status == BYTESTRIDE_ERROR_OPTION ? 0 : 1;
}
