"""`Accuracy`: how many images the trained network is right about, counted by us on images whose labels stay here.

The images go to the finished kernel, prepared as the student prepared theirs; the answers come back, and are compared
with labels that no kernel ever sees. Logits, logarithms of probabilities and probabilities have their largest entry in
the same place, so nothing has to be known about what the outputs are. The accuracy that the student reports is that of
other images: it may differ by chance, and is called wrong only where it differs by more.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from grader.chance import ALARM, UNIT
from grader.errors import RubricError
from grader.expect.behaviour import live_answers, still
from grader.expect.expectation import Ask, Expectation
from grader.expect.fit import Bands
from grader.expect.network import Network, Subject
from grader.expect.perceptron import chain_of, read
from grader.expect.reported import Report, reports
from grader.expect.runs import candidates, readings_of
from grader.expect.shown import Preparation, preparations
from grader.expect.testimony import exchanged
from grader.expect.unseen import unseen
from grader.expect.verdicts import failed, partial, passed, pending
from grader.observed import FloatArray
from grader.records import Outcome, Verdict
from grader.student import Student

DRIFT = 0.02
"""By how much two sets of test images may differ in how hard they are."""
FEWEST_REPORTED = 1000
"""How many images a student's own test is taken to have had at least."""


@dataclass(frozen=True)
class HeldOut:
    """Images and labels that stay on this side, in an .npz file with `images` (n, height, width) and `labels` (n,)."""

    path: Path

    @cached_property
    def _arrays(self) -> tuple[FloatArray, NDArray[np.int64]]:
        try:
            with np.load(self.path, allow_pickle=False) as held:
                images, labels = held["images"], held["labels"]
        except (OSError, KeyError, ValueError) as error:
            raise RubricError(self.path, "", f"does not hold images and labels: {error}.") from None
        return images.reshape(len(images), -1).astype(np.float64), labels.astype(np.int64)

    @property
    def images(self) -> FloatArray:
        """Return the images (n, pixels), 0 to 255."""
        return self._arrays[0]

    @property
    def labels(self) -> NDArray[np.int64]:
        """Return the labels (n,)."""
        return self._arrays[1]


@dataclass(frozen=True)
class Count:
    """How many answers were right."""

    share: float
    images: int
    title: str
    preparation: Preparation
    outputs: int

    @property
    def guessed(self) -> bool:
        """Return whether guessing does as well."""
        chance = 1 / self.outputs
        return self.share < chance + 4 * math.sqrt(chance * (1 - chance) / self.images)

    def __str__(self) -> str:
        """Return the sentence."""
        words = f"its inputs taken as {self.preparation.said}"
        title = self.title[0].lower() + self.title[1:]
        return f"On {self.images} images that it never saw, {title} is right for {self.share:.1%} ({words})."


class Accuracy(Expectation):
    """A trained network is right about images it never saw: `network` by our count, `report` as the student says."""

    parts = ("network", "report")

    def __init__(self, net: Network, held_out: str, *, good: float, fair: float) -> None:
        """Declare the shares from which on an accuracy passes (`good`), or earns half (`fair`).

        `held_out` is an .npz file beside the reference, with `images` (n, height, width) and `labels` (n,).
        """
        super().__init__()
        self.net = net
        self.file = held_out
        self.bands = Bands(good, fair)

    @cached_property
    def held_out(self) -> HeldOut:
        """Return the images and labels that stay here."""
        return HeldOut(self.folder / self.file)

    @np.errstate(all="ignore")
    def judge(self, student: Student, ask: Ask) -> Verdict:
        """Return whether the network is right often enough, or whether the reported accuracy is the network's."""
        subject = self.net.choose(student)
        if subject is None:
            hint = "Train the network at top level, and leave it in a global name, for example `model`."
            return self.net.unseen(student, "No network was found that could be asked about images.", hint)
        if subject.run is None:
            kept_away = unseen(student, f"{subject.title} was never trained.")
            if kept_away.outcome is Outcome.PENDING:
                return kept_away
        elif subject.run.diverged:
            hint = "Print the loss of the first steps; it should fall, not grow."
            return failed(
                f"{subject.title} diverged: its parameters are no longer finite numbers.", hint, mistake="diverged"
            )
        count = self.count(student, subject)
        if ask.part == "report":
            return self._reported(student, count, reports(student))
        if count is None:
            return pending(f"{subject.title}: what it answers to images could not be seen.", "A person has to look.")
        verdict = self._earned(student, subject, count)
        return verdict if verdict.outcome is Outcome.PENDING else replace(verdict, measured=count.share)

    def _earned(self, student: Student, subject: Subject, count: Count) -> Verdict:
        """Return the verdict on this accuracy; a person has to look if the training that was recorded came less far."""
        others = subject.run is not None and exchanged(student, subject.run)  # asked whatever the bands are
        verdict = self._banded(count)
        if not verdict.fraction or not others:
            return verdict
        trained = self._counted(subject, lambda x: self._as_trained(subject, x))
        if trained is None or trained.share >= (self.bands.good if verdict.fraction == 1 else self.bands.fair):
            return verdict
        return pending(
            f"{count} Its parameters are others than those that its training ended with, and with those it is right "
            f"for {trained.share:.1%}. A person has to look where they come from."
        )

    def count(self, student: Student, subject: Subject) -> Count | None:
        """Return how often a network is right, or None if it cannot be asked; of several preparations, the best."""
        return self._counted(subject, lambda x: self._answers(student, subject, x))

    def _counted(self, subject: Subject, answer: Callable[[FloatArray], FloatArray | None]) -> Count | None:
        """Return how often the answers to the images are right."""
        images, labels = self.held_out.images, self.held_out.labels
        found = []
        for preparation in preparations(subject.run, images):
            answers = answer(preparation.apply(images))
            if answers is not None and answers.shape[1] > labels.max() and np.isfinite(answers).all():
                share = float(np.mean(answers.argmax(axis=1) == labels))
                found.append(Count(share, len(labels), subject.title, preparation, answers.shape[1]))
        return max(found, key=lambda count: count.share, default=None)

    def _answers(self, student: Student, subject: Subject, x: FloatArray) -> FloatArray | None:
        """Return the network's answers: the live one's, else those of our own network with its last parameters."""
        if subject.handle is not None:
            still(student, subject.handle)
            live = live_answers(student, subject.handle, x, forms=self.net.forms)
            if live is not None:
                return live
        trained = self._as_trained(subject, x)
        return self._as_function(student, subject, x) if trained is None else trained

    def _as_function(self, student: Student, subject: Subject, x: FloatArray) -> FloatArray | None:
        """Return the answers of bare tensors that are understood by a function of the student's."""
        ways = candidates(subject.shapes, self.net.widths, self.net.activation)
        some = np.random.default_rng(0).normal(size=(24, self.net.widths[0])).astype(np.float32)
        evidence = self.net.of_functions(student, subject, ways, some.astype(np.float64))
        understood = ((read(ways, *seen), seen[0]) for seen in evidence)
        return next((reading(end, x) for reading, end in understood if reading), None)

    def _as_trained(self, subject: Subject, x: FloatArray) -> FloatArray | None:
        """Return the answers of our own network with the parameters that its training ended with."""
        own = chain_of(subject.shapes, self.net.widths[0])
        ways = readings_of(subject.run, own, self.net.activation) if subject.run and own else ()
        if subject.run is None or len(ways) != 1 or not subject.run.training.final or ways[0].widths[0] != x.shape[1]:
            return None
        return ways[0](subject.run.training.final, x)

    def _banded(self, count: Count) -> Verdict:
        """Return the verdict on this accuracy."""
        if count.share >= self.bands.good:
            return passed(str(count))
        if not count.preparation.sure:
            return pending(f"{count} How the images were prepared is not certain, so a person has to look.")
        if count.share >= self.bands.fair:
            hint = "Train for more epochs, or with another step size, until the test accuracy no longer grows."
            return partial(0.5, str(count), hint, mistake="trained_too_little")
        if count.guessed:
            hint = (
                "Was it trained on images of this kind, are labels and images still in the same order, and does the "
                "optimizer hold this network's parameters?"
            )
            return failed(f"{count} Guessing does as well.", hint, mistake="guesses")
        return failed(str(count), "See what was found about the network and its training.", mistake="learned_little")

    def _reported(self, student: Student, count: Count | None, found: Sequence[Report]) -> Verdict:
        """Return whether some reported accuracy is the network's, and no text says another."""
        if not found:
            hint = "Print the accuracy on the test set after training, for example `print('test accuracy', accuracy)`."
            looked_for = "No test accuracy was found, neither printed nor written nor in a variable."
            return unseen(student, looked_for, hint)
        found = [report for report in found if report.shown] or found
        first = f"{found[-1].value:.1%} {found[-1].where}"
        if count is None:
            return pending(f"The accuracy reported is {first}; the network's own could not be counted.")
        near = [report for report in found if abs(report.value - count.share) <= self._reach(count)]
        if not near and not count.preparation.sure and count.share < self.bands.good:
            return pending(f"The accuracy reported is {first}; how the images were prepared is not certain.")
        if not near and count.guessed and found[-1].value >= self.bands.good:
            other = f"The accuracy reported is {first}. {count} Guessing does as well: was it trained on other images?"
            return pending(other, "A person has to look which images it was trained and tested on.")
        staff = f"{count} Reported: " + "; ".join(f"{each.value:.1%} {each.where}" for each in found[:20])
        if not near:
            hint = "Count right answers over the whole test set, with the network as it is after training."
            said = f"No accuracy that is reported is this network's; the last one is {first}. {count}"
            inverted = abs(1 - found[-1].value - count.share) <= self._reach(count)
            return failed(said, hint, mistake="error_for_accuracy" if inverted else "misreported", staff=staff)
        odd = [each for each in found if each.words and each not in near]
        remark = f"A text says {odd[0].value:.1%} ({odd[0].where}); that is not this network's." if odd else ""
        said = f"The accuracy reported is {near[-1].value:.1%} {near[-1].where}; ours agrees within chance."
        return passed(said, remarks=(remark,) if remark else (), staff=staff)

    def _reach(self, count: Count) -> float:
        """Return how far a right report may be from our count, but for a chance of one in a million."""
        share = min(max(count.share, 0.05), 0.95)
        spread = math.sqrt(share * (1 - share) * (1 / count.images + 1 / FEWEST_REPORTED))
        return DRIFT - UNIT.inv_cdf(ALARM / 2) * spread
