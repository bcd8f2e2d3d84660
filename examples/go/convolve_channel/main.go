// Blurs the green channel of an interleaved image, read upside down, without copying it; then shows an error.
//
//	go run ./convolve_channel
package main

import (
	"errors"
	"fmt"
	"log"

	"bytestride"
)

const rows, columns, channels = 4, 6, 3

func main() {
	image := make([]uint8, rows*columns*channels)
	for i := range image {
		image[i] = 255
	}
	for row := 0; row < rows; row++ {
		for column := 0; column < columns; column++ {
			image[(row*columns+column)*channels+1] = uint8(row * row * column)
		}
	}

	// A view of every third byte, from the last row upwards.
	rgb, err := bytestride.New(image, rows, columns, channels)
	if err != nil {
		log.Fatal(err)
	}
	green := rgb.Index(2, 1).Flip(0)
	kernel := bytestride.Must(bytestride.New([]float32{1. / 16, 2. / 16, 1. / 16, 2. / 16, 4. / 16, 2. / 16, 1. / 16, 2. / 16, 1. / 16}, 3, 3))
	blurred := make([]float32, rows*columns)
	out := bytestride.Must(bytestride.New(blurred, rows, columns))

	options := bytestride.ConvolveOptions{Boundary: bytestride.BoundaryNearest}
	if err := bytestride.Convolve(green, kernel, out, &options); err != nil {
		log.Fatal(err)
	}
	for row := 0; row < rows; row++ {
		for _, value := range blurred[row*columns : (row+1)*columns] {
			fmt.Printf("%8.4f", value)
		}
		fmt.Println()
	}

	// A wrong argument is an error with a status and a message; nothing was written.
	options.Region = bytestride.RegionValid
	err = bytestride.Convolve(green, kernel, out, &options)
	var wrong *bytestride.Error
	if !errors.Is(err, bytestride.ErrShape) || !errors.As(err, &wrong) {
		log.Fatal("a valid region is smaller than the image: ", err)
	}
	fmt.Printf("status %d: %s\n", wrong.Status, wrong.Message)
}
