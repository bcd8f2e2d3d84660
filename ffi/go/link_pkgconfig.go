//go:build !bytestride_flags

package bytestride

// #cgo pkg-config: bytestride
import "C"
