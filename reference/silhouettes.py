"""Small data sets of our own making, in the formats of FashionMNIST and MNIST: drawn garments and drawn digits.

For trials, tests and the sample submissions; a course imports the real ones (`grade data`). Ten kinds of silhouette and
ten digits, each drawn as polygons or strokes whose proportions, place, slant and shade vary, on a grid of 28 x 28. Run
as a script, it writes what students' programs read below `data/`, and beside this file the images that answers are
judged on, whose labels stay here.
"""

import gzip
import struct
from pathlib import Path

import numpy as np

SIZE, FINER = 28, 3
SHADES = 16
"""Levels of grey; few, so that the files are small."""


def quad(top, bottom, low=0.9, high=-0.9):
    """A trapezium, symmetric about the middle: half its width above and below."""
    return [(-top, high), (top, high), (bottom, low), (-bottom, low)]


def both(outline):
    """An outline and its mirror image."""
    return [outline, [(-x, y) for x, y in outline]]


def sleeves(r, shoulder, length, width, spread):
    """Two sleeves from the shoulders down and out."""
    end = (shoulder + spread, -0.75 + length)
    arm = [
        (shoulder - 0.1, -0.85),
        (shoulder + 0.05, -0.8),
        end,
        (end[0] - width, end[1] + 0.12),
        (shoulder - 0.1, -0.3),
    ]
    return [(part, r.uniform(0.75, 1)) for part in both(arm)]


def neck(width, depth):
    """What is cut out at the neck."""
    return ([(-width, -0.95), (width, -0.95), (0, -0.9 + depth)], 0.0)


def t_shirt(r):
    body = r.uniform(0.42, 0.55)
    return [
        (quad(body, body + r.uniform(-0.05, 0.08), r.uniform(0.7, 0.95), -0.85), 1),
        *sleeves(r, body, r.uniform(0.3, 0.6), 0.28, r.uniform(0.2, 0.4)),
        neck(0.2, r.uniform(0.1, 0.3)),
    ]


def trouser(r):
    waist, foot, gap = r.uniform(0.28, 0.42), r.uniform(0.12, 0.25), r.uniform(0.03, 0.2)
    fork = r.uniform(-0.5, -0.1)
    leg = [(0, -0.95), (waist, -0.95), (gap + foot, 0.95), (gap, 0.95), (0, fork)]
    return [(part, 1) for part in both(leg)]


def pullover(r):
    body = r.uniform(0.4, 0.55)
    return [
        (quad(body, body + r.uniform(-0.03, 0.1), r.uniform(0.7, 0.95), -0.85), 1),
        *sleeves(r, body, r.uniform(1.2, 1.6), 0.2, r.uniform(0.15, 0.35)),
        neck(0.16, r.uniform(0.05, 0.15)),
    ]


def dress(r):
    waist, hem = r.uniform(0.15, 0.28), r.uniform(0.35, 0.7)
    middle = r.uniform(-0.3, 0.1)
    right = [(0, -0.75), (0.12, -0.95), (waist + 0.1, -0.9), (waist, middle), (hem, 0.95), (0, 0.95)]
    return [(part, 1) for part in both(right)]


def coat(r):
    body = r.uniform(0.42, 0.55)
    front = r.uniform(0.02, 0.07)
    return [
        (quad(body, body + r.uniform(0.05, 0.2), 0.97, -0.9), 1),
        *sleeves(r, body, r.uniform(1.2, 1.6), 0.22, r.uniform(0.1, 0.3)),
        neck(0.18, r.uniform(0.2, 0.4)),
        (quad(front, front, 0.97), r.uniform(0, 0.4)),
    ]


def sandal(r):
    heel, sole = r.uniform(0, 0.5), r.uniform(0.1, 0.2)
    base = [
        (-0.95, 0.5),
        (0.1, 0.5),
        (0.95, 0.5 - heel),
        (0.95, 0.5 + sole),
        (0.75, 0.5 + sole),
        (0.6, 0.5 + sole - heel / 2),
        (-0.95, 0.5 + sole),
    ]
    straps = [
        [(x, 0.5), (x + 0.15, 0.5), (x + r.uniform(0.2, 0.5), r.uniform(-0.3, 0.1)), (x + 0.1, 0.0)]
        for x in r.uniform(-0.8, 0.6, 3)
    ]
    return [(base, 1), *((strap, r.uniform(0.5, 1)) for strap in straps)]


def shirt(r):
    body = r.uniform(0.4, 0.52)
    buttons = [(quad(0.03, 0.03, y + 0.06, y), r.uniform(0, 0.3)) for y in np.linspace(-0.5, 0.7, r.integers(3, 6))]
    length = r.choice([r.uniform(0.4, 0.7), r.uniform(1.2, 1.6)])
    return [
        (quad(body, body + r.uniform(-0.02, 0.1), r.uniform(0.8, 0.97), -0.9), 1),
        *sleeves(r, body, length, 0.22, r.uniform(0.12, 0.32)),
        neck(0.14, r.uniform(0.15, 0.3)),
        *buttons,
    ]


def sneaker(r):
    top, sole = r.uniform(-0.15, 0.1), r.uniform(0.1, 0.2)
    upper = [(-0.95, 0.35), (-0.6, 0.15), (0.1, top - 0.1), (0.4, top), (0.9, top - 0.05), (0.95, 0.5), (-0.95, 0.5)]
    return [(upper, r.uniform(0.6, 1)), ([(-0.97, 0.5), (0.97, 0.5), (0.97, 0.5 + sole), (-0.97, 0.5 + sole)], 1)]


def bag(r):
    width, height, lower = r.uniform(0.65, 0.95), r.uniform(-0.35, 0.0), r.uniform(0.7, 0.95)
    rise, hold = r.uniform(-0.9, -0.55), r.uniform(0.25, 0.5)
    handle = [(-hold - 0.1, height), (-hold, rise), (hold, rise), (hold + 0.1, height)]
    inner = [(-hold, height), (-hold + 0.12, rise + 0.15), (hold - 0.12, rise + 0.15), (hold, height)]
    return [(handle, r.uniform(0.6, 1)), (inner, 0.0), (quad(width * r.uniform(0.8, 1), width, lower, height), 1)]


def ankle_boot(r):
    top, shaft = r.uniform(-0.95, -0.65), r.uniform(0.0, 0.3)
    upper = [(-0.95, 0.4), (-0.6, 0.1), (-shaft, -0.05), (-shaft + 0.1, top), (0.85, top), (0.95, 0.6), (-0.95, 0.6)]
    heel = r.uniform(0.1, 0.3)
    return [
        (upper, r.uniform(0.7, 1)),
        ([(0.4, 0.6), (0.95, 0.6), (0.9, 0.6 + heel), (0.5, 0.6 + heel)], 1),
        ([(-0.95, 0.6), (0.4, 0.6), (0.4, 0.7), (-0.95, 0.7)], 1),
    ]


GARMENTS = (t_shirt, trouser, pullover, dress, coat, sandal, shirt, sneaker, bag, ankle_boot)
"""In the order of FashionMNIST's labels."""


def stroke(points, width):
    """A line along some points, as one quadrilateral for each piece, lengthened a little so that pieces meet."""
    points = np.asarray(points, dtype=float)
    for start, end in zip(points, points[1:]):
        along = (end - start) / np.linalg.norm(end - start) * width / 2
        across = np.array([-along[1], along[0]])
        yield [start - along + across, end + along + across, end + along - across, start - along - across]


def arc(x, y, rx, ry, start, end):
    """Points on an ellipse, from one angle to another, in degrees, clockwise from the right."""
    angles = np.radians(np.linspace(start, end, 9))
    return list(zip(x + rx * np.cos(angles), y + ry * np.sin(angles)))


def digit(which):
    """Return what draws a digit, as strokes."""

    def draw(r):
        a, b, c = r.uniform(-0.12, 0.12, 3)
        lines = {
            0: [arc(0, 0, 0.5 + a, 0.75 + b, 0, 360)],
            1: [[(-0.25 + a, -0.45 + b), (0, -0.75), (c, 0.75)]],
            2: [[*arc(0, -0.35, 0.42 + a, 0.4, 190, 390), (-0.45, 0.75), (0.5 + b, 0.75 + c / 2)]],
            3: [arc(0, -0.38, 0.4 + a, 0.37, 200, 450), arc(0, 0.37, 0.45 + b, 0.38, 270, 520)],
            4: [[(0.25 + a, 0.75), (0.2 + a, -0.75), (-0.5, 0.25 + b), (0.55, 0.25 + c)]],
            5: [[(0.45 + a, -0.75), (-0.35, -0.75), (-0.4, -0.1 + b), *arc(0, 0.3, 0.45, 0.42 + c / 2, 230, 500)]],
            6: [[(0.3 + a, -0.75), (-0.2, -0.3), (-0.42, 0.3)], arc(0, 0.35, 0.42 + b, 0.38 + c / 2, 0, 360)],
            7: [[(-0.45 + a, -0.7), (0.45, -0.7 + b), (-0.1 + c, 0.75)]],
            8: [arc(0, -0.38, 0.36 + a, 0.36, 0, 360), arc(0, 0.38, 0.43 + b, 0.37, 0, 360)],
            9: [arc(0, -0.33, 0.4 + a, 0.38 + b / 2, 0, 360), [(0.4, -0.33), (0.35, 0.2), (0.2 + c, 0.75)]],
        }[which]
        width = r.uniform(0.16, 0.3)
        return [(piece, 1) for line in lines for piece in stroke(line, width)]

    return draw


DIGITS = tuple(map(digit, range(10)))

MIDDLES = (np.arange(SIZE * FINER) + 0.5) / (SIZE * FINER) * 2.4 - 1.2
"""Of the fine grid's cells, along one axis."""


def covered(outline):
    """Which cells of the fine grid lie inside a polygon (even-odd rule)."""
    corners = np.asarray(outline, dtype=float)
    inside = np.zeros((len(MIDDLES), len(MIDDLES)), dtype=bool)
    for (x0, y0), (x1, y1) in zip(corners, np.roll(corners, -1, axis=0)):
        crosses = (y0 > MIDDLES) != (y1 > MIDDLES)
        if crosses.any():
            at = x0 + (MIDDLES - y0) / np.where(y1 == y0, 1, y1 - y0) * (x1 - x0)
            inside ^= crosses[:, None] & (MIDDLES[None, :] < at[:, None])
    return inside


def drawn(parts, r, *, shaded):
    """One image (28, 28) of bytes: parts placed, slanted and shaded at random; the brightest pixel is 255."""
    turn, (wide, high), (right, down) = r.normal(0, 0.06, (2, 2)), r.uniform(0.82, 1.08, 2), r.uniform(-0.12, 0.12, 2)
    fine = np.zeros((len(MIDDLES), len(MIDDLES)))
    for outline, tone in parts:
        place = np.asarray(outline, dtype=float) @ (np.diag([wide, high]) + turn) + (right, down)
        fine[covered(place)] = tone
    coarse = fine.reshape(SIZE, FINER, SIZE, FINER).mean(axis=(1, 3))
    if shaded:
        rows, columns = np.linspace(-1, 1, SIZE)[:, None], np.linspace(-1, 1, SIZE)[None, :]
        a, b, c, d = r.uniform(-0.3, 0.3, 4)
        coarse *= 0.75 + a * rows + b * columns + c * np.sin(d * 20 * columns)
    levels = np.round(np.clip(coarse, 0, None) / coarse.max() * (SHADES - 1))
    return (levels * (255 // (SHADES - 1))).astype(np.uint8)


def images(kinds, count, seed, *, shaded):
    """Images (count, 28, 28) and labels (count,), bytes; every kind equally often, in random order."""
    r = np.random.default_rng(seed)
    labels = r.permutation(np.arange(count) % len(kinds)).astype(np.uint8)
    return np.array([drawn(kinds[label](r), r, shaded=shaded) for label in labels]), labels


def idx(array):
    """An array of bytes in the IDX format: magic number, lengths, numbers."""
    return struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.tobytes()


def main(course):
    """Write every file below a course's folder."""
    for name, kinds, shaded, seed in (("fashion", GARMENTS, True, 2025), ("mnist", DIGITS, False, 80085)):
        folder = course / "data" / name
        folder.mkdir(parents=True, exist_ok=True)
        train = images(kinds, 8000 if shaded else 2000, (seed, 0), shaded=shaded)
        test = images(kinds, 1000 if shaded else 500, (seed, 1), shaded=shaded)
        for part, (pictures, labels) in {"train": train, "t10k": test}.items():
            (folder / f"{part}-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx(pictures), 9, mtime=0))
            (folder / f"{part}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(labels), 9, mtime=0))
        if not shaded:
            np.savez_compressed(
                folder / "mnist.npz", x_train=train[0], y_train=train[1], x_test=test[0], y_test=test[1]
            )
    pictures, labels = images(GARMENTS, 500, (2025, 2), shaded=True)
    np.savez_compressed(course / "reference" / "fashion.npz", images=pictures, labels=labels)


if __name__ == "__main__":
    main(Path(__file__).resolve().parents[1])
