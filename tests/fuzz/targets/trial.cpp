#include "trial.hpp"

#include <climits>

namespace fuzz {

extents trial::shape(int least, int most, std::int64_t elements) {
    return random_shape(dice, static_cast<int>(dice.between(least, most)), dice.between(1, dice.one_in(8) ? 4 * elements : elements));
}

operand &trial::add(std::int32_t code, const extents &shape, bool writeable) {
    return operands.emplace_back(dice, code, shape, strides_of(dice, layouts[dice.between(0, 5)], shape, reference::size_of(code)),
                                 writeable);
}

void trial::expect_untouched() const {
    for (const operand &o : operands) CHECK(o.memory.untouched(o.before));
}

std::int32_t trial::run_once(bytestride_options &options, const std::function<std::int32_t()> &call) {
    const guarded message(dice.between(0, 90), dice.one_in(2) ? edge::front : edge::back);
    const bool has_message = dice.one_in(3) && message.size() > 0;
    options.error = has_message ? message.as<char>() : nullptr;
    if (options.error_size >= 0) options.error_size = has_message ? static_cast<std::int64_t>(message.size()) : 0;
    const std::int32_t status = call();
    CHECK(status <= BYTESTRIDE_OK && status >= BYTESTRIDE_ERROR_DEVICE && status != BYTESTRIDE_ERROR_INTERNAL);
    CHECK(message.intact());
    if (status == BYTESTRIDE_OK) return status;
    const char *text = bytestride_last_error();
    const std::size_t length = std::strlen(text);
    CHECK(length > 0 && length < 1024);
    // A struct of options that could not be read has no buffer.
    if (has_message && message.as<unsigned char>()[0] != guarded::pattern) {
        const std::size_t kept = std::strlen(message.as<char>());
        CHECK(kept == (length < message.size() ? length : message.size() - 1) && std::memcmp(text, message.as<char>(), kept) == 0);
    }
    if (status != BYTESTRIDE_ERROR_CANCELLED) expect_untouched();
    options.error = nullptr;
    return status;
}

std::int32_t trial::run_with(bytestride_options &options, const std::function<std::int32_t()> &call) {
    for (operand &o : operands) {
        o.before = o.memory.bytes();
        if (!o.writeable) o.memory.memory.make_read_only();
    }
    if (dice.one_in(4)) {
        const bytestride_options intact = options;
        if (damage(options)) CHECK(run_once(options, call) != BYTESTRIDE_OK);
        options = intact;
        for (operand &o : operands) o.describe(o.memory);
    }
    for (operand &o : operands) {
        if (dice.one_in(8))
            o.describe_as_numpy(o.memory);
        else if (dice.one_in(8))
            o.described.ours.size = static_cast<std::uint32_t>(dice.between(sizeof(bytestride_array), sizeof o.described));
    }
    std::int64_t progress[2] = {0, -1};
    const std::int32_t cancel = dice.one_in(24);
    options.threads = dice.one_of<std::int32_t>({0, 1, 3, 1 << 29});
    options.cancel = dice.one_in(8) ? &cancel : nullptr;
    options.progress = dice.one_in(8) ? progress : nullptr;
    const std::int32_t status = run_once(options, call);
    if (options.progress && status == BYTESTRIDE_OK) CHECK(progress[1] == -1 || progress[0] == progress[1]);
    if (status == BYTESTRIDE_ERROR_CANCELLED) CHECK(options.cancel && cancel);
    for (const operand &o : operands) CHECK(o.writeable ? o.memory.untouched_beside_elements(o.before) : o.memory.untouched(o.before));
    options.cancel = nullptr;
    options.progress = nullptr;
    if (status != BYTESTRIDE_ERROR_CANCELLED) expect_same_when_dense(options, call, status);
    return status;
}

// The elements as they were before the call, dense: on one thread they give the same status, and the same bits.
void trial::expect_same_when_dense(bytestride_options &options, const std::function<std::int32_t()> &call, std::int32_t status) {
    std::deque<array> dense;
    for (operand &o : operands) {
        const std::int32_t code = o.memory.dtype;
        const std::int64_t itemsize = reference::size_of(code);
        dense.emplace_back(code, o.memory.shape, strides_of(dice, layout::c_order, o.memory.shape, itemsize),
                           dice.one_in(2) ? edge::front : edge::back);
        for (std::int64_t i = 0; i < o.memory.elements(); ++i)
            std::memcpy(dense.back().at(i), o.before.data() + (o.memory.at(i) - o.memory.memory.data()),
                        static_cast<std::size_t>(itemsize));
        o.describe(dense.back());
    }
    options.threads = 1;
    const std::int32_t again = call();
    CHECK_EQ(again, status);
    for (std::size_t k = 0; k < operands.size() && again == BYTESTRIDE_OK && !some_result; ++k) {
        const array &first = operands[k].memory, &second = dense[k];
        CHECK(second.memory.intact());
        int differing = 0;
        for (std::int64_t i = 0; i < first.elements(); ++i) {
            const bool same_bytes = std::memcmp(first.at(i), second.at(i), static_cast<std::size_t>(reference::size_of(first.dtype))) == 0;
            differing += !same_bytes && !reference::holds(first.dtype, first.at(i), second.number_at(i), any_zero);
        }
        CHECK_EQ(differing, 0);
    }
    for (operand &o : operands) o.describe(o.memory);
}

// ---- What must be refused ---------------------------------------------------------------------------------------

// Makes one argument wrong; false where this choice leaves everything right.
bool trial::damage(bytestride_options &options) {
    const std::size_t which = static_cast<std::size_t>(dice.between(0, static_cast<std::int64_t>(operands.size())));
    if (which < operands.size()) return damage(operands[which]);
    switch (dice.between(0, 3)) {
    case 0: options.size = dice.one_of<std::uint32_t>({0, 1, 63, 4097, UINT32_MAX}); break;
    case 1: options.threads = dice.one_of({-1, INT_MIN}); break;
    case 2: options.error_size = -1; break;
    default: options.reserved[dice.between(0, 2)] = dice.bits() | 1; break;
    }
    return true;
}

bool trial::damage(operand &o) {
    bytestride_array &a = o.described.ours;
    const std::int64_t most = std::numeric_limits<std::int64_t>::max();
    const std::size_t axis = a.ndim > 0 ? static_cast<std::size_t>(dice.between(0, a.ndim - 1)) : 0;
    const bool has_elements = o.memory.elements() > 0;
    switch (dice.between(0, 11)) {
    case 0: o.absent = !o.can_be_absent; return o.absent;
    case 1: a.size = dice.one_of<std::uint32_t>({0, 1, 3, 64, 151, 4097, 1u << 31, UINT32_MAX}); return true;
    case 2: a.dtype = static_cast<std::int32_t>(dice.bits()); return reference::position(a.dtype) < 0;
    case 3: a.ndim = dice.one_of({-1, 9, 64, INT_MAX, INT_MIN}); return true;
    case 4: a.flags |= dice.one_of<std::uint32_t>({2, 0x80, 0x200, 0xff00, 0x10000, 1u << 31}); return true;
    case 5: a.shape[axis] = dice.one_of<std::int64_t>({-1, -most, -most - 1}); return a.ndim > 0;
    case 6:  // a span beyond the address space
        if (a.ndim == 0 || !has_elements) return false;
        a.shape[axis] = most >> dice.between(0, 20);
        a.strides[axis] = most >> dice.between(0, 20);
        if (dice.one_in(2)) a.strides[axis] = -a.strides[axis];
        return true;
    case 7: a.data = nullptr; return has_elements;
    case 8: a.flags = 0; return o.writeable;
    case 9:  // elements on top of one another
        if (a.ndim == 0 || !has_elements || a.shape[axis] < 2) return false;
        a.strides[axis] = dice.between(0, reference::size_of(a.dtype) - 1);
        return o.writeable;
    case 10: {  // the memory of another argument
        const operand &other = operands[static_cast<std::size_t>(dice.between(0, static_cast<std::int64_t>(operands.size()) - 1))];
        if (elementwise || !o.writeable || &other == &o || !has_elements || other.memory.elements() == 0) return false;
        a = other.described.ours;
        a.flags = BYTESTRIDE_WRITEABLE;
        return true;
    }
    default:  // a field that this version does not know
        o.described.room[dice.between(sizeof a, sizeof o.described - 1)] = 1;
        a.size = sizeof o.described;
        return true;
    }
}

}  // namespace fuzz
