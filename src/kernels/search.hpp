// Binary searches of many values in a sorted table.
#pragma once
#include "core/level.hpp"
#include "core/loops.hpp"

namespace bytestride {

enum class search_result { leftmost, rightmost, walk };  // insertion points; any equal element, or -1

struct search_task {
    call settings;
    search_result what;
    view a;          // 1-d
    view sorter;     // 1-d integers, checked; data is null without one
    loop_nest nest;  // out, v
    index count;     // of values
    dtype v;
    dtype compared;  // what both are cast to
};

struct sorter_task {
    call settings;
    view sorter;  // 1-d integers
    index limit;  // 0 <= each < limit, else BYTESTRIDE_ERROR_OPTION
};

}  // namespace bytestride

BYTESTRIDE_KERNEL(search, search_task)
BYTESTRIDE_KERNEL(check_sorter, sorter_task)
