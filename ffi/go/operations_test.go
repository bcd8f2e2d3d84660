package bytestride

import (
	"errors"
	"math"
	"math/big"
	"testing"
)

// convolved is the plain loops: the kernel flipped, the nearest element outside, the last axis of the image its channel.
func convolved(image []uint8, rows, columns, channels, channel int, kernel []float64, size int) []float64 {
	clip := func(index, extent int) int { return min(max(index, 0), extent-1) }
	out := make([]float64, rows*columns)
	for row := 0; row < rows; row++ {
		for column := 0; column < columns; column++ {
			for i := 0; i < size; i++ {
				for j := 0; j < size; j++ {
					from := clip(row+size/2-i, rows)*columns + clip(column+size/2-j, columns)
					out[row*columns+column] += kernel[i*size+j] * float64(image[from*channels+channel])
				}
			}
		}
	}
	return out
}

func TestConvolveChannelUpsideDown(t *testing.T) {
	const rows, columns = 13, 17
	image := make([]uint8, rows*columns*3)
	for i := range image {
		image[i] = uint8(i * i * 7)
	}
	kernel := []float64{1, 2, 3, 4, 5, 6, 7, 8, 10}
	upside := make([]uint8, 0, len(image)) // the oracle's own copy: the rows in reverse order
	for row := rows - 1; row >= 0; row-- {
		upside = append(upside, image[row*columns*3:(row+1)*columns*3]...)
	}
	wanted := convolved(upside, rows, columns, 3, 1, kernel, 3)

	green := Must(New(image, rows, columns, 3)).Index(2, 1).Flip(0)
	// The result goes into every second column of a wider array, from right to left; the columns between stay.
	wide := make([]float64, rows*columns*2)
	for i := range wide {
		wide[i] = -1
	}
	out := Must(New(wide, rows, columns*2)).Slice(1, 1, columns*2, 2).Flip(1)
	if err := Convolve(green, Must(New(kernel, 3, 3)), out, &ConvolveOptions{Boundary: BoundaryNearest}); err != nil {
		t.Fatal(err)
	}
	for row := 0; row < rows; row++ {
		for column := 0; column < columns; column++ {
			at := row*columns*2 + 2*(columns-1-column) + 1
			if wide[at] != wanted[row*columns+column] || wide[at-1] != -1 {
				t.Fatalf("[%d, %d]: %v beside %v, wanted %v", row, column, wide[at], wide[at-1], wanted[row*columns+column])
			}
		}
	}
}

func TestConvolveOptions(t *testing.T) {
	line, pair := Must(New([]uint8{1, 2, 3})), Must(New([]int16{1, 10}))
	for _, test := range []struct {
		what    string
		options ConvolveOptions
		wanted  []int64
	}{
		{"zeros outside", ConvolveOptions{}, []int64{1, 12, 23}},
		{"a number outside", ConvolveOptions{Fill: 7}, []int64{71, 12, 23}},
		{"an integer outside", ConvolveOptions{FillInteger: 7}, []int64{71, 12, 23}},
		{"full", ConvolveOptions{Region: RegionFull}, []int64{1, 12, 23, 30}},
		{"valid", ConvolveOptions{Region: RegionValid}, []int64{12, 23}},
		{"wrapped around", ConvolveOptions{Boundary: BoundaryWrap, Threads: 2}, []int64{31, 12, 23}},
		{"shifted", ConvolveOptions{Origin: []int{1}, Axes: []int{0}, Method: ConvolveMethodDirect}, []int64{12, 23, 30}},
	} {
		out := make([]int64, len(test.wanted))
		if err := Convolve(line, pair, Must(New(out)), &test.options); err != nil {
			t.Errorf("%s: %v", test.what, err)
		}
		expect(t, test.what, out, test.wanted)
	}
	out := make([]float64, 3)
	if err := Correlate(line, pair, Must(New(out)), nil); err != nil {
		t.Error(err)
	}
	expect(t, "correlated", out, []float64{10, 21, 32})
	if err := Convolve(Must(New([]float32{1, 2, 3})), pair, Must(New(out)), &ConvolveOptions{Fill: 0.5}); err != nil {
		t.Error(err)
	}
	expect(t, "half outside", out, []float64{6, 12, 23})
	for what, options := range map[string]ConvolveOptions{
		"a fraction outside integers": {Fill: 0.5}, "NaN outside integers": {Fill: math.NaN()}, "a fill too large": {Fill: 256},
		"nine axes": {Axes: make([]int, 9)}, "an axis out of range": {Axes: []int{math.MinInt}}, "unknown boundary": {Boundary: 77},
		"negative threads": {Threads: math.MinInt},
	} {
		if err := Convolve(line, pair, Must(New(out)), &options); !errors.Is(err, ErrOption) {
			t.Errorf("%s: %v", what, err)
		}
	}
	expect(t, "untouched", out, []float64{6, 12, 23})
}

func TestArithmetic(t *testing.T) {
	a, b := Must(New([]int32{7, -8, 9})), Must(New([]float64{2, 4, -3}))
	for what, test := range map[string]struct {
		function func(a, b, out *View, options *Options) error
		wanted   []float64
	}{
		"add": {Add, []float64{9, -4, 6}}, "subtract": {Subtract, []float64{5, -12, 12}}, "multiply": {Multiply, []float64{14, -32, -27}},
		"divide": {Divide, []float64{3.5, -2, -3}}, "minimum": {Minimum, []float64{2, -8, -3}}, "maximum": {Maximum, []float64{7, 4, 9}},
	} {
		out := make([]float64, 3)
		if err := test.function(a, b, Must(New(out)), nil); err != nil {
			t.Error(err)
		}
		expect(t, what, out, test.wanted)
	}
}

func TestCopyAndTranspose(t *testing.T) {
	wrapped, clamped := make([]uint8, 3), make([]uint8, 3)
	from := Must(New([]float32{300.5, -1, 2.5}))
	if err := errors.Join(Copy(from, Must(New(wrapped)), nil), Copy(from, Must(New(clamped)), &CopyOptions{Rule: RuleSaturate})); err != nil {
		t.Fatal(err)
	}
	expect(t, "wrapped", wrapped, []uint8{44, 255, 2})
	expect(t, "clamped", clamped, []uint8{255, 0, 2})
	matrix := counted[int8](6)
	if err := TransposeInplace(Must(New(matrix, 2, 3)), nil); err != nil {
		t.Fatal(err)
	}
	expect(t, "transposed in place", matrix, []int8{0, 3, 1, 4, 2, 5})
}

func TestNeighborProduct(t *testing.T) {
	// One pixel of three channels in the middle of ones: the window's product is the pixel, normalised to length 1.
	image := make([]float64, 3*3*3)
	for i := range image {
		image[i] = 1
	}
	copy(image[12:], []float64{2, 3, 6})
	out := make([]float64, len(image))
	view := Must(New(image, 3, 3, 3))
	if err := NeighborProduct(view, Must(New(out, 3, 3, 3)), &NeighborProductOptions{Boundary: BoundaryCopy}); err != nil {
		t.Fatal(err)
	}
	for i, wanted := range []float64{2. / 7, 3. / 7, 6. / 7} {
		if math.Abs(out[12+i]-wanted) > 1e-14 || out[i] != 1 {
			t.Errorf("channel %d: %v, wanted %v; rim %v", i, out[12+i], wanted, out[i])
		}
	}
}

func TestDepth(t *testing.T) {
	depth := []uint16{1000, 0, 2000, 4000}
	image := Must(New(depth, 2, 2))
	points, places := make([]float64, 12), make([]int64, 4)
	mask := []bool{true, true, true, false}
	options := &DepthToPointsOptions{Invalid: InvalidDrop, Mask: Must(New(mask, 2, 2)), Frame: FrameOpenGL}
	count, err := DepthToPoints(image, Must(New(points, 4, 3)), nil, Must(New(places)), 2, 2, 0, 0, options)
	if err != nil {
		t.Fatal(err)
	}
	expect(t, "count", count, 2)
	expect(t, "places", places[:2], []int64{0, 2})
	expect(t, "points", points[:6], []float64{0, 0, -1, 0, -1, -2}) // y up, z backward: (0, 1) of 2 m is one below the axis

	count, err = DepthToPoints(image, Must(New(points[:3], 1, 3)), nil, nil, 2, 2, 0, 0, options)
	if count != 2 || !errors.Is(err, ErrShape) {
		t.Errorf("without room: %d, %v", count, err)
	}
	back := make([]uint16, 4)
	if err := PointsToDepth(Must(New(points[:6], 2, 3)), Must(New(back, 2, 2)), 2, 2, 0, 0, &PointsToDepthOptions{Frame: FrameOpenGL}); err != nil {
		t.Fatal(err)
	}
	expect(t, "back", back, []uint16{1000, 0, 2000, 0})
}

func TestDistances(t *testing.T) {
	points := []float64{0, 0, 3, 4, 6, 8}
	x := Must(New(points, 3, 2))
	matrix := make([]float64, 9)
	d := Must(New(matrix, 3, 3))
	if err := Distances(x, nil, d, nil); err != nil {
		t.Fatal(err)
	}
	expect(t, "euclidean", matrix, []float64{0, 5, 10, 5, 0, 5, 10, 5, 0})
	points[0] = 3 // the first row moves to (3, 0)
	if err := UpdateDistances(x, d, -3, nil); err != nil {
		t.Fatal(err)
	}
	expect(t, "updated", matrix, []float64{0, 4, math.Sqrt(73), 4, 0, 5, math.Sqrt(73), 5, 0})
	row := make([]float64, 3)
	if err := DistancesFrom(x, Must(New([]int8{3, 4})), Must(New(row)), &DistancesOptions{Metric: MetricCityblock}); err != nil {
		t.Fatal(err)
	}
	expect(t, "cityblock", row, []float64{4, 0, 7})
	sum := []float64{0}
	weights := Must(New([]uint8{1, 0, 2}))
	err := SquaredError(Must(New([]uint8{1, 2, 3})), Must(New([]float32{2, 9, 1})), Must(New(sum)).Index(0, 0), &SquaredErrorOptions{Weights: weights})
	if err != nil {
		t.Fatal(err)
	}
	expect(t, "squared error", sum[0], 1*1+2*4.)
}

func TestScaling(t *testing.T) {
	places := []float64{0, 1, 3, 7} // on a line
	apart := make([]float64, 16)
	for i, a := range places {
		for j, b := range places {
			apart[4*i+j] = math.Abs(a - b)
		}
	}
	points, eigenvalues := make([]float64, 4), make([]float64, 1)
	if err := ClassicalMDS(Must(New(apart, 4, 4)), Must(New(points, 4, 1)), Must(New(eigenvalues)), nil); err != nil {
		t.Fatal(err)
	}
	spread := 0.0
	for i, place := range places {
		spread += (place - 2.75) * (place - 2.75)
		if math.Abs(points[i]-(place-2.75)) > 1e-9 {
			t.Errorf("point %d: %v, wanted %v", i, points[i], place-2.75)
		}
	}
	if math.Abs(eigenvalues[0]-spread) > 1e-9 {
		t.Errorf("eigenvalue %v, wanted %v", eigenvalues[0], spread)
	}
	points[2] += 0.5
	history := make([]float64, 400)
	options := &MDSOptions{Method: MDSMethodSMACOF, Init: InitGiven, MaxIter: 400, Eps: 1e-15}
	result, err := MDS(Must(New(apart, 4, 4)), Must(New(points, 4, 1)), Must(New(history)), options)
	if err != nil || !result.Converged || result.Stress > 1e-9 || result.NIter < 1 || math.Abs(history[0]) < result.Stress {
		t.Errorf("%+v, %v, history %v", result, err, history[:3])
	}
}

func TestSearch(t *testing.T) {
	a, v := Must(New([]int32{5, 1, 3, 3})), Must(New([]float64{3, 0, 9}))
	order := Must(New([]uint8{1, 2, 3, 0}))
	out := make([]int64, 3)
	if err := Searchsorted(a, v, Must(New(out)), &SearchsortedOptions{Sorter: order, Side: SideRight}); err != nil {
		t.Fatal(err)
	}
	expect(t, "right", out, []int64{3, 0, 4})
	if err := BinarySearch(Must(New([]int32{1, 3, 5, 9})), v, Must(New(out)), nil); err != nil {
		t.Fatal(err)
	}
	expect(t, "found", out, []int64{1, -1, 3})
}

func TestPrimes(t *testing.T) {
	const limit = 1000
	prime := make([]bool, limit)
	if err := IsPrime(Must(New(counted[int](limit))), Must(New(prime)), nil); err != nil {
		t.Fatal(err)
	}
	var sum, count uint64
	for number, found := range prime {
		divisors := 0
		for divisor := 1; divisor <= number; divisor++ {
			if number%divisor == 0 {
				divisors++
			}
		}
		if found != (divisors == 2) {
			t.Errorf("%d: %v", number, found)
		}
		if found && number >= 100 {
			sum += uint64(number)
			count++
		}
	}
	out := make([]uint64, 2)
	limits := Must(New([]int64{limit, -5}))
	if err := SumPrimes(limits, Must(New(out)), &SumPrimesOptions{Start: 100}); err != nil {
		t.Fatal(err)
	}
	expect(t, "sum", out, []uint64{sum, 0})
	if err := CountPrimes(limits, Must(New(out)), &SumPrimesOptions{Start: 100}); err != nil {
		t.Fatal(err)
	}
	expect(t, "count", out, []uint64{count, 0})

	// Published: OEIS A046731, the sum of the primes below 10^11.
	wanted, _ := new(big.Int).SetString("201467077743744681014", 10)
	found, err := SumPrimesBelow(0, 100_000_000_000, nil)
	if err != nil || found.Cmp(wanted) != 0 {
		t.Errorf("found %v, %v, wanted %v", found, err, wanted)
	}
}
