package bytestride

// #include <bytestride.h>
import "C"

import (
	"fmt"
	"math/bits"
	"unsafe"
)

// MaxNdim is the most dimensions that a view may have.
const MaxNdim = C.BYTESTRIDE_MAX_NDIM

// View is a strided array in the memory of a slice. Every element of it lies in that slice, which it keeps alive.
// A view never changes; its methods give new ones of the same memory, and panic for an axis or an index out of
// range, as slice expressions do.
type View struct {
	raw C.bytestride_array
}

// New is a view of a whole slice in C order: the last axis is the one whose elements are neighbours. Without a
// shape it has one dimension. Fewer elements than the slice has are its first ones; more are ErrShape.
func New[T Element](data []T, shape ...int) (*View, error) {
	if shape == nil {
		shape = []int{len(data)}
	}
	return Strided(data, 0, shape, nil)
}

// Must is for views that are known to fit: `Must(New(weights, 3, 3))` panics where New fails.
func Must(view *View, err error) *View {
	if err != nil {
		panic(err)
	}
	return view
}

// Strided is a view whose element [i, j, ...] is data[offset + i*strides[0] + j*strides[1] + ...]. Strides count
// elements and may be negative or zero; nil: C order.
func Strided[T Element](data []T, offset int, shape, strides []int) (*View, error) {
	size := int(unsafe.Sizeof(*new(T)))
	return describe(unsafe.Pointer(unsafe.SliceData(data)), len(data), size, DTypeOf[T](), offset, shape, strides)
}

// FromBytes is a view of elements in raw memory: fields of packed records, files, network packets. Offset and
// strides count bytes, at any alignment; nil: C order. Byte order is the machine's.
func FromBytes(data []byte, dtype DType, offset int, shape, strides []int) (*View, error) {
	if _, known := names[dtype]; !known {
		return nil, failuref(ErrDType, "no dtype has the number 0x%x", int32(dtype))
	}
	return describe(unsafe.Pointer(unsafe.SliceData(data)), len(data), 1, dtype, offset, shape, strides)
}

// describe checks that offset + sum of index * stride, in units of `unit` bytes, lies in the `length` units at data.
func describe(data unsafe.Pointer, length, unit int, dtype DType, offset int, shape, strides []int) (*View, error) {
	ndim := len(shape)
	if ndim > MaxNdim {
		return nil, failuref(ErrNdim, "the view has %d dimensions, at most %d are possible", ndim, MaxNdim)
	}
	last := dtype.Size() / unit // units of one element
	empty := false
	for axis, extent := range shape {
		if extent < 0 {
			return nil, failuref(ErrShape, "shape[%d] is %d", axis, extent)
		}
		empty = empty || extent == 0
	}
	if strides == nil {
		strides = make([]int, ndim)
		for axis, stride := ndim-1, last; axis >= 0; axis-- {
			strides[axis] = stride
			// Where the product overflows the array does not fit, which the sum below notices, or it is empty.
			if high, low := bits.Mul64(uint64(stride), uint64(shape[axis])); high == 0 && low <= 1<<62 {
				stride = int(low)
			} else {
				stride = 1 << 62
			}
		}
	}
	if len(strides) != ndim {
		return nil, failuref(ErrShape, "%d strides are given for %d dimensions", len(strides), ndim)
	}
	if offset < 0 || offset > length {
		return nil, failuref(ErrShape, "the view begins at %d of a slice of %d", offset, length)
	}
	// How far the view may reach downwards and upwards; both shrink as axes are added.
	below, above := uint64(offset), uint64(length-offset)
	fits := empty || above >= uint64(last)
	above -= uint64(last)
	for axis := 0; fits && !empty && axis < ndim; axis++ {
		room, step := &above, uint64(strides[axis])
		if strides[axis] < 0 {
			room, step = &below, -step
		}
		high, reach := bits.Mul64(uint64(shape[axis]-1), step)
		fits = high == 0 && reach <= *room
		*room -= reach
	}
	if !fits {
		return nil, failuref(ErrShape, "a view of shape %v, strides %v and offset %d does not lie in a slice of %d", shape, strides, offset, length)
	}

	view := &View{}
	view.raw.size = C.uint32_t(unsafe.Sizeof(view.raw))
	view.raw.dtype = C.int32_t(dtype)
	view.raw.ndim = C.int32_t(ndim)
	view.raw.flags = C.BYTESTRIDE_WRITEABLE
	// An address behind the last element would keep another object alive.
	view.raw.data = data
	if !empty {
		view.raw.data = unsafe.Add(data, offset*unit)
	}
	for axis, extent := range shape {
		view.raw.shape[axis] = C.int64_t(extent)
		if extent > 1 && !empty {
			view.raw.strides[axis] = C.int64_t(strides[axis] * unit)
		}
	}
	return view, nil
}

// DType is what the elements are.
func (v *View) DType() DType { return DType(v.raw.dtype) }

// Ndim is the number of dimensions, 0 to 8.
func (v *View) Ndim() int { return int(v.raw.ndim) }

// Shape is the extents.
func (v *View) Shape() []int { return ints(v.raw.shape[:v.Ndim()]) }

// Strides is the distance in bytes to the next index of each axis; 0 where the extent is at most 1.
func (v *View) Strides() []int { return ints(v.raw.strides[:v.Ndim()]) }

// Writeable is whether results may be written to it.
func (v *View) Writeable() bool { return v.raw.flags&C.BYTESTRIDE_WRITEABLE != 0 }

// String describes the view: "uint8 [480 640]".
func (v *View) String() string { return fmt.Sprintf("%v %v", v.DType(), v.Shape()) }

// ReadOnly is the view without the right to write to it.
func (v *View) ReadOnly() *View {
	view := *v
	view.raw.flags &^= C.BYTESTRIDE_WRITEABLE
	return &view
}

// Index is the part at one index of an axis, without that axis. A negative axis counts from the end.
func (v *View) Index(axis, index int) *View {
	axis = v.axis(axis)
	if index < 0 || index >= int(v.raw.shape[axis]) {
		panic(fmt.Sprintf("bytestride: index %d is out of range for axis %d of extent %d", index, axis, v.raw.shape[axis]))
	}
	view := *v
	view.forward(axis, index)
	ndim := v.Ndim()
	copy(view.raw.shape[axis:ndim], v.raw.shape[axis+1:ndim])
	copy(view.raw.strides[axis:ndim], v.raw.strides[axis+1:ndim])
	view.raw.shape[ndim-1], view.raw.strides[ndim-1] = 0, 0
	view.raw.ndim--
	return &view
}

// Slice is every step-th index of an axis, from start to before stop.
func (v *View) Slice(axis, start, stop, step int) *View {
	axis = v.axis(axis)
	if start < 0 || stop < start || stop > int(v.raw.shape[axis]) || step < 1 {
		panic(fmt.Sprintf("bytestride: slice %d:%d:%d is out of range for axis %d of extent %d", start, stop, step, axis, v.raw.shape[axis]))
	}
	view := *v
	count := 0
	if stop > start {
		view.forward(axis, start)
		count = (stop-start-1)/step + 1
	}
	view.raw.shape[axis] = C.int64_t(count)
	view.raw.strides[axis] = 0
	if count > 1 {
		view.raw.strides[axis] = v.raw.strides[axis] * C.int64_t(step)
	}
	return &view
}

// Flip is the view with one axis in reverse order.
func (v *View) Flip(axis int) *View {
	axis = v.axis(axis)
	view := *v
	if view.raw.shape[axis] > 0 {
		view.forward(axis, int(view.raw.shape[axis])-1)
		view.raw.strides[axis] = -view.raw.strides[axis]
	}
	return &view
}

// Transpose is the view with its axes in another order; without arguments, in reverse order.
func (v *View) Transpose(axes ...int) *View {
	ndim := v.Ndim()
	if len(axes) == 0 {
		for axis := ndim - 1; axis >= 0; axis-- {
			axes = append(axes, axis)
		}
	}
	view, seen := *v, [MaxNdim]bool{}
	if len(axes) != ndim {
		panic(fmt.Sprintf("bytestride: %v is no order of %d axes", axes, ndim))
	}
	for place, axis := range axes {
		axis = v.axis(axis)
		if seen[axis] {
			panic(fmt.Sprintf("bytestride: %v is no order of %d axes", axes, ndim))
		}
		seen[axis] = true
		view.raw.shape[place], view.raw.strides[place] = v.raw.shape[axis], v.raw.strides[axis]
	}
	return &view
}

// Broadcast is the view repeated to a shape: axes of extent 1, and new ones in front, get the stride 0. It can be read.
func (v *View) Broadcast(shape ...int) *View {
	view, shift := *v, len(shape)-v.Ndim()
	if shift < 0 || len(shape) > MaxNdim {
		panic(fmt.Sprintf("bytestride: %v cannot be broadcast to %v", v.Shape(), shape))
	}
	view.raw.ndim = C.int32_t(len(shape))
	view.raw.flags &^= C.BYTESTRIDE_WRITEABLE
	for axis, extent := range shape {
		own, stride := C.int64_t(1), C.int64_t(0)
		if axis >= shift {
			own, stride = v.raw.shape[axis-shift], v.raw.strides[axis-shift]
		}
		if extent < 0 || own != 1 && own != C.int64_t(extent) {
			panic(fmt.Sprintf("bytestride: %v cannot be broadcast to %v", v.Shape(), shape))
		}
		if own == 1 {
			stride = 0
		}
		view.raw.shape[axis], view.raw.strides[axis] = C.int64_t(extent), stride
	}
	return &view
}

// forward moves the first element along an axis. The caller knows that index to be in range.
func (v *View) forward(axis, index int) {
	for _, extent := range v.raw.shape[:v.Ndim()] {
		if extent == 0 {
			return
		}
	}
	v.raw.data = unsafe.Add(v.raw.data, index*int(v.raw.strides[axis]))
}

func (v *View) axis(axis int) int {
	ndim := v.Ndim()
	if axis < -ndim || axis >= ndim {
		panic(fmt.Sprintf("bytestride: axis %d is out of range for %d dimensions", axis, ndim))
	}
	return (axis + ndim) % ndim
}

func ints(numbers []C.int64_t) []int {
	out := make([]int, len(numbers))
	for i, number := range numbers {
		out[i] = int(number)
	}
	return out
}
