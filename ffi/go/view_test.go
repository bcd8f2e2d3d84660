package bytestride

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"testing"
)

// elements reads a view through Copy, in C order.
func elements(t *testing.T, view *View) []float64 {
	t.Helper()
	count := 1
	for _, extent := range view.Shape() {
		count *= extent
	}
	out := make([]float64, count)
	if err := Copy(view, Must(New(out, view.Shape()...)), nil); err != nil {
		t.Fatal(err)
	}
	return out
}

func counted[T int8 | uint8 | int | float32](count int) []T {
	out := make([]T, count)
	for i := range out {
		out[i] = T(i)
	}
	return out
}

func expect[T any](t *testing.T, what string, found, wanted T) {
	t.Helper()
	if !reflect.DeepEqual(found, wanted) {
		t.Errorf("%s: found %v, wanted %v", what, found, wanted)
	}
}

func TestViewsOfASlice(t *testing.T) {
	rgb := Must(New(counted[uint8](24), 2, 4, 3))
	for _, test := range []struct {
		what   string
		view   *View
		shape  []int
		wanted []float64
	}{
		{"one index", rgb.Index(2, 1), []int{2, 4}, []float64{1, 4, 7, 10, 13, 16, 19, 22}},
		{"a negative axis", rgb.Index(-1, 1), []int{2, 4}, []float64{1, 4, 7, 10, 13, 16, 19, 22}},
		{"upside down", rgb.Index(2, 0).Flip(0), []int{2, 4}, []float64{12, 15, 18, 21, 0, 3, 6, 9}},
		{"every second", rgb.Index(0, 1).Index(1, 2).Slice(0, 1, 4, 2), []int{2}, []float64{17, 23}},
		{"transposed", rgb.Index(2, 0).Transpose(), []int{4, 2}, []float64{0, 12, 3, 15, 6, 18, 9, 21}},
		{"an order of axes", rgb.Slice(1, 0, 1, 1).Transpose(2, 0, 1), []int{3, 2, 1}, []float64{0, 12, 1, 13, 2, 14}},
		{"repeated", rgb.Index(0, 0).Index(0, 0).Broadcast(2, 3), []int{2, 3}, []float64{0, 1, 2, 0, 1, 2}},
		{"a single element", rgb.Index(0, 1).Index(0, 3).Index(0, 2), []int{}, []float64{23}},
		{"nothing", rgb.Slice(1, 4, 4, 1), []int{2, 0, 3}, []float64{}},
		{"nothing, flipped and cut", rgb.Slice(1, 2, 2, 1).Flip(1).Flip(0).Index(0, 1), []int{0, 3}, []float64{}},
		{"by strides", Must(Strided(counted[int](10), 9, []int{3}, []int{-3})), []int{3}, []float64{9, 6, 3}},
		{"by bytes", Must(FromBytes(counted[uint8](8), Uint16, 1, []int{2}, []int{3})), []int{2}, []float64{0x0201, 0x0504}},
		{"the first elements", Must(New(counted[float32](10), 2, 2)), []int{2, 2}, []float64{0, 1, 2, 3}},
		{"a whole slice", Must(New(counted[int8](3))), []int{3}, []float64{0, 1, 2}},
	} {
		t.Run(test.what, func(t *testing.T) {
			expect(t, "shape", test.view.Shape(), test.shape)
			expect(t, "elements", elements(t, test.view), test.wanted)
		})
	}
	expect(t, "strides in bytes", rgb.Index(2, 1).Flip(0).Strides(), []int{-12, 3})
	expect(t, "text", rgb.String(), "uint8 [2 4 3]")
}

func TestViewsThatDoNotFit(t *testing.T) {
	data := make([]float32, 12)
	huge := math.MaxInt
	for _, test := range []struct {
		what   string
		status Status
		make   func() (*View, error)
	}{
		{"more elements", ErrShape, func() (*View, error) { return New(data, 13) }},
		{"more rows", ErrShape, func() (*View, error) { return New(data, 4, 4) }},
		{"a negative extent", ErrShape, func() (*View, error) { return New(data, 3, -4) }},
		{"nine dimensions", ErrNdim, func() (*View, error) { return New(data, 1, 1, 1, 1, 1, 1, 1, 1, 1) }},
		{"below the slice", ErrShape, func() (*View, error) { return Strided(data, 5, []int{4}, []int{-2}) }},
		{"above the slice", ErrShape, func() (*View, error) { return Strided(data, 6, []int{4}, []int{2}) }},
		{"an offset behind the slice", ErrShape, func() (*View, error) { return Strided(data, 13, []int{0}, nil) }},
		{"an element behind the slice", ErrShape, func() (*View, error) { return Strided(data, 12, []int{1}, nil) }},
		{"a negative offset", ErrShape, func() (*View, error) { return Strided(data, -1, []int{1}, nil) }},
		{"strides of another length", ErrShape, func() (*View, error) { return Strided(data, 0, []int{2, 2}, []int{1}) }},
		{"extents that overflow", ErrShape, func() (*View, error) { return New(data, huge, huge) }},
		{"a stride that overflows", ErrShape, func() (*View, error) { return Strided(data, 0, []int{3}, []int{huge}) }},
		{"the smallest stride", ErrShape, func() (*View, error) { return Strided(data, 11, []int{2}, []int{math.MinInt}) }},
		{"half an element", ErrShape, func() (*View, error) { return FromBytes(make([]byte, 11), Float64, 4, []int{1}, nil) }},
		{"an unknown dtype", ErrDType, func() (*View, error) { return FromBytes(make([]byte, 8), 7, 0, []int{1}, nil) }},
	} {
		if view, err := test.make(); view != nil || !errors.Is(err, test.status) {
			t.Errorf("%s: %v, %v", test.what, view, err)
		}
	}
	if view := Must(New([]int{}, 3, 0, huge, huge)); len(elements(t, view)) != 0 {
		t.Error("an empty view of no memory")
	}
	view := Must(New(data, 3, 4))
	for what, broken := range map[string]func(){
		"index": func() { view.Index(0, 3) }, "axis": func() { view.Flip(2) }, "slice": func() { view.Slice(1, 0, 5, 1) },
		"step": func() { view.Slice(1, 4, 0, -1) }, "axes": func() { view.Transpose(0, 0) }, "must": func() { Must(New(data, 99)) },
		"shape": func() { view.Broadcast(4, 4) }, "low index": func() { view.Index(1, -1) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: out of range, and nothing was said", what)
				}
			}()
			broken()
		}()
	}
}

type celsius float32

func TestElements(t *testing.T) {
	for wanted, found := range map[DType]DType{
		Bool: DTypeOf[bool](), Int8: DTypeOf[int8](), Int16: DTypeOf[int16](), Int32: DTypeOf[int32](), Int64: DTypeOf[int64](),
		Uint8: DTypeOf[uint8](), Uint16: DTypeOf[uint16](), Uint32: DTypeOf[uint32](), Uint64: DTypeOf[uint64](), Float16: DTypeOf[Half](),
		Float32: DTypeOf[celsius](), Float64: DTypeOf[float64](), Complex64: DTypeOf[complex64](), Complex128: DTypeOf[complex128](),
	} {
		expect(t, wanted.String(), found, wanted)
		parsed, err := ParseDType(wanted.String())
		expect(t, fmt.Sprint(wanted, err), parsed, wanted)
	}
	expect(t, "int", DTypeOf[int](), Int64)
	expect(t, "size of complex128", Complex128.Size(), 16)
	if _, err := ParseDType("float8"); !errors.Is(err, ErrDType) {
		t.Error(err)
	}
}

func sumOf[T Element](t *testing.T, a, b, wanted []T) {
	t.Helper()
	out := make([]T, len(a))
	if err := Add(Must(New(a)), Must(New(b)), Must(New(out)), nil); err != nil {
		t.Errorf("%v: %v", DTypeOf[T](), err)
	}
	expect(t, DTypeOf[T]().String(), out, wanted)
}

func TestAddOfEveryDType(t *testing.T) {
	sumOf(t, []bool{false, true}, []bool{true, true}, []bool{true, true})
	sumOf(t, []int8{100, -1}, []int8{100, 3}, []int8{-56, 2})
	sumOf(t, []int16{32767, -1}, []int16{1, 3}, []int16{-32768, 2})
	sumOf(t, []int32{7, -1}, []int32{1, 3}, []int32{8, 2})
	sumOf(t, []int64{1 << 62, -1}, []int64{1, 3}, []int64{1<<62 + 1, 2})
	sumOf(t, []int{5, -1}, []int{1, 3}, []int{6, 2})
	sumOf(t, []uint8{250, 1}, []uint8{10, 3}, []uint8{4, 4})
	sumOf(t, []uint16{65535, 1}, []uint16{1, 3}, []uint16{0, 4})
	sumOf(t, []uint32{7, 1}, []uint32{1, 3}, []uint32{8, 4})
	sumOf(t, []uint64{1 << 63, 1}, []uint64{1, 3}, []uint64{1<<63 + 1, 4})
	sumOf(t, []uint{9, 1}, []uint{1, 3}, []uint{10, 4})
	sumOf(t, []Half{0x3c00, 0xc000}, []Half{0x3c00, 0x3800}, []Half{0x4000, 0xbe00}) // 1 + 1 = 2, -2 + 0.5 = -1.5
	sumOf(t, []float32{0.5, -1}, []float32{0.25, 3}, []float32{0.75, 2})
	sumOf(t, []float64{0.5, -1}, []float64{0.25, 3}, []float64{0.75, 2})
	sumOf(t, []complex64{1 + 2i}, []complex64{3 - 5i}, []complex64{4 - 3i})
	sumOf(t, []complex128{1 + 2i}, []complex128{3 - 5i}, []complex128{4 - 3i})
	sumOf(t, []float64{}, []float64{}, []float64{})
}
