package bytestride

// #include <bytestride.h>
import "C"

import (
	"fmt"
	"regexp"
	"strconv"
)

// Status is why a call failed, as the library says it: one of the Err constants.
type Status int32

// Error is the library's text for the status.
func (s Status) Error() string {
	return C.GoString(C.bytestride_strerror(C.int32_t(s)))
}

// Error is a failed call. errors.Is finds its Status in it, and after a cancellation the context's error.
type Error struct {
	// Status is one of the Err constants.
	Status Status
	// Message says what was wrong: "argument 2 (kernel): ...".
	Message string
	// Argument is the number of the argument that was wrong, from 1 on; 0 where it was none.
	Argument int
	// Name is the name of that argument, or "".
	Name string

	cause error
}

// Error is the message.
func (e *Error) Error() string {
	return "bytestride: " + e.Message
}

// Unwrap gives errors.Is the status, and what the context said.
func (e *Error) Unwrap() []error {
	if e.cause != nil {
		return []error{e.Status, e.cause}
	}
	return []error{e.Status}
}

var argument = regexp.MustCompile(`^argument (\d+) \((\w+)\)`)

// failure is an error whose message may begin as the library's do.
func failure(status Status, message string) *Error {
	err := &Error{Status: status, Message: message}
	if found := argument.FindStringSubmatch(message); found != nil {
		err.Argument, _ = strconv.Atoi(found[1])
		err.Name = found[2]
	}
	return err
}

func failuref(status Status, format string, values ...any) *Error {
	return failure(status, fmt.Sprintf(format, values...))
}
