package bytestride

// #include <bytestride.h>
import "C"

import (
	"bytes"
	"context"
	"math"
	"runtime"
	"sync/atomic"
	"unsafe"
)

// Progress tells how far a call is, to any goroutine, while it runs. The zero value is ready for use.
type Progress struct {
	words [2]atomic.Int64
}

// Done is the work that has been done; it never falls.
func (p *Progress) Done() int64 { return p.words[0].Load() }

// Total is the work in all; 0 before the call begins.
func (p *Progress) Total() int64 { return p.words[1].Load() }

// call is what one call of the library needs beside its arguments. C may only keep pointers to Go memory that is
// pinned: the descriptors of the options' arrays, the elements of all, the message, and the words that are shared.
type call struct {
	pinner  runtime.Pinner
	context context.Context
	stop    func() bool
	err     *Error
	cancel  C.int32_t
	message [512]byte // room for the library's longest messages; a longer one is cut
}

// begin fills the fields that every options struct begins with.
func (c *call) begin(head *C.bytestride_options, size uintptr, ctx context.Context, threads int, progress *Progress) {
	c.pinner.Pin(c)
	head.size = C.uint32_t(size)
	head.threads = clamp(threads)
	head.error = (*C.char)(unsafe.Pointer(&c.message[0]))
	head.error_size = C.int64_t(len(c.message))
	if progress != nil {
		c.pinner.Pin(progress)
		head.progress = (*C.int64_t)(unsafe.Pointer(&progress.words[0]))
	}
	if ctx == nil {
		return
	}
	if ctx.Err() != nil {
		c.err = &Error{Status: ErrCancelled, Message: ctx.Err().Error(), cause: ctx.Err()}
		return
	}
	c.context = ctx
	head.cancel = &c.cancel
	c.stop = context.AfterFunc(ctx, func() { atomic.StoreInt32((*int32)(unsafe.Pointer(&c.cancel)), 1) })
}

// array is the descriptor of a view, for the library to read until end; nil for none.
func (c *call) array(view *View) *C.bytestride_array {
	if view == nil {
		return nil
	}
	c.pinner.Pin(view)
	if view.raw.data != nil {
		c.pinner.Pin(view.raw.data)
	}
	return &view.raw
}

// list copies one number per axis into the array of an options struct, and is their count.
func (c *call) list(name string, numbers []int, out []C.int32_t) C.int32_t {
	if len(numbers) > len(out) && c.err == nil {
		c.err = failuref(ErrOption, "%s: %d numbers are given, at most %d are possible", name, len(numbers), len(out))
	}
	for i, number := range numbers[:min(len(numbers), len(out))] {
		out[i] = clamp(number)
	}
	return C.int32_t(len(numbers))
}

// fill is a number as the library takes it: in one field for inputs of floats, in the other for those of integers.
func fill(number float64, whole int64, input *View) (C.double, C.int64_t) {
	if input != nil && input.DType().fractional() && number == 0 {
		return C.double(whole), 0
	}
	if input != nil && !input.DType().fractional() && whole == 0 && math.Trunc(number) == number && math.Abs(number) < 1<<63 {
		return 0, C.int64_t(number)
	}
	return C.double(number), C.int64_t(whole)
}

// check is the error for a status.
func (c *call) check(status C.int32_t) error {
	if status == C.BYTESTRIDE_OK {
		return nil
	}
	text, _, _ := bytes.Cut(c.message[:], []byte{0})
	err := failure(Status(status), string(text))
	if err.Status == ErrCancelled && c.context != nil {
		err.cause = c.context.Err()
	}
	return err
}

// end lets the garbage collector have the memory again.
func (c *call) end() {
	if c.stop != nil {
		c.stop()
	}
	c.pinner.Unpin()
}

// clamp is the nearest number that C can have: what does not fit is as far out of range.
func clamp(number int) C.int32_t {
	return C.int32_t(max(math.MinInt32, min(number, math.MaxInt32)))
}

func truth(value bool) C.int32_t {
	if value {
		return 1
	}
	return 0
}
