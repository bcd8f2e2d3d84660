"""The library's own manifest (`bytestride_manifest`), from the header and what a declaration cannot say: which arrays are
written, and the dtypes of each. generate.py writes it; every array of the header must be in the table here, and a test
calls the functions with every dtype to hold the table against them.
"""
import json

INTEGERS = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
FLOATS = ("float16", "float32", "float64")
REAL = ("bool", *INTEGERS, *FLOATS)
ALL = (*REAL, "complex64", "complex128")
WIDE = ("float32", "float64")
PIXELS = ("uint8", "uint16", *WIDE)
DEPTHS = ("uint16", "int32", *WIDE)


def reads(dtypes, ndim=None, optional=False):
    return {"role": "input", "dtypes": list(dtypes), "ndim": ndim, "shape": None, "optional": optional}


def writes(dtypes, ndim=None, optional=False):
    return {**reads(dtypes, ndim, optional), "role": "output"}


def changes(dtypes, ndim=None, optional=False):
    return {**reads(dtypes, ndim, optional), "role": "inout"}


ELEMENTWISE = {"a": reads(ALL), "b": reads(ALL), "out": writes(ALL)}
CONVOLUTION = {"input": reads(REAL), "kernel": reads(REAL), "out": writes(REAL)}
SEARCH = {"a": reads(REAL, 1), "v": reads(REAL), "out": writes(["int64"])}
PRIMES = {"limits": reads(INTEGERS), "out": writes(["uint64"])}

ARRAYS = {
    "bytestride_add": ELEMENTWISE, "bytestride_multiply": ELEMENTWISE,
    "bytestride_subtract": {**ELEMENTWISE, "out": writes(ALL[1:])}, "bytestride_divide": {**ELEMENTWISE, "out": writes(ALL[-5:])},
    "bytestride_minimum": ELEMENTWISE, "bytestride_maximum": ELEMENTWISE,
    "bytestride_copy": {"a": reads(ALL), "out": writes(ALL)},
    "bytestride_transpose_inplace": {"array": changes(ALL, 2)},
    "bytestride_convolve": CONVOLUTION, "bytestride_correlate": CONVOLUTION,
    "bytestride_neighbor_product": {"image": reads(PIXELS), "out": writes(PIXELS)},
    "bytestride_depth_to_points": {"depth": reads(DEPTHS), "points": writes(WIDE, optional=True), "colors": writes(ALL, optional=True),
                                   "indices": writes(["int64"], optional=True)},
    "bytestride_points_to_depth": {"points": reads(WIDE), "out": writes(DEPTHS, 2)},
    "bytestride_distances": {"x": reads(REAL, 2), "y": reads(REAL, 2, optional=True), "out": writes(WIDE, 2)},
    "bytestride_distances_from": {"x": reads(REAL, 2), "point": reads(REAL, 1), "out": writes(WIDE, 1)},
    "bytestride_update_distances": {"x": reads(REAL, 2), "d": changes(WIDE, 2)},
    "bytestride_squared_error": {"goal": reads(REAL), "current": reads(REAL), "out": writes(["float64"])},
    "bytestride_mds": {"dissimilarities": reads(REAL, 2), "points": changes(["float64"], 2),
                       "history": writes(["float64"], 1, optional=True)},
    "bytestride_classical_mds": {"dissimilarities": reads(REAL, 2), "points": writes(["float64"], 2),
                                 "eigenvalues": writes(["float64"], 1, optional=True)},
    "bytestride_searchsorted": SEARCH, "bytestride_binary_search": SEARCH,
    "bytestride_is_prime": {"numbers": reads(("bool", *INTEGERS)), "out": writes(["bool"])},
    "bytestride_sum_primes": PRIMES, "bytestride_count_primes": PRIMES,
}

NUMBERS = {"double": "float64", "float": "float32", "int32_t": "int32", "uint32_t": "uint32", "int64_t": "int64", "uint64_t": "uint64"}
SIZES = {"int32_t": 4, "uint32_t": 4, "float": 4}


class ManifestError(Exception):
    """The table here and the header do not fit together."""


def size_of(name, structs):
    """Bytes of a struct; its fields are laid out so that none needs padding."""
    fields = structs[name]
    if isinstance(fields, str):  # a typedef
        return size_of(fields, structs)
    return sum((8 if field.type.pointer else SIZES.get(field.type.base, 8)) * (field.count or 1) for field in fields)


def argument(function, parameter, structs):
    kind = parameter.type
    if kind.base == "bytestride_array":
        try:
            return {"name": parameter.name, **ARRAYS[function.name][parameter.name]}
        except KeyError:
            raise ManifestError(f"ffi/manifest.py says nothing about {parameter.name} of {function.name}") from None
    if parameter.name == "options":
        return {"name": "options", "role": "options", "type": kind.base, "size": size_of(kind.base, structs)}
    role = "result" if kind.pointer else "scalar"
    return {"name": parameter.name, "role": role, "type": NUMBERS.get(kind.base, kind.base)}


def manifest(functions, structs, abi):
    """The JSON text: the functions that take options, one per line. `structs` maps a name to its fields, or to what it is a typedef of."""
    lines = []
    for function in functions:
        if not any(parameter.name == "options" for parameter in function.parameters):
            continue
        doc = " ".join(function.doc.split("\n\n")[0].split())
        arguments = [argument(function, parameter, structs) for parameter in function.parameters]
        lines.append(json.dumps({"name": function.name, "doc": doc, "paired": False, "arguments": arguments}))
    return f'{{"bytestride": {abi}, "functions": [\n' + ",\n".join(lines) + "\n]}"
