"""Figures of a recorded training, drawn once and kept beside the report.

Theory of operation. A figure is a pure function of some arrays. Its name is a digest of those arrays and of the source
of `drawing`; where a file of that name lies in the report's folder it is used, so that a regrade draws nothing. No text
of a student's stands in a figure.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from markupsafe import Markup

from grader.chance import Normal
from grader.observed import FloatArray, Training
from grader.report import curves, drawing
from grader.report.files import write
from grader.report.text import counted

FOLDER = "figures"
MOST_POINTS = 600
_DRAWING = Path(__file__).with_name("drawing.py")


@dataclass(frozen=True)
class Drawn:
    """One figure on a page."""

    caption: str
    svg: Markup


@dataclass(frozen=True)
class _Plan:
    """One figure that is called for."""

    kind: str
    """Name of the function in `drawing`."""
    caption: str
    description: str
    """For those who cannot see it."""
    arrays: tuple[FloatArray, ...]


def of_training(training: Training, folder: Path, law: Normal | None = None) -> tuple[Drawn, ...]:
    """Return the figures that this training's record allows, drawing those that `folder` does not hold yet.

    First weights are drawn beside their `law`, and not at all where nothing is asked of them.
    """
    planned = (_fit(training), _loss(training), _weights(training, law) if law else None)
    return tuple(_drawn(plan, folder) for plan in planned if plan is not None)


def sweep(folder: Path, kept: Iterable[Drawn]) -> None:
    """Remove figures of earlier runs from a report's folder."""
    needed = {figure.svg for figure in kept}
    for path in sorted((folder / FOLDER).glob("*.svg")):
        if path.read_text(encoding="utf-8") not in needed:
            path.unlink(missing_ok=True)


def _fit(training: Training) -> _Plan | None:
    shown, answers = curves.labels(training), curves.learned(training)
    if answers.x.size < 2:
        return None
    shown, answers = curves.thinned(shown, MOST_POINTS), curves.thinned(answers, MOST_POINTS)
    labelled = (
        f"{counted(shown.x.size, 'training point')} with the labels your loss compared with, and "
        if shown.x.size
        else ""
    )
    return _Plan(
        "fit",
        "What your network learned" + (", and the points it was trained on" if shown.x.size else ""),
        f"{labelled}the network's last answers for x from {answers.x[0]:.2f} to {answers.x[-1]:.2f}.",
        (shown.x, shown.y, answers.x, answers.y),
    )


def _loss(training: Training) -> _Plan | None:
    seen = curves.losses(training)
    if seen.x.size < 2:
        return None
    described = f"The loss starts at {seen.y[0]:.3g} and ends at {seen.y[-1]:.3g}, over {training.steps:,} steps."
    kept = curves.thinned(seen, MOST_POINTS)
    return _Plan("loss", "Your loss, step by step", described, (kept.x, kept.y))


def _weights(training: Training, law: Normal) -> _Plan | None:
    weights = curves.first_weights(training)
    if weights.size < 2:
        return None
    ends = law.mean - 4 * law.std, law.mean + 4 * law.std
    counts, edges = np.histogram(np.clip(weights, *ends), bins=48, range=ends, density=True)
    described = (
        f"{weights.size:,} weights with mean {weights.mean():.3f} and standard deviation {weights.std():.3f}; "
        f"the curve is the normal density of mean {law.mean:g} and standard deviation {law.std:g}."
    )
    caption = f"Your weights before the first step, beside {_told(law)}"
    return _Plan("weights", caption, described, (counts, edges, np.array([law.mean, law.std])))


def _told(law: Normal) -> str:
    """Return 'N(0, 1)'."""
    return f"N({law.mean:g}, {law.std**2:g})"


def _drawn(plan: _Plan, folder: Path) -> Drawn:
    path = folder / FOLDER / f"{plan.kind}-{_digest(plan)}.svg"
    if path.is_file():
        return Drawn(plan.caption, Markup(path.read_text(encoding="utf-8")))
    drawings: dict[str, Callable[..., str]] = {"fit": drawing.fit, "loss": drawing.loss, "weights": drawing.weights}
    svg = drawings[plan.kind](*plan.arrays, title=plan.caption, description=plan.description, name=path.stem)
    write(path, svg)
    return Drawn(plan.caption, Markup(svg))


def _digest(plan: _Plan) -> str:
    digest = hashlib.sha256(_source())
    digest.update(f"{plan.kind}\n{plan.caption}\n{plan.description}\n".encode())
    for array in plan.arrays:
        digest.update(f"{array.shape}".encode())
        digest.update(np.ascontiguousarray(array, dtype="<f8").tobytes())
    return digest.hexdigest()[:16]


@lru_cache(maxsize=1)
def _source() -> bytes:
    return _DRAWING.read_bytes()
