"""The operations for Go, Java and Node: what the model reads out of the header, and that a new operation reaches each language."""
import ctypes

import pytest

from bytestride import _generated as c
from test_generate import HEADER, generate

model = generate.model
OPTIONS = """
/* Options of `bytestride_clip`. */
typedef struct bytestride_clip_options {
    uint32_t size;          /* sizeof(bytestride_clip_options) as the caller knows it */
    int32_t threads;        /* as in bytestride_options */
    char *error;            /* as in bytestride_options */
    int64_t error_size;     /* as in bytestride_options */
    const int32_t *cancel;  /* as in bytestride_options */
    int64_t *progress;      /* as in bytestride_options */
    uint64_t reserved[3];   /* 0 */
    FIELDS
} bytestride_clip_options;
"""
CLIP = """
/* Clips. */
BYTESTRIDE_API int32_t bytestride_clip(const bytestride_array *a, double low, PARAMETER, const bytestride_clip_options *options);
"""
FIELDS = "int32_t side; /* BYTESTRIDE_SIDE_LEFT (default) or _RIGHT */\n    int32_t padding; /* 0 */"


def meaning(fields=FIELDS, parameter="const bytestride_array *out"):
    """The model of our header with one operation more."""
    place = HEADER.index("/* ---- Utilities")
    text = HEADER[:place] + OPTIONS.replace("FIELDS", fields) + CLIP.replace("PARAMETER", parameter) + HEADER[place:]
    return model.build(generate.Reader(text).header(), "1.0.0")


def test_layouts_are_those_of_ctypes():
    for name, struct in model.build(generate.Reader(HEADER).header(), "1.0.0").structs.items():
        offsets, size = model.layout(struct)
        ours = getattr(c, name)
        assert size == ctypes.sizeof(ours)
        assert offsets == {field: getattr(ours, field).offset for field, _ in ours._fields_}


def test_a_new_operation_reaches_every_language():
    files = {}
    for writer in (generate.go, generate.java, generate.node):
        files.update(writer.files(meaning()))
    go, java = files["ffi/go/operations.go"], files["ffi/java/src/main/java/bytestride/Bytestride.java"]
    assert "func Clip(a *View, low float64, out *View, options *ClipOptions) error {" in go
    assert "C.bytestride_clip(c.array(a), C.double(low), c.array(out), raw)" in go
    assert "\tSide Side\n" in go and "raw.side = C.int32_t(o.Side)" in go
    assert "public static void clip(View a, double low, View out, ClipOptions options) {" in java
    assert 'Library.function("bytestride_clip", ADDRESS, JAVA_DOUBLE, ADDRESS, ADDRESS);' in java
    assert "raw.set(JAVA_INT, 64, side == null ? 0 : side.value);" in java
    assert "export const [clip, clipAsync] = operation(" in files["ffi/node/operations.js"]
    assert "{ kind: 'enumeration', field: 'side', words: {'left': 1, 'right': 2} }" in files["ffi/node/declarations.js"]
    assert "side?: 'left' | 'right';" in files["ffi/node/operations.d.ts"]
    assert "clip(a: Strided | null, low: number, out: Strided | null, options?: ClipOptions): void;" in files["ffi/node/operations.d.ts"]


def test_what_fields_and_parameters_mean():
    fields = """int32_t deep;  /* 1: also what is below; 0 (default): not */
    int32_t weights_count; /* how many entries of `weights` count */
    int32_t weights[3];    /* one per axis */
    const bytestride_array *mask; /* NULL, or bool */
    int64_t rounds;        /* 0 = 1 */"""
    clip = meaning(fields, "bytestride_mds_result *result")
    options = clip.options["bytestride_clip_options"].options
    assert [(option.name, option.kind, option.offset, option.companion) for option in options] == [
        ("deep", "truth", 64, None), ("weights", "list", 72, 68), ("mask", "array", 88, None), ("rounds", "number", 96, None)]
    operation = next(item for item in clip.operations if item.stem == "clip")
    assert [argument.kind for argument in operation.parameters] == ["array", "number", "result"] and operation.result.kind == "struct"


def test_a_range_and_a_list_of_constants():
    built = model.build(generate.Reader(HEADER).header(), "1.0.0")
    words = {(name, option.name): [word.name for word in option.words]
             for name, group in built.options.items() for option in group.options if option.words}
    assert words["bytestride_convolve_options", "boundary"] == ["CONSTANT", "REFLECT", "MIRROR", "NEAREST", "WRAP"]
    assert set(words["bytestride_neighbor_product_options", "boundary"]) == {"ZERO", "COPY", "KEEP", "REFLECT", "MIRROR", "NEAREST", "WRAP"}
    # A number of two meanings makes two types.
    assert {item.name for item in built.enumerations} >= {("convolve", "method"), ("mds", "method"), ("boundary",)}


@pytest.mark.parametrize("fields, parameter, message", [
    ("int32_t depth; /* how deep */", "const bytestride_array *out", "neither constants nor"),
    ("int32_t side; /* BYTESTRIDE_SIDE_MIDDLE (default) */", "const bytestride_array *out", "unknown constants"),
    ("const double *table; /* numbers */", "const bytestride_array *out", "points to double"),
    ("int32_t weights[3]; /* one per axis */", "const bytestride_array *out", "has no weights_count"),
    (FIELDS, "const double *table", "neither an array nor the one result"),
    (FIELDS, "int64_t *count, int64_t *other", "neither an array nor the one result"),
])
def test_what_does_not_keep_the_conventions(fields, parameter, message):
    with pytest.raises(model.ModelError, match=message):
        meaning(fields, parameter)


def test_options_begin_with_the_common_ones():
    text = HEADER.replace("    int32_t rule; ", "    int32_t extra; /* 1: more */\n    int32_t rule; ").replace(
        "    int32_t threads;        /* as in bytestride_options */\n", "", 1)
    with pytest.raises(model.ModelError, match="does not begin with the common options"):
        model.build(generate.Reader(text).header(), "1.0.0")


def test_manifests_follow_the_version(tmp_path, monkeypatch):
    for name, text in (("ffi/java/pom.xml", '<?xml version="1.0"?>\n<version>1.0.0</version>\n<version>5.1.4</version>\n'),
                       ("ffi/node/package.json", '{ "version": "1.0.0", "dependencies": { "koffi": "3.3.4" } }\n'),
                       ("ffi/node/package-lock.json", '{ "version": "1.0.0", "": { "version": "1.0.0" }, "koffi": { "version": "3.3.4" } }\n')):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(generate, "ROOT", tmp_path)
    files = generate.package_files(generate.Reader(HEADER.replace("BYTESTRIDE_VERSION_PATCH 0", "BYTESTRIDE_VERSION_PATCH 5")).header())
    assert files["ffi/java/pom.xml"] == '<?xml version="1.0"?>\n<version>1.0.5</version>\n<version>5.1.4</version>\n'
    assert files["ffi/node/package.json"] == '{ "version": "1.0.5", "dependencies": { "koffi": "3.3.4" } }\n'
    assert files["ffi/node/package-lock.json"].count("1.0.5") == 2 and '"version": "3.3.4"' in files["ffi/node/package-lock.json"]
