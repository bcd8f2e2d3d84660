// One call of the library with what every function promises checked around it: arrays of any layout between forbidden
// pages, inputs that cannot be written, results that depend on no layout and no thread, refusals that change nothing.
#pragma once
#include <deque>
#include <functional>

#include "definitions.hpp"

namespace fuzz {

using namespace test;

// NumPy's PyArrayInterface, which every function takes as well.
struct numpy_interface {
    int two, ndim;
    char typekind;
    int itemsize, flags;
    std::intptr_t *shape, *strides;
    void *data, *description;
};

// An array argument: its memory, and the descriptor that the call gets, at an address that stays the same.
class operand {
public:
    operand(random_numbers &dice, std::int32_t code, const extents &shape, const extents &strides, bool writeable_)
        : memory(code, shape, strides, dice.one_in(2) ? edge::front : edge::back, dice.one_in(3) ? dice.between(1, 31) : 0),
          writeable(writeable_) {
        describe(memory);
    }
    operand(const operand &) = delete;
    operand &operator=(const operand &) = delete;

    // What to pass.
    const bytestride_array *given() const { return absent ? nullptr : &described.ours; }
    // The same for an argument that may be NULL, or that goes into the options.
    const bytestride_array *optional() {
        can_be_absent = true;
        return &described.ours;
    }

    void describe(const array &a) {
        std::memset(&described, 0, sizeof described);
        described.ours = a.described(writeable);
        absent = false;
    }
    // The same as a struct of NumPy's.
    void describe_as_numpy(const array &a) {
        for (std::size_t i = 0; i < a.shape.size(); ++i) {
            numpy_shape[i] = a.shape[i];
            numpy_strides[i] = a.strides[i];
        }
        static constexpr char kinds[] = "iuf??cb";
        described.numpy = {2,
                           static_cast<int>(a.shape.size()),
                           kinds[reference::type_of(a.dtype)],
                           reference::size_of(a.dtype),
                           0x200 | (writeable ? 0x400 : 0),
                           numpy_shape,
                           numpy_strides,
                           a.first(),
                           nullptr};
    }

    array memory;
    std::vector<unsigned char> before;
    const bool writeable;
    bool absent = false, can_be_absent = false;
    // Room behind the struct: what a newer caller may have there.
    union descriptor {
        bytestride_array ours;
        numpy_interface numpy;
        unsigned char room[256];
    } described;

private:
    std::intptr_t numpy_shape[8], numpy_strides[8];
};

class trial {
public:
    explicit trial(random_numbers &source) : dice(source) {}

    operand &input(std::int32_t code, const extents &shape) { return add(code, shape, false); }
    operand &output(std::int32_t code, const extents &shape) { return add(code, shape, true); }

    // The function may write over an input that is exactly the output's view.
    bool elementwise = false;
    // Zeros of either sign are as good.
    bool any_zero = false;
    // The result is only promised to be one of several.
    bool some_result = false;
    // The status of the valid call. `call` passes the operands and the options, and returns the status; it is called up to
    // three times: with something wrong, with any layout, and with dense arrays on one thread.
    template <class Options> std::int32_t run(Options &options, const std::function<std::int32_t()> &call) {
        static_assert(sizeof(Options) >= sizeof(bytestride_options), "begins with the common options");
        options.size = sizeof options;
        return run_with(reinterpret_cast<bytestride_options &>(options), call);
    }

    // A shape of few elements: what fits the vectors, what is left over, one and none.
    extents shape(int least, int most, std::int64_t elements = 600);
    std::int32_t real_dtype() { return reference::codes[dice.between(0, 11)]; }
    std::int32_t any_dtype() { return reference::codes[dice.between(0, 13)]; }

    random_numbers &dice;

private:
    operand &add(std::int32_t code, const extents &shape, bool writeable);
    std::int32_t run_with(bytestride_options &options, const std::function<std::int32_t()> &call);
    std::int32_t run_once(bytestride_options &options, const std::function<std::int32_t()> &call);
    bool damage(bytestride_options &options);
    bool damage(operand &which);
    void expect_untouched() const;
    void expect_same_when_dense(bytestride_options &options, const std::function<std::int32_t()> &call, std::int32_t status);

    std::deque<operand> operands;
};

}  // namespace fuzz
