// The fuzz targets without libFuzzer: every input of the corpus, then some that are random.
// BYTESTRIDE_FUZZ_INPUT=<file> with the name of a family as argument runs one input.
#include <algorithm>
#include <dirent.h>
#include <limits>
#include <vector>

#undef TEST_WITHOUT_MAIN
#include "families.hpp"

namespace {

constexpr int random_inputs = 200;  // per family

std::vector<unsigned char> contents(const std::string &path) {
    std::vector<unsigned char> bytes;
    if (std::FILE *file = std::fopen(path.c_str(), "rb")) {
        for (int c; (c = std::fgetc(file)) != EOF;) bytes.push_back(static_cast<unsigned char>(c));
        std::fclose(file);
    } else {
        test::fail(__FILE__, __LINE__, path + " cannot be read");
    }
    return bytes;
}

std::vector<std::string> files_in(const std::string &folder) {
    std::vector<std::string> paths;
    if (DIR *opened = opendir(folder.c_str())) {
        while (const dirent *entry = readdir(opened))
            if (entry->d_name[0] != '.') paths.push_back(folder + "/" + entry->d_name);
        closedir(opened);
    }
    std::sort(paths.begin(), paths.end());
    return paths;
}

using call = void (*)(test::random_numbers &dice);

void replay(call family, const std::string &name, const std::vector<unsigned char> &bytes) {
    test::about("%s", name.c_str());
    test::random_numbers dice(bytes.data(), bytes.size());
    family(dice);
}

// Valgrind computes the long double of the comparisons as double; it then looks at memory alone.
bool has_long_double() {
    volatile long double one = 1;
    return one + std::numeric_limits<long double>::epsilon() != one;
}

void replay_all(call family) {
    test::state().muted = !has_long_double();
    if (test::state().muted) std::printf("[%s] only memory is looked at: long double has 53 bits here\n", test::state().current);
    if (const char *only = std::getenv("BYTESTRIDE_FUZZ_INPUT")) return replay(family, only, contents(only));
    const std::vector<std::string> paths = files_in(std::string("tests/fuzz/corpus/") + test::state().current);
    CHECK(!paths.empty());
    for (const std::string &path : paths) replay(family, path, contents(path));
    test::random_numbers numbers;
    for (int i = 0; i < random_inputs; ++i) {
        std::vector<unsigned char> bytes(static_cast<std::size_t>(numbers.between(8, 96)));
        for (unsigned char &byte : bytes) byte = static_cast<unsigned char>(numbers.bits());
        replay(family, "random input " + std::to_string(i), bytes);
    }
}

}  // namespace

// The names are those of the corpus's folders.
TEST("arithmetic") { replay_all(fuzz::arithmetic); }
TEST("arrays") { replay_all(fuzz::arrays); }
TEST("convolve") { replay_all(fuzz::convolve); }
TEST("copy") { replay_all(fuzz::copy); }
TEST("depth") { replay_all(fuzz::depth); }
TEST("distance") { replay_all(fuzz::distance); }
TEST("mds") { replay_all(fuzz::mds); }
TEST("neighborhood") { replay_all(fuzz::neighborhood); }
TEST("primes") { replay_all(fuzz::primes); }
TEST("search") { replay_all(fuzz::search); }
