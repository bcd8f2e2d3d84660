package bytestride

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync"
	"testing"
)

func TestErrorsNameTheArgument(t *testing.T) {
	out := []float64{1, 2, 3}
	line, kernel, result := Must(New([]float64{1, 2, 3})), Must(New([]float64{1})), Must(New(out))
	for _, test := range []struct {
		what     string
		err      error
		status   Status
		argument int
		name     string
	}{
		{"a missing array", Convolve(line, nil, result, nil), ErrNull, 2, "kernel"},
		{"another shape", Convolve(line, kernel, Must(New(make([]float64, 4))), nil), ErrShape, 3, "out"},
		{"read only", Convolve(line, kernel, result.ReadOnly(), nil), ErrReadOnly, 3, "out"},
		{"the same memory", Convolve(result, kernel, result, nil), ErrOverlap, 3, "out"},
		{"complex numbers", Convolve(Must(New([]complex64{1})), kernel, Must(New([]complex64{1})), nil), ErrDType, 1, "input"},
		{"repeated output", Convolve(line, kernel, Must(Strided(out, 0, []int{3}, []int{0})), nil), ErrOverlap, 3, "out"},
		{"an option's array", SquaredError(line, line, Must(New([]float64{0})), &SquaredErrorOptions{Weights: kernel}), ErrShape, 0, ""},
	} {
		var err *Error
		if !errors.As(test.err, &err) || !errors.Is(test.err, test.status) || err.Status != test.status {
			t.Errorf("%s: %v", test.what, test.err)
			continue
		}
		if test.argument != 0 && (err.Argument != test.argument || err.Name != test.name) {
			t.Errorf("%s: argument %d (%s): %s", test.what, err.Argument, err.Name, err.Message)
		}
		if !strings.HasPrefix(err.Error(), "bytestride: ") || len(err.Message) < 10 {
			t.Errorf("%s: the text is %q", test.what, err)
		}
	}
	expect(t, "untouched", out, []float64{1, 2, 3})
	if ErrShape.Error() == ErrDType.Error() {
		t.Error("statuses have no texts of their own")
	}
}

// slow is a convolution of some seconds: no outer product, one pass over all taps.
func slow(options *ConvolveOptions) error {
	image, kernel := make([]float64, 2000*2000), make([]float64, 101*101)
	for i := range kernel {
		kernel[i] = float64(i * i % 97)
	}
	options.Method = ConvolveMethodDirect
	return Convolve(Must(New(image, 2000, 2000)), Must(New(kernel, 101, 101)), Must(New(make([]float64, len(image)), 2000, 2000)), options)
}

func TestContextEndsACall(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	progress := new(Progress)
	done := make(chan error)
	go func() { done <- slow(&ConvolveOptions{Context: ctx, Progress: progress, Threads: 1}) }()
	for progress.Done() == 0 {
		runtime.Gosched()
	}
	cancel()
	err := <-done
	if !errors.Is(err, ErrCancelled) || !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if progress.Done() >= progress.Total() {
		t.Errorf("%d of %d were done", progress.Done(), progress.Total())
	}
	if err := slow(&ConvolveOptions{Context: ctx}); !errors.Is(err, context.Canceled) {
		t.Errorf("with a context that is done: %v", err)
	}
	out := []float64{0}
	if err := Add(Must(New(out)), Must(New([]float64{1})), Must(New(out)), &Options{Context: context.Background()}); err != nil || out[0] != 1 {
		t.Errorf("with a context that goes on: %v, %v", err, out)
	}
}

func TestProgressEnds(t *testing.T) {
	progress := new(Progress)
	options := &Options{Progress: progress}
	if err := Add(Must(New(make([]int8, 1000))), Must(New(make([]int8, 1000))), Must(New(make([]int8, 1000))), options); err != nil {
		t.Fatal(err)
	}
	if progress.Total() == 0 || progress.Done() != progress.Total() {
		t.Errorf("%d of %d", progress.Done(), progress.Total())
	}
}

// Goroutines call at once while the collector runs: each has its own result, and its own message.
func TestManyGoroutines(t *testing.T) {
	stop := make(chan struct{})
	go func() {
		for {
			select {
			case <-stop:
				return
			default:
				runtime.GC()
			}
		}
	}()
	var group sync.WaitGroup
	for worker := 0; worker < 8; worker++ {
		group.Add(1)
		go func(worker int) {
			defer group.Done()
			for round := 0; round < 100; round++ {
				length := 20 + worker + round
				out := make([]int64, length)
				if err := Convolve(Must(New(counted[int](length))), Must(New([]int8{int8(worker)})), Must(New(out)), nil); err != nil {
					t.Error(err)
					return
				}
				for i, found := range out {
					if found != int64(i*worker) {
						t.Errorf("worker %d: %d at %d", worker, found, i)
						return
					}
				}
				// These weights live in the options alone.
				sum := make([]float64, 1)
				options := &SquaredErrorOptions{Weights: Must(New(counted[float32](3)))}
				if err := SquaredError(Must(New([]int8{1, 2, 3})), Must(New([]int8{1, 1, 1})), Must(New(sum)).Index(0, 0), options); err != nil || sum[0] != 9 {
					t.Errorf("worker %d: %v, %v", worker, err, sum)
				}
				wrong := Convolve(Must(New(out)), nil, Must(New(out)), nil)
				if worker%2 == 0 {
					wrong = Add(nil, Must(New(out)), Must(New(out)), nil)
				}
				name := map[int]string{0: "a", 1: "kernel"}[worker%2]
				if found := new(Error); !errors.As(wrong, &found) || found.Name != name {
					t.Errorf("worker %d: %v", worker, wrong)
				}
			}
		}(worker)
	}
	group.Wait()
	close(stop)
}

func TestTheLibrary(t *testing.T) {
	facts, err := BuildInfo()
	if err != nil || facts.Version != Version() || facts.ISA != ISA() || facts.Threads != NumThreads() || facts.ABI < 1 || facts.Library == "" {
		t.Errorf("%+v, %v", facts, err)
	}
	if err := SetNumThreads(-1); !errors.Is(err, ErrOption) {
		t.Error(err)
	}
	if err := SetNumThreads(3); err != nil || NumThreads() != 3 {
		t.Error(err, NumThreads())
	}
	if err := SetNumThreads(0); err != nil {
		t.Error(err)
	}
}
