package bytestride

// #include <bytestride.h>
import "C"

import (
	"encoding/json"
	"math/big"
	"runtime"
)

// Version is the version of the library at run time: "1.2.3".
func Version() string { return C.GoString(C.bytestride_version()) }

// ISA is the instruction-set level in use: "baseline", "avx2", "avx512" or "neon".
func ISA() string { return C.GoString(C.bytestride_isa()) }

// Facts are about the build and the machine; see [BuildInfo].
type Facts struct {
	Version  string   `json:"version"`
	ABI      int      `json:"abi"`
	Compiler string   `json:"compiler"`
	Levels   []string `json:"levels"`
	ISA      string   `json:"isa"`
	Threads  int      `json:"threads"`
	// SerialReason is why calls run serially, or "".
	SerialReason string `json:"serial_reason"`
	OpenMP       bool   `json:"openmp"`
	// Library is the path of the library's file.
	Library string `json:"library"`
}

// BuildInfo tells about the library that is loaded.
func BuildInfo() (Facts, error) {
	// The text is valid until this thread's next call.
	runtime.LockOSThread()
	text := C.GoString(C.bytestride_build_info())
	runtime.UnlockOSThread()
	var facts Facts
	err := json.Unmarshal([]byte(text), &facts)
	return facts, err
}

// SetNumThreads sets how many threads a call may use in this process when its options say 0. 0 returns to the default.
func SetNumThreads(threads int) error {
	if C.bytestride_set_num_threads(clamp(threads)) != C.BYTESTRIDE_OK {
		return failuref(ErrOption, "argument 1 (threads): is %d, must not be negative", threads)
	}
	return nil
}

// NumThreads is how many threads a call may use when its options say 0; at least 1.
func NumThreads() int { return int(C.bytestride_get_num_threads()) }

// SumPrimesBelow is the sum of the primes p with start <= p < limit, also beyond 64 bits.
// Cost: O(limit^(3/4)) time, O(sqrt limit) memory.
func SumPrimesBelow(start, limit uint64, options *Options) (*big.Int, error) {
	c := new(call)
	defer c.end()
	raw := options.raw(c, nil)
	if c.err != nil {
		return nil, c.err
	}
	var words [2]C.uint64_t
	if err := c.check(C.bytestride_sum_primes_128(C.uint64_t(start), C.uint64_t(limit), &words[0], raw)); err != nil {
		return nil, err
	}
	sum := new(big.Int).SetUint64(uint64(words[1]))
	return sum.Add(sum.Lsh(sum, 64), new(big.Int).SetUint64(uint64(words[0]))), nil
}
