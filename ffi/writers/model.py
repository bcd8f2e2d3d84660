"""What the header's declarations mean to a language with objects: operations, options, enumerations, layouts.

The writers beside this file print it as Go, Java and JavaScript. Nothing about a single operation is known here; what
is not in the declarations follows from the conventions of the header and of its comments, and an exception tells
where a new declaration does not keep them:

- an operation is a function with `options`; its arrays are `const bytestride_array *`, and what it tells beside its
  status goes through a pointer to one number or to a struct with `size`;
- fields that begin every options struct are the common ones; padding and `reserved` say nothing;
- `x_count` before `x[8]` is a list; an `int32_t` whose comment says `1: ...` is a truth value;
- an `int32_t` field `boundary` holds one of the constants `BYTESTRIDE_BOUNDARY_...`, those that its comment names;
- `x_integer` behind a `double x` is the same number for arrays of integers.
"""
import re
from collections import namedtuple

Word = namedtuple("Word", "name value doc")                      # name without prefix: "NEAREST"
Enumeration = namedtuple("Enumeration", "name words doc")        # name in words: ("boundary",), ("convolve", "method")
# companion: the offset of the `x_count` of a list, or of the `x_integer` of a fill
Option = namedtuple("Option", "name kind base offset companion doc enumeration words length")
Options = namedtuple("Options", "struct stem doc size options")
ResultField = namedtuple("ResultField", "name kind base offset doc")
Result = namedtuple("Result", "name kind base struct")           # kind: "number" or "struct"
Operation = namedtuple("Operation", "symbol stem doc section parameters result options")
Argument = namedtuple("Argument", "name kind base")              # kind: "array", "number" or "result"
Model = namedtuple("Model", "version operations options results enumerations statuses dtypes limits structs")
Limits = namedtuple("Limits", "abi_version max_ndim writeable array_size")

SIZES = {"int32_t": 4, "uint32_t": 4, "float": 4, "int64_t": 8, "uint64_t": 8, "double": 8}
COMMON = "bytestride_options"
ARRAY = "bytestride_array"
# Written by hand in every language, as the two words of its result are one number there.
BY_HAND = {"bytestride_sum_primes_128"}


class ModelError(Exception):
    """A declaration does not keep the conventions above."""


def layout(struct):
    """(offset of each field by name, size) as C lays the struct out on 64-bit machines."""
    offsets, position, widest = {}, 0, 1
    for field in struct.fields:
        size = 8 if field.type.pointer else SIZES[field.type.base]
        position = -(-position // size) * size
        offsets[field.name] = position
        position += size * (field.count or 1)
        widest = max(widest, size)
    return offsets, -(-position // widest) * widest


def stem(name):
    return name[len("bytestride_"):]


def is_truth(field):
    return field.type.base == "int32_t" and not field.type.pointer and re.search(r"(^|: )1: ", field.doc) is not None


class Builder:
    def __init__(self, header, version):
        self.version = version
        # By what the items have, not by their classes: the generator may be loaded under two names.
        self.constants = {item.name: item for item in header.items if hasattr(item, "value")}
        self.structs = {item.name: item for item in header.items if hasattr(item, "fields")}
        self.aliases = {item.name: item.target for item in header.items if hasattr(item, "target")}
        self.functions = [item for item in header.items if hasattr(item, "parameters")]

    # -- enumerations

    def words_of(self, prefix):
        return [Word(name[len(prefix):], item.value, item.doc) for name, item in self.constants.items() if name.startswith(prefix)]

    def chosen(self, struct, field):
        """The constants that the comment of a field names: `A (default), _B or _C`, or `A (default) to B`."""
        prefix = f"BYTESTRIDE_{field.name.upper()}_"
        known = self.words_of(prefix)
        names = re.findall(rf"(?<!\w)(?:{prefix}|_)([A-Z_]+)\b", field.doc)
        found = {word.name: word for word in known}
        unknown = [name for name in names if name not in found]
        if unknown or not names:
            raise ModelError(f"{struct.name}.{field.name}: unknown constants {unknown or field.doc!r}")
        if re.search(rf"\(default\) to {prefix}", field.doc):
            first, last = (found[name].value for name in names)
            return [word for word in known if first <= word.value <= last]
        return [found[name] for name in names]

    def enumeration_name(self, struct, field):
        """One type for a prefix; where a number means two things, one for each struct."""
        words = self.words_of(f"BYTESTRIDE_{field.name.upper()}_")
        if len({word.value for word in words}) == len(words):
            return (field.name,)
        return (*stem(struct.name).removesuffix("_options").split("_"), field.name)

    # -- structs

    def options(self, struct):
        offsets, size = layout(struct)
        common = [field.name for field in self.structs[COMMON].fields]
        if [field.name for field in struct.fields][:len(common)] != common:
            raise ModelError(f"{struct.name} does not begin with the common options")
        options, fields = [], [field for field in struct.fields[len(common):] if not field.name.startswith("padding")]
        names = [field.name for field in fields]
        for field in fields:
            if (field.name.endswith("_count") and field.name[:-len("_count")] in names
                    or field.name.endswith("_integer") and field.name[:-len("_integer")] in names):
                continue
            options.append(self.option(struct, field, offsets, names))
        return Options(struct.name, stem(struct.name), struct.doc, size, options)

    def option(self, struct, field, offsets, names):
        enumeration, words, kind = None, None, "number"
        if field.type.pointer:
            if field.type.base != ARRAY:
                raise ModelError(f"{struct.name}.{field.name} points to {field.type.base}")
            kind = "array"
        elif field.count:
            if f"{field.name}_count" not in names:
                raise ModelError(f"{struct.name}.{field.name} has no {field.name}_count")
            kind = "list"
        elif f"{field.name}_integer" in names:
            kind = "fill"
        elif field.type.base == "int32_t" and self.words_of(f"BYTESTRIDE_{field.name.upper()}_"):
            kind, enumeration, words = "enumeration", self.enumeration_name(struct, field), self.chosen(struct, field)
        elif is_truth(field):
            kind = "truth"
        elif field.type.base == "int32_t":
            raise ModelError(f"{struct.name}.{field.name}: neither constants nor `1: ...`")
        companion = offsets.get(field.name + {"list": "_count", "fill": "_integer"}.get(kind, "?"))
        return Option(field.name, kind, field.type.base, offsets[field.name], companion, field.doc, enumeration, words, field.count)

    def result_fields(self, struct):
        offsets, _ = layout(struct)
        return [ResultField(field.name, "truth" if is_truth(field) else "number", field.type.base, offsets[field.name], field.doc)
                for field in struct.fields if field.name != "size"]

    # -- functions

    def operation(self, function):
        arguments, result = [], None
        for parameter in function.parameters[:-1]:
            kind = parameter.type
            if kind.base == ARRAY and kind.const:
                arguments.append(Argument(parameter.name, "array", None))
            elif not kind.pointer:
                arguments.append(Argument(parameter.name, "number", kind.base))
            elif kind.const or result is not None:
                raise ModelError(f"{function.name}: {parameter.name} is neither an array nor the one result")
            else:
                struct = self.structs.get(kind.base)
                result = Result(parameter.name, "struct" if struct else "number", kind.base, struct)
                arguments.append(Argument(parameter.name, "result", kind.base))
        options = function.parameters[-1].type.base
        return Operation(function.name, stem(function.name), function.doc, function.section, arguments, result,
                         self.aliases.get(options, options))

    def model(self):
        operations = [self.operation(function) for function in self.functions
                      if function.name not in BY_HAND and function.parameters and function.parameters[-1].name == "options"]
        used = dict.fromkeys(operation.options for operation in operations)
        options = {name: self.options(self.structs[name]) for name in self.structs if name in used}
        enumerations = {}
        for group in options.values():
            for option in group.options:
                if option.enumeration:
                    words = enumerations.setdefault(option.enumeration, {})
                    words.update({word.name: word for word in option.words})
        results = {operation.result.base: self.result_fields(operation.result.struct)
                   for operation in operations if operation.result and operation.result.struct}
        values = {name: item.value for name, item in self.constants.items()}
        return Model(self.version, operations, options, results,
                     [Enumeration(name, sorted(words.values(), key=lambda word: word.value), None) for name, words in enumerations.items()],
                     self.words_of("BYTESTRIDE_ERROR_"),
                     [Word(name[len("BYTESTRIDE_"):], item.value, item.doc) for name, item in self.constants.items()
                      if item.section.startswith("dtypes")],
                     Limits(values["BYTESTRIDE_ABI_VERSION"], values["BYTESTRIDE_MAX_NDIM"], values["BYTESTRIDE_WRITEABLE"],
                            layout(self.structs[ARRAY])[1]),
                     self.structs)


def build(header, version):
    return Builder(header, version).model()


# ---- Names and documentation, which every writer spells in its own way ------------------------------------

def camel(words, capitals=()):
    """("max", "iter") -> "MaxIter"; words in `capitals` are written in capitals."""
    return "".join(word.upper() if word in capitals else word[:1].upper() + word[1:] for word in words)


def lower_camel(name):
    first, *rest = name.split("_")
    return first + camel(rest)


def about(field, spelled=None):
    """
    The documentation of an option or of a result's field as a sentence. Constants of an enumeration are named as the
    language spells them, truth values in words.
    """
    doc = field.doc
    if field.kind == "enumeration":
        start = re.split(r"(?<!\w)BYTESTRIDE_", doc)[0]
        default = re.search(r"([A-Z_]+) \(default\)", doc).group(1)
        names = [spelled(word) + (" (default)" if default.endswith("_" + word.name) else "") for word in field.words]
        doc = start + ", ".join(names[:-1]) + " or " + names[-1]
    elif field.kind == "truth":
        doc = re.sub(r"\b1: ", "true: ", re.sub(r"\b0(: | \(default\))", r"false\1", doc))
    elif field.kind == "fill":
        doc = doc.replace(", for float inputs", ", for any input")
    return doc if doc.endswith(".") else doc + "."


def sentence(doc):
    """With a capital, unless it begins with the methods that it is about: `smacof, sgd: ...`."""
    return doc if re.match(r"[a-z]+(, [a-z]+)*: ", doc) and not doc.startswith("true: ") else doc[:1].upper() + doc[1:]


def translated(doc, function, kind, constant, null):
    """
    The header's text in the language's names: functions, structs, constants, and what stands for no array. `constant` gives
    None for a name that is no constant of the language.
    """
    doc = re.sub(r"\bbytestride_([a-z0-9_]+)_options\b", lambda match: kind(match.group(1) + "_options"), doc)
    doc = re.sub(r"\bbytestride_([a-z0-9_]+)\b", lambda match: function(match.group(1)), doc)
    doc = re.sub(r"\b(?:BYTESTRIDE_)?([A-Z]+[A-Z0-9_]*_[A-Z0-9_]+)\b|\bBYTESTRIDE_([A-Z0-9]+)\b",
                 lambda match: constant(match.group(1) or match.group(2)) or match.group(), doc)
    # In a list of failures NULL is a status.
    return re.sub(r"(?<!Failure: )\bNULL\b(?!,\s+[A-Z]{3})", null, doc)


def paragraphs(doc):
    """The lines of a text, with an empty one before every `Shapes: ...` that follows another line."""
    lines = doc.split("\n")
    for number, line in enumerate(lines):
        if number and lines[number - 1] and re.match(r"(dtypes|Shapes|Scalars|`\w+`|[A-Z][a-z]+)((, [a-z]+)*): ", line):
            yield ""
        yield line
