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
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .looks import Look, row_numbers
from .passes import columns
from .sealed import seal

seal(globals())

DISTINCT, LISTED, NUMBERED, PRINTS = 4096, 40_000, 200_000, 200_000
"""Rows kept as they are; rows listed pass by pass; rows shown until numbering is given up; fingerprints kept."""
_CHECKED, _ENOUGH = 8, 4
_NEAR = 1e-3
_SPARSE = 16
"""Of rows that were only glanced at, every so manieth is looked up."""


class Rows:
    """The rows of one training, as far as they were looked at."""

    def __init__(self) -> None:
        """Start without any."""
        self.table: list[NDArray[np.float64]] = []
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
    def labels_settled(self) -> bool:
        """Whether labels were found that agree from one time to the next."""
        return self._agreed >= 16 and self._agreed >= 19 * self._disagreed

    def changed(self, look: Look) -> bool:
        """Tell whether a pass shows other rows, or other labels, than those of the data set so far."""
        if not self.known or look.numbers is None:
            return False
        step = max(1, len(look.numbers) // _CHECKED)
        places = [self._number.get(number) for number in look.numbers[::step][:_CHECKED].tolist()]
        new = places.count(None)
        self._new_in_a_row = self._new_in_a_row + new if 2 * new >= len(places) else 0
        if self._new_in_a_row >= _ENOUGH:
            return True
        return look.labels is not None and self._labels_changed(look.labels[::step][:_CHECKED].tolist(), places)

    def _labels_changed(self, labels: list[float], places: list[int | None]) -> bool:
        """Tell whether enough rows in a row have labels unlike their earlier ones, which had been steady."""
        settled, agreed, disagreed = self.labels_settled, 0, 0
        for label, place in zip(labels, places, strict=True):
            known = float("nan") if place is None else self._label[place]
            off, near = abs(label - known), _NEAR * (1 + abs(label) + abs(known))
            agreed += off <= near
            disagreed += off > near  # neither, where one of them is not a number
        self._agreed += agreed
        self._disagreed += disagreed
        self._off_in_a_row = self._off_in_a_row + disagreed if disagreed >= agreed else 0
        return settled and self._off_in_a_row >= _ENOUGH

    @property
    def _numbering(self) -> bool:
        """Whether rows still have to be numbered or listed one by one."""
        return self._shown < NUMBERED and (self._listing or not self.known)

    def take(self, tables: Sequence[NDArray[Any]]) -> bool:
        """Note the rows of many passes that bring nothing new; False, and nothing is noted, if they may."""
        sizes = [len(table) for table in tables]
        if self._numbering or not all(sizes) or len({table.shape[1:] for table in tables}) > 1:
            return False
        numbers = row_numbers(columns(np.concatenate(tables)))
        if self.known and not all(map(self._number.__contains__, numbers[::_SPARSE].tolist())):
            return False
        prints = np.add.reduceat(numbers, np.cumsum([0, *sizes[:-1]]))
        self.fingerprints.extend(prints[: max(0, PRINTS - len(self.fingerprints))].tolist())
        self._shown += len(numbers)
        self._new_in_a_row = 0
        return True

    def add(self, look: Look) -> None:
        """Note the rows of one pass."""
        if len(self.fingerprints) < PRINTS:
            self.fingerprints.append(look.fingerprint)
        if look.numbers is None or look.table is None:
            return
        if self._numbering:
            self._number_rows(look.table, look.numbers.tolist(), look.labels)
        self._shown += len(look.numbers)

    def _number_rows(self, table: NDArray[Any], numbers: list[int], labels: NDArray[np.float64] | None) -> None:
        """Give each new row a number, and list the rows of this pass."""
        for at, number in enumerate(numbers):
            if number in self._number:
                self._since_new += 1
                continue
            self._number[number] = len(self._number)
            self._label.append(float("nan") if labels is None else float(labels[at]))
            self._since_new = 0
            self._append(table[at])
        places = [self._number[number] for number in numbers]
        self._listing = self._listing and max(places) < len(self.table) and self._listed < LISTED
        if self._listing:
            self._listed += len(places)
            self.listed.append(np.array(places, dtype=np.int64))

    def _append(self, row: NDArray[Any]) -> None:
        """Keep a row as it is, if there is room and it is as wide as the others."""
        if len(self.table) < min(DISTINCT, len(self._number)) and len(row) == len((self.table or [row])[0]):
            self.table.append(row.copy())
