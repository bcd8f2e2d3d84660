// Package bytestride calls libbytestride: fast loops over strided arrays, in the memory of Go slices.
//
// A [View] is a part of a slice: a shape, and strides that may be negative or zero. It is checked once, when it is
// made, so no element of it lies outside its slice; nothing is copied. Results are written to the view that the
// caller hands over.
//
//	rgb, err := bytestride.New(pixels, 480, 640, 3)        // pixels is a []uint8
//	green := rgb.Index(2, 1).Flip(0)                       // every third byte, last row first
//	options := &bytestride.ConvolveOptions{Boundary: bytestride.BoundaryNearest, Threads: 2}
//	err = bytestride.Convolve(green, kernel, blurred, options)
//
// Every operation takes its options last; nil, and the zero value of each field, are the defaults. An array that a
// function can do without may be nil. A failure is an [*Error] with the library's status and a message that names
// the argument, and leaves outputs as they were:
//
//	if errors.Is(err, bytestride.ErrShape) { ... }
//
// Any number of goroutines may call at once. While a call runs, nothing else may write to its arrays or read its
// outputs. The C library is found by pkg-config, or with the build tag bytestride_flags in CGO_CFLAGS and CGO_LDFLAGS.
package bytestride
