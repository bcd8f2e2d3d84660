// Facts about dtypes, against DLPack's numbers and a table printed by NumPy.
#include "core/dtype.hpp"
#include "reference.hpp"
#include "test.hpp"

using namespace bytestride;

TEST("codes, names and sizes") {
    for (int i = 0; i < 14; ++i) {
        const std::int32_t code = reference::codes[i];
        dtype type;
        test::about("%s", reference::names[i]);
        CHECK(dtype_from_code(code, &type));
        CHECK_EQ(name_of(type), reference::names[i]);
        CHECK_EQ(itemsize_of(type), reference::bits_of(code) / 8);
        CHECK_EQ(code >> 16, 1);  // lanes
        CHECK_EQ(alignment_of(type), (reference::bits_of(code) / 8) / (reference::is_complex(code) ? 2 : 1));
        CHECK_EQ(is_real(type), !reference::is_complex(code));
        CHECK_EQ(is_floating(type), reference::is_floating(code));
        CHECK_EQ(is_integer(type), reference::type_of(code) <= 1);
    }
}

TEST("no other code is a dtype") {
    test::random_numbers dice;
    for (int round = 0; round < 20000; ++round) {
        const std::int32_t code = static_cast<std::int32_t>(dice.one_in(2) ? dice.bits() : 0x10000 | (dice.bits() & 0xffff));
        dtype type;
        CHECK_EQ(dtype_from_code(code, &type), reference::position(code) >= 0);
    }
    for (std::int32_t code : {0, -1, 0x2002, 0x22002, 0x18002, 0x11005, 0x10804, 0x10802, 0x12006}) {
        dtype type;
        CHECK(!dtype_from_code(code, &type));
    }
}

TEST("promotion is NumPy's") {
    for (int i = 0; i < 14; ++i)
        for (int j = 0; j < 14; ++j) {
            dtype a{}, b{};
            CHECK(dtype_from_code(reference::codes[i], &a) && dtype_from_code(reference::codes[j], &b));
            test::about("%s with %s", reference::names[i], reference::names[j]);
            CHECK_EQ(name_of(result_type(a, b)), reference::names[static_cast<int>(reference::promotion[i][j])]);
        }
}

TEST("same_kind casts go up the kinds only") {
    for (std::int32_t from : reference::codes)
        for (std::int32_t to : reference::codes) {
            dtype a{}, b{};
            CHECK(dtype_from_code(from, &a) && dtype_from_code(to, &b));
            CHECK_EQ(same_kind_cast(a, b), reference::kind_rank(from) <= reference::kind_rank(to));
        }
}
