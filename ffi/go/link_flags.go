//go:build bytestride_flags

package bytestride

// With the tag bytestride_flags, CGO_CFLAGS and CGO_LDFLAGS say where the library is (-I..., -L...).

// #cgo LDFLAGS: -lbytestride
import "C"
