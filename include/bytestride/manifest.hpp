// What a library of own kernels says about its functions, to its own checks and to bytestride_manifest().
#pragma once
#include <cstdio>
#include <string>

#include "view.hpp"

// Each library of own kernels has its own copy of everything here, however the libraries are loaded.
#pragma GCC visibility push(hidden)
namespace bytestride {
namespace kernel {

enum class role : std::uint8_t { input, output, inout, scalar };

// A parameter of a kernel, as its C++ type says.
struct parameter {
    role what;
    dtype type;  // of the elements, or of the number
    int ndim;    // of an array
};

// What an extent must be: what another one is, a number, or anything.
struct extent_rule {
    bool free;
    int argument, axis;  // an extent before it; no argument: -1
    index number;
};

// An argument as BYTESTRIDE_EXPORT names it.
struct argument_name {
    char text[40];
    char fallback[32];  // the default of a number; empty: none
    bool has_extents;
    int ndim;  // how many extents are named
    char extents[max_ndim][24];
    extent_rule rules[max_ndim];
};

// The arguments of a function, from the text of the macro, when the kernel is compiled.
template <int Count> struct names {
    argument_name of[Count]{};
    bool readable = true;

    constexpr explicit names(const char *text) {
        for (int i = 0; i < Count; ++i) {
            argument_name &argument = of[i];
            text = word(skip_spaces(text), argument.text, sizeof argument.text);
            if (*text == '(') {
                argument.has_extents = true;
                do {
                    if (argument.ndim == max_ndim) readable = false;
                    text = skip_spaces(text + 1);
                    if (*text != ')' && readable) text = word(text, argument.extents[argument.ndim++], sizeof argument.extents[0]);
                } while (*text == ',' && readable);
                readable = readable && *text == ')';
                if (readable) text = skip_spaces(text + 1);
            } else if (*text == '=') {
                text = word(skip_spaces(text + 1), argument.fallback, sizeof argument.fallback);
            }
            readable = readable && argument.text[0] && *text == (i == Count - 1 ? '\0' : ',');
            if (!readable) return;
            if (*text) ++text;
        }
        for (int i = 0; i < Count; ++i)
            for (int axis = 0; axis < of[i].ndim; ++axis) of[i].rules[axis] = rule(i, axis);
    }

    // Whether the names go with the parameters.
    constexpr bool fit(const parameter *parameters) const {
        for (int i = 0; i < Count; ++i) {
            const bool scalar = parameters[i].what == role::scalar;
            if (scalar ? of[i].has_extents : of[i].fallback[0] != '\0') return false;
            if (of[i].has_extents && of[i].ndim != parameters[i].ndim) return false;
            if (of[i].fallback[0] && !is_number(of[i].fallback)) return false;
        }
        return readable;
    }

private:
    static constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
    static constexpr const char *skip_spaces(const char *text) {
        while (*text == ' ' || *text == '\t') ++text;
        return text;
    }
    static constexpr bool equal(const char *a, const char *b) {
        while (*a && *a == *b) ++a, ++b;
        return *a == *b;
    }
    // As JSON writes it: digits, a point with digits on both sides, an exponent.
    static constexpr bool is_number(const char *text) {
        if (*text == '-') ++text;
        if (!is_digit(*text) || (*text == '0' && is_digit(text[1]))) return false;
        while (is_digit(*text)) ++text;
        if (*text == '.') {
            if (!is_digit(*++text)) return false;
            while (is_digit(*text)) ++text;
        }
        if (*text == 'e' || *text == 'E') {
            ++text;
            if (*text == '+' || *text == '-') ++text;
            if (!is_digit(*text)) return false;
            while (is_digit(*text)) ++text;
        }
        return *text == '\0';
    }
    // Copies what stands before the next separator, and returns where that is.
    constexpr const char *word(const char *text, char *into, std::size_t size) {
        std::size_t length = 0;
        while (*text && *text != ',' && *text != '(' && *text != ')' && *text != '=' && *text != ' ') {
            if (length + 1 >= size) {
                readable = false;
                return text;
            }
            into[length++] = *text++;
        }
        if (length == 0) readable = false;
        return skip_spaces(text);
    }
    constexpr extent_rule rule(int i, int axis) const {
        const char *extent = of[i].extents[axis];
        if (is_digit(*extent)) {
            index number = 0;
            for (; is_digit(*extent); ++extent) number = 10 * number + (*extent - '0');
            return {false, -1, 0, number};
        }
        if (equal(extent, "_")) return {true, -1, 0, 0};
        for (int before = 0; before <= i; ++before)
            for (int other = 0; other < (before == i ? axis : of[before].ndim); ++other)
                if (equal(of[before].extents[other], extent)) return {false, before, other, 0};
        return {true, -1, 0, 0};
    }
};

// An exported function. Declarations of one library form a list from the moment it is loaded.
class declaration {
public:
    static constexpr int most_kernels = dtype_count;

    declaration(const char *its_name, const char *its_doc, const argument_name *arguments, int argument_count,
                const parameter *const *per_kernel, int kernel_count)
        : name(its_name), doc(its_doc), names(arguments), count(argument_count), facts(per_kernel), kernels(kernel_count) {
        *last = this;
        last = &next;
    }
    declaration(const declaration &) = delete;
    declaration &operator=(const declaration &) = delete;

    const extent_rule &extent_of(int argument, int axis) const { return names[argument].rules[axis]; }

    // From 1; 0 when no argument has the name.
    int position_of(const char *argument) const {
        for (int i = 0; i < count; ++i)
            if (std::string(argument) == names[i].text) return i + 1;
        return 0;
    }

    const char *const name, *const doc;
    const argument_name *const names;
    const int count;
    const parameter *const *const facts;  // per kernel, one per argument
    const int kernels;
    declaration *next = nullptr;

    inline static declaration *first = nullptr;
    inline static declaration **last = &first;
};

inline std::string quoted(const char *text) {
    std::string result = "\"";
    for (; *text; ++text) {
        const unsigned char c = static_cast<unsigned char>(*text);
        char escaped[8];
        if (c < 0x20) {
            std::snprintf(escaped, sizeof escaped, "\\u%04x", unsigned(c));
            result += escaped;
        } else {
            if (c == '"' || c == '\\') result += '\\';
            result += *text;
        }
    }
    return result + "\"";
}

inline std::string argument_text(const declaration &self, int i) {
    static constexpr const char *roles[] = {"input", "output", "inout", "scalar"};
    const parameter &facts = self.facts[0][i];
    const argument_name &named = self.names[i];
    std::string text = "{\"name\": " + quoted(named.text) + ", \"role\": \"" + roles[static_cast<int>(facts.what)] + "\"";
    if (facts.what == role::scalar) {
        text += std::string(", \"type\": \"") + name_of(facts.type) + "\"";
        if (named.fallback[0]) text += std::string(", \"default\": ") + named.fallback;
        return text + "}";
    }
    text += ", \"dtypes\": [";
    for (int k = 0; k < self.kernels; ++k) text += std::string(k ? ", \"" : "\"") + name_of(self.facts[k][i].type) + "\"";
    text += "], \"ndim\": " + std::to_string(facts.ndim) + ", \"shape\": ";
    if (!named.has_extents) return text + "null}";
    text += "[";
    for (int axis = 0; axis < named.ndim; ++axis) {
        const char *extent = named.extents[axis];
        text += (axis ? ", " : "") + (*extent >= '0' && *extent <= '9' ? std::string(extent) : quoted(extent));
    }
    return text + "]}";
}

inline std::string manifest_text() {
    std::string text = "{\"bytestride\": " + std::to_string(BYTESTRIDE_ABI_VERSION) + ", \"functions\": [";
    for (const declaration *self = declaration::first; self; self = self->next) {
        text += std::string(self == declaration::first ? "\n" : ",\n") + "{\"name\": " + quoted(self->name) +
                ", \"doc\": " + quoted(self->doc) + ", \"paired\": true, \"arguments\": [";
        for (int i = 0; i < self->count; ++i) text += argument_text(*self, i) + ", ";
        text += "{\"name\": \"options\", \"role\": \"options\", \"type\": \"bytestride_options\", \"size\": " +
                std::to_string(sizeof(bytestride_options)) + "}]}";
    }
    return text + "\n]}";
}

}  // namespace kernel
}  // namespace bytestride
#pragma GCC visibility pop
