// Descriptors of any content: made by the library, from DLPack tensors, and in any function's arguments.
#include "families.hpp"
#include "trial.hpp"

namespace fuzz {
namespace {

// DLPack 1.1, dlpack.h.
struct dl_tensor {
    void *data;
    std::int32_t device_type, device_id, ndim;
    std::uint8_t code, bits;
    std::uint16_t lanes;
    std::int64_t *shape, *strides;
    std::uint64_t byte_offset;
};
struct dl_managed_versioned {
    std::uint32_t major, minor;
    void *context, *deleter;
    std::uint64_t flags;
    dl_tensor tensor;
};

// Extents that fit, that nearly overflow, and that are no extents.
std::int64_t any_extent(random_numbers &dice) {
    switch (dice.between(0, 5)) {
    case 0: return static_cast<std::int64_t>(dice.bits());
    case 1: return std::numeric_limits<std::int64_t>::max() >> dice.between(0, 62);
    case 2: return -dice.between(0, 40);
    default: return dice.between(0, 40);
    }
}

// What the library accepts lies in the address space, all of it.
void expect_sound(const bytestride_array &a) {
    CHECK(a.size == sizeof a && a.ndim >= 0 && a.ndim <= BYTESTRIDE_MAX_NDIM && reference::position(a.dtype) >= 0);
    bool empty = false;
    for (int i = 0; i < a.ndim && i < BYTESTRIDE_MAX_NDIM; ++i) {
        CHECK(a.shape[i] >= 0);
        empty = empty || a.shape[i] == 0;
    }
    if (empty) return;
    __int128 low = static_cast<__int128>(reinterpret_cast<std::uintptr_t>(a.data)), high = low + reference::size_of(a.dtype);
    for (int i = 0; i < a.ndim && i < BYTESTRIDE_MAX_NDIM; ++i) {
        const __int128 reach = static_cast<__int128>(a.shape[i] - 1) * a.strides[i];
        if (a.shape[i] > 1) (reach < 0 ? low : high) += reach;
    }
    CHECK(a.data && low >= 0 && high <= static_cast<__int128>(UINTPTR_MAX));
}

void made(random_numbers &dice) {
    std::int64_t shape[8], strides[8];
    for (int i = 0; i < 8; ++i) {
        shape[i] = any_extent(dice);
        strides[i] = any_extent(dice);
    }
    bytestride_array a, before;
    std::memset(&a, 0x5a, sizeof a);
    before = a;
    const std::int32_t code = dice.one_in(8) ? static_cast<std::int32_t>(dice.bits()) : reference::codes[dice.between(0, 13)],
                       ndim = static_cast<std::int32_t>(dice.one_in(8) ? dice.between(-2, 10) : dice.between(0, 8));
    void *const data = reinterpret_cast<void *>(dice.one_in(4) ? dice.bits() : dice.one_in(8) ? 0 : 0x1000);
    const std::int32_t status = bytestride_array_init(dice.one_in(20) ? nullptr : &a, data, code, ndim, dice.one_in(20) ? nullptr : shape,
                                                      dice.one_in(2) ? nullptr : strides, static_cast<std::uint32_t>(dice.between(0, 2)));
    CHECK(status <= BYTESTRIDE_OK && status >= BYTESTRIDE_ERROR_DEVICE && status != BYTESTRIDE_ERROR_INTERNAL);
    if (status == BYTESTRIDE_OK)
        expect_sound(a);
    else
        CHECK(std::memcmp(&a, &before, sizeof a) == 0 && *bytestride_last_error());
}

void from_dlpack(random_numbers &dice) {
    std::int64_t shape[8], strides[8];
    for (int i = 0; i < 8; ++i) {
        shape[i] = any_extent(dice);
        strides[i] = any_extent(dice);
    }
    dl_managed_versioned managed{};
    managed.major = dice.one_in(8) ? static_cast<std::uint32_t>(dice.bits()) : 1;
    managed.flags = dice.bits();
    dl_tensor &tensor = managed.tensor;
    tensor.data = reinterpret_cast<void *>(dice.one_in(8) ? dice.bits() : dice.one_in(8) ? 0 : 0x1000);
    tensor.device_type = static_cast<std::int32_t>(dice.one_in(4) ? dice.bits() : 1);
    tensor.ndim = static_cast<std::int32_t>(dice.one_in(8) ? dice.between(-2, 10) : dice.between(0, 8));
    const std::int32_t code = dice.one_in(8) ? static_cast<std::int32_t>(dice.bits()) : reference::codes[dice.between(0, 13)];
    tensor.code = static_cast<std::uint8_t>(code);
    tensor.bits = static_cast<std::uint8_t>(code >> 8);
    tensor.lanes = static_cast<std::uint16_t>(code >> 16);
    tensor.shape = dice.one_in(20) ? nullptr : shape;
    tensor.strides = dice.one_in(2) ? nullptr : strides;
    tensor.byte_offset = dice.one_in(4) ? dice.bits() : 0;
    const bool versioned = dice.one_in(2);
    bytestride_array a, before;
    std::memset(&a, 0x5a, sizeof a);
    before = a;
    const void *given = versioned ? static_cast<const void *>(&managed) : &tensor;
    const std::int32_t status = bytestride_from_dltensor(given, versioned, &a);
    CHECK(status <= BYTESTRIDE_OK && status >= BYTESTRIDE_ERROR_DEVICE && status != BYTESTRIDE_ERROR_INTERNAL);
    if (status == BYTESTRIDE_OK)
        expect_sound(a);
    else
        CHECK(std::memcmp(&a, &before, sizeof a) == 0 && *bytestride_last_error());
}

// Where nothing can be right, every function refuses: an output that no thread could hold, in a struct of any bytes.
void refused(random_numbers &dice) {
    union {
        bytestride_array ours;
        numpy_interface numpy;
        unsigned char room[4096];
    } any;
    for (std::size_t i = 0; i < sizeof any.numpy; ++i) any.room[i] = static_cast<unsigned char>(dice.bits());
    std::memset(any.room + sizeof any.numpy, dice.one_in(2) ? 0 : 0x11, sizeof any - sizeof any.numpy);
    std::intptr_t shape[8], strides[8];
    for (int i = 0; i < 8; ++i) {
        shape[i] = any_extent(dice) | std::intptr_t(1) << 61;
        strides[i] = any_extent(dice) | 1;
    }
    if (dice.one_in(2)) {
        any.numpy.two = 2;
        any.numpy.typekind = dice.one_of({'b', 'i', 'u', 'f', 'c', 'V'});
        any.numpy.ndim = static_cast<int>(dice.between(1, 9));
        any.numpy.itemsize = static_cast<int>(dice.between(0, 17));
        any.numpy.shape = dice.one_in(8) ? nullptr : shape;
        any.numpy.strides = dice.one_in(8) ? nullptr : strides;
    } else {
        any.ours.size = dice.one_in(2) ? sizeof any.ours : static_cast<std::uint32_t>(dice.between(3, sizeof any));
        any.ours.ndim = static_cast<std::int32_t>(dice.between(1, 9));
        for (int i = 0; i < 8; ++i) {
            any.ours.shape[i] = shape[i];
            any.ours.strides[i] = strides[i];
        }
    }
    double number = 0;
    bytestride_array good;
    CHECK_STATUS(bytestride_array_init(&good, &number, BYTESTRIDE_FLOAT64, 0, nullptr, nullptr, BYTESTRIDE_WRITEABLE), BYTESTRIDE_OK);
    const bytestride_array *bad = &any.ours;
    std::int32_t status = BYTESTRIDE_OK;
    switch (dice.between(0, 7)) {
    case 0: status = bytestride_add(&good, bad, &good, nullptr); break;
    case 1: status = bytestride_copy(&good, bad, nullptr); break;
    case 2: status = bytestride_convolve(bad, &good, &good, nullptr); break;
    case 3: status = bytestride_neighbor_product(bad, bad, nullptr); break;
    case 4: status = bytestride_squared_error(bad, bad, &good, nullptr); break;
    case 5: status = bytestride_searchsorted(bad, &good, &good, nullptr); break;
    case 6: status = bytestride_is_prime(bad, bad, nullptr); break;
    default: status = bytestride_mds(bad, bad, nullptr, nullptr, nullptr); break;
    }
    CHECK(status < BYTESTRIDE_OK && status >= BYTESTRIDE_ERROR_DEVICE && status != BYTESTRIDE_ERROR_INTERNAL);
    CHECK(number == 0);
}

}  // namespace

void arrays(random_numbers &dice) {
    switch (dice.between(0, 2)) {
    case 0: return made(dice);
    case 1: return from_dlpack(dice);
    default: return refused(dice);
    }
}

}  // namespace fuzz
