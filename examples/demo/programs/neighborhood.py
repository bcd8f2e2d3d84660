"""The article on neighbourhood products: a photograph goes in as PNG and comes out as PNG."""
import io

import bytestride as bs
import numpy as np
from PIL import Image

from case import Case, File, Picture, largest_difference
from photographs import photograph

ORDER = 2
TITLE = "Neighbourhood product"
SOURCE = "The article multiplies pixels with their neighbours in Python, and then in a C module of its own (pixel.transform)."
TEXT = ("A pixel becomes the product of the nine colours around it, taken as a vector and brought to length 1: the strongest channel "
        "of a neighbourhood wins, whatever its brightness. The article's form does this pixel by pixel; the rim of one pixel, which it "
        "never wrote, is black here. Bytestride decides every last digit exactly; the other forms round in float64, so they may be off "
        "by one where the exact value is an integer. The article timed its whole program, PNG in to PNG out: that is the second "
        "case, in which coding the PNG takes nearly all of the time that is left.")


def by_loops(image, out):
    """The article's form: the nine neighbours of one pixel at a time, and the length of their product."""
    scaled = image / 255
    rows, columns, channels = image.shape
    out[...] = 0
    for i in range(1, rows - 1):
        for j in range(1, columns - 1):
            vector = np.ones(channels)
            for y in (i - 1, i, i + 1):
                for x in (j - 1, j, j + 1):
                    vector = vector * scaled[y, x]
            length = np.linalg.norm(vector)
            if length:
                out[i, j] = np.minimum(vector / length, 1) * 255
    return out


def by_slices(image, out):
    """NumPy: products of three rows, then of three columns, then one norm for all pixels."""
    wide = image.astype(np.float64)
    down = wide[:-2] * wide[1:-1] * wide[2:]
    product = down[:, :-2] * down[:, 1:-1] * down[:, 2:]
    length = np.sqrt(np.einsum("ijk,ijk->ij", product, product))
    length[length == 0] = 1
    product *= (255 / length)[..., None]
    out[...] = 0
    np.minimum(product, 255, out=out[1:-1, 1:-1], casting="unsafe")
    return out


def ours(image, out):
    return bs.neighbor_product(image, out=out)


def coded(pixels):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def decoded(png):
    with Image.open(io.BytesIO(png)) as image:
        return np.asarray(image)


def from_png_to_png(form):
    """The article's whole program around one of the forms."""
    def program(png, out):
        image = decoded(png)
        return coded(form(image, np.empty_like(image)))
    return program


def cases(quick):
    photo = photograph("rocket.jpg")
    if quick:
        photo = np.ascontiguousarray(photo[100:300, 200:400])
    rows, columns, _ = photo.shape
    part = np.ascontiguousarray(photo[-60:, -60:])
    share = {"part_name": f"60 × 60 of {rows} × {columns} pixels", "scale": rows * columns / 60**2}
    yield Case(f"pixels to pixels, {columns} × {rows}, colour", (photo,), by_loops, {"NumPy slices": by_slices}, ours, np.empty_like, 1, part=(part,), **share,
               shows=lambda data, result: [Picture("input", photo), Picture("normalised product of each 3 × 3 neighbourhood", result)],
               remark=lambda outcome: f"That is {rows * columns / outcome.time / 1e6:,.0f} million pixels a second.")
    yield Case("PNG in, PNG out", (coded(photo),), from_png_to_png(by_loops), {"NumPy slices, Pillow": from_png_to_png(by_slices)}, from_png_to_png(ours),
               bound=1, part=(coded(part),), **share, difference=lambda a, b: largest_difference(decoded(a), decoded(b)),
               shows=lambda data, result: [File("photograph.png", data[0], "what went in"), File("product.png", result, "what came out")])
