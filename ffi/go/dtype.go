package bytestride

// #include <bytestride.h>
import "C"

import (
	"fmt"
	"reflect"
	"strings"
)

// DType is what the elements of a view are.
type DType int32

// Half is a float16 in the bits of an integer: IEEE 754 binary16. [Copy] casts to and from it.
type Half uint16

// Element is what the elements of a slice may be. int and uint are 64 bits wide here; [Half] is [Float16].
type Element interface {
	~bool | ~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 |
		~float32 | ~float64 | ~complex64 | ~complex128
}

var kinds = map[reflect.Kind]DType{
	reflect.Bool: Bool, reflect.Int: Int64, reflect.Int8: Int8, reflect.Int16: Int16, reflect.Int32: Int32, reflect.Int64: Int64,
	reflect.Uint: Uint64, reflect.Uint8: Uint8, reflect.Uint16: Uint16, reflect.Uint32: Uint32, reflect.Uint64: Uint64,
	reflect.Float32: Float32, reflect.Float64: Float64, reflect.Complex64: Complex64, reflect.Complex128: Complex128,
}

// DTypeOf is the dtype of a slice's elements.
func DTypeOf[T Element]() DType {
	var zero T
	if _, half := any(zero).(Half); half {
		return Float16
	}
	return kinds[reflect.TypeOf(zero).Kind()]
}

// The dtypes are numbers of DLPack: a code, and bits << 8.
const (
	codeFloat   = 2
	codeComplex = 5
)

// Size is the number of bytes of an element.
func (d DType) Size() int { return int(d>>8&0xff) / 8 }

// fractional is whether elements can lie between integers.
func (d DType) fractional() bool { return d&0xff == codeFloat || d&0xff == codeComplex }

var names = map[DType]string{
	Bool: "bool", Int8: "int8", Int16: "int16", Int32: "int32", Int64: "int64", Uint8: "uint8", Uint16: "uint16", Uint32: "uint32",
	Uint64: "uint64", Float16: "float16", Float32: "float32", Float64: "float64", Complex64: "complex64", Complex128: "complex128",
}

// String is the name that NumPy has for the dtype.
func (d DType) String() string {
	if name, known := names[d]; known {
		return name
	}
	return fmt.Sprintf("DType(0x%x)", int32(d))
}

// ParseDType is the dtype of a name: "float32".
func ParseDType(name string) (DType, error) {
	for dtype, known := range names {
		if strings.EqualFold(known, name) {
			return dtype, nil
		}
	}
	return 0, failuref(ErrDType, "no dtype is called %q", name)
}
