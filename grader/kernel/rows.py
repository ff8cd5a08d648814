"""Which rows a training was shown, and whether they or their labels changed on the way.

Theory of operation. Each row becomes a 64-bit number; the sum of a pass's numbers (modulo 2**64) is its fingerprint, so
order does not matter, and the sum over an epoch does not depend on how it was cut into batches. Rows are numbered as
they first appear until as many have gone by as there are, none of them new: then the data set is known.

Labels never pass through the network. But under a squared loss L = c * sum (f - y)**2 with gradient g by the outputs,
c = sum g**2 / (4 L) and y = f - g / (2 c). If labels found so agree from one epoch to the next, the loss is of that
kind, and a later disagreement means new labels; under any other loss they never agree, and nothing is concluded.
"""

from __future__ import annotations

from array import array
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .sealed import seal

seal(globals())

Table = NDArray[Any]
FEATURES, DISTINCT, LISTED, NUMBERED = 64, 4096, 40_000, 200_000
"""Columns looked at; rows kept as they are; rows listed pass by pass; rows shown until numbering is given up."""
_CHECKED, _ENOUGH = 8, 4
_NEAR = 1e-3
_rng = np.random.default_rng(20240229)
_ODD = _rng.integers(0, 2**63, FEATURES, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
_MIX, _HALF = np.uint64(0x9E3779B97F4A7C15), np.uint64(32)


def columns(table: Table) -> NDArray[np.float64]:
    """Return a (rows, features) table in double precision, at most `FEATURES` columns of it, evenly chosen."""
    if table.shape[1] > FEATURES:
        table = table[:, np.linspace(0, table.shape[1] - 1, FEATURES).astype(int)]
    return np.ascontiguousarray(table, dtype=np.float64)


def row_numbers(table: NDArray[np.float64]) -> NDArray[np.uint64]:
    """Return a 64-bit number for each row: equal rows have equal ones, and others differ."""
    bits = table.view(np.uint64)
    mixed = (bits ^ (bits >> _HALF)) * _ODD[: table.shape[1]]
    rows: NDArray[np.uint64] = ((mixed ^ (mixed >> _HALF)) * _MIX).sum(axis=1, dtype=np.uint64)
    return np.asarray((rows ^ (rows >> _HALF)) * _MIX, dtype=np.uint64)


def labels_under_squares(outputs: Table, gradient: Table, loss: float) -> NDArray[np.float64] | None:
    """Return the label of each row's first output if the loss is a multiple of the sum of squares; else nonsense."""
    g = np.asarray(gradient, dtype=np.float64)
    squares = float((g * g).sum())
    if not (loss > 0 and 0 < squares < np.inf and np.isfinite(loss)):
        return None
    return np.asarray(outputs[:, 0] - g[:, 0] * (2 * loss / squares), dtype=np.float64)


class Rows:
    """The rows of one training, as far as they were looked at."""

    PRINTS = 200_000
    """Passes whose fingerprint is kept."""

    def __init__(self) -> None:
        """Start without any."""
        self.table: list[Table] = []
        self.listed: list[NDArray[np.int64]] = []
        self.fingerprints = array("Q")
        self._number: dict[int, int] = {}
        self._label: list[float] = []
        self._shown = self._listed = self._since_new = 0
        self._new_in_a_row = self._off_in_a_row = 0
        self._agreed = self._disagreed = 0
        self._listing = True

    @property
    def known(self) -> bool:
        """Whether the data set is known: as many rows as it has went by, none of them new."""
        return 0 < len(self._number) <= self._since_new

    @property
    def numbering(self) -> bool:
        """Whether rows are still given numbers."""
        return self._shown < NUMBERED and not (self.known and not self._listing)

    @property
    def labels_settled(self) -> bool:
        """Whether labels were found that agree from one time to the next."""
        return self._agreed >= 16 and self._agreed >= 19 * self._disagreed

    def changed(self, numbers: NDArray[np.uint64], labels: NDArray[np.float64] | None) -> bool:
        """Tell whether a pass shows other rows, or other labels, than those of the data set so far."""
        if not self.known:
            return False
        chosen = self._chosen(numbers)
        places = [self._number.get(int(numbers[at])) for at in chosen]
        new = places.count(None)
        self._new_in_a_row = self._new_in_a_row + new if 2 * new >= len(places) else 0
        if self._new_in_a_row >= _ENOUGH:
            return True
        return labels is not None and self._labels_changed(labels, chosen, places)

    def _chosen(self, numbers: NDArray[np.uint64]) -> list[int]:
        """Return a few rows of a pass, evenly."""
        step = max(1, len(numbers) // _CHECKED)
        return list(range(0, len(numbers), step))[:_CHECKED]

    def _labels_changed(self, labels: NDArray[np.float64], chosen: list[int], places: list[int | None]) -> bool:
        """Tell whether enough rows in a row have labels unlike their earlier ones, which had been steady."""
        settled = self.labels_settled
        near = [
            _near(float(labels[at]), self._label[place])
            for at, place in zip(chosen, places, strict=True)
            if place is not None
        ]
        agreed = near.count(True)
        self._agreed += agreed
        self._disagreed += near.count(False)
        self._off_in_a_row = 0 if 2 * agreed > len(near) else self._off_in_a_row + near.count(False)
        return settled and self._off_in_a_row >= _ENOUGH

    def add(self, table: Table, numbers: NDArray[np.uint64], labels: NDArray[np.float64] | None) -> None:
        """Note the rows of one pass."""
        if self.numbering:
            self._number_rows(table, numbers, labels)
        self._shown += len(numbers)

    def _number_rows(self, table: Table, numbers: NDArray[np.uint64], labels: NDArray[np.float64] | None) -> None:
        """Give each new row a number, and list the rows of this pass."""
        places = []
        for at, number in enumerate(numbers.tolist()):
            place = self._number.get(number)
            if place is None:
                place = self._number[number] = len(self._number)
                self._label.append(float("nan") if labels is None else float(labels[at]))
                self._since_new = 0
                if place < DISTINCT:
                    self._append(table[at])
            else:
                self._since_new += 1
            places.append(place)
        self._listing = self._listing and max(places, default=0) < DISTINCT and self._listed < LISTED
        if self._listing:
            self._listed += len(places)
            self.listed.append(np.asarray(places, dtype=np.int64))

    def _append(self, row: Table) -> None:
        """Keep a row as it is; rows of several widths make no table."""
        if self.table and len(row) != len(self.table[0]):
            self._listing = False
        else:
            self.table.append(row.copy())


def _near(one: float, other: float) -> bool | None:
    """Tell whether two labels are the same up to rounding; None if either is unknown."""
    if not (np.isfinite(one) and np.isfinite(other)):
        return None
    return abs(one - other) <= _NEAR * (1 + abs(one) + abs(other))
