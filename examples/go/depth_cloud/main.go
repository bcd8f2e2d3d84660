// A depth image becomes a cloud of points without its gaps; then the points' distances from the camera are sorted into
// zones.
//
//	go run ./depth_cloud
package main

import (
	"errors"
	"fmt"
	"log"

	"bytestride"
)

const rows, columns, pixels = 3, 4, 12

// view is a view of a slice that is known to fit.
func view[T bytestride.Element](data []T, shape ...int) *bytestride.View {
	return bytestride.Must(bytestride.New(data, shape...))
}

func main() {
	// Millimetres along the optical axis; 0: no reading.
	image := view([]uint16{1000, 1200, 0, 4000, 1100, 0, 2500, 4100, 0, 1500, 2600, 0}, rows, columns)

	// Room for every pixel; the result says how many have a reading, places which ones.
	points, places := make([]float32, pixels*3), make([]int64, pixels)
	options := &bytestride.DepthToPointsOptions{Invalid: bytestride.InvalidDrop}
	count, err := bytestride.DepthToPoints(image, view(points, pixels, 3), nil, view(places), 2, 2, 1.5, 1, options)
	if err != nil {
		log.Fatal(err)
	}

	// How far each point is from the camera, at the origin, and into which zone that falls: below 1.25 m, below 3 m, beyond.
	distances, zones := make([]float32, count), make([]int64, count)
	err = errors.Join(
		bytestride.DistancesFrom(view(points, count, 3), view(make([]float32, 3)), view(distances), nil),
		bytestride.Searchsorted(view([]float32{1.25, 3}), view(distances), view(zones), nil))
	if err != nil {
		log.Fatal(err)
	}
	for i, zone := range zones {
		x, y, z := points[3*i], points[3*i+1], points[3*i+2]
		fmt.Printf("pixel %2d: %7.3f %7.3f %7.3f, %.3f m away, zone %d\n", places[i], x, y, z, distances[i], zone)
	}

	// A focal length of zero is an error that names it.
	_, err = bytestride.DepthToPoints(image, view(make([]float32, pixels*3), rows, columns, 3), nil, nil, 0, 2, 1.5, 1, nil)
	var wrong *bytestride.Error
	if !errors.Is(err, bytestride.ErrOption) || !errors.As(err, &wrong) {
		log.Fatal("nothing can be divided by zero: ", err)
	}
	fmt.Printf("status %d: %s\n", wrong.Status, wrong.Message)
}
