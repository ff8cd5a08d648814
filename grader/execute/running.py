"""The sandbox as the rest of the grader sees it."""

from __future__ import annotations

import os
import secrets
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType

from grader.assignment import Limits
from grader.errors import GraderFault
from grader.execute.budget import EXTRA
from grader.execute.file import FileInHand
from grader.execute.finished import Finished
from grader.execute.together import allowed, not_run, refusal, what_is_left
from grader.mirror import Mirror
from grader.notebook import Document
from grader.records import FileRun, Submission
from grader.sandbox import scratch, slots
from grader.sandbox.box import Box, open_box
from grader.sandbox.doctor import layers
from grader.sandbox.modes import choose, setup
from grader.sandbox.probe import probe
from grader.sandbox.request import BoxRequest
from grader.sandbox.room import refuse_without_room
from grader.sandbox.warm import Zygote

_MARGIN = 30.0
"""CPU seconds by which the machine's own limit on a process lies above ours, which is the one with a sentence."""
_SETTLED = 10.0
"""Seconds in which a box that is being started is up or has failed, once its zygote has ended."""


@dataclass(frozen=True)
class Settings:
    """How student code is to be run on this machine."""

    mode: str | None = None
    """The sandbox asked for; None for the best there is."""
    python: Path = field(default_factory=lambda: Path(sys.executable))
    """Of the environment that students' code runs in."""
    preload: tuple[str, ...] = ()
    """Modules imported once, before the first kernel, besides those that most programs need."""
    warm: bool = True
    """Whether kernels are forks of one process that has imported all this; else each starts from nothing."""
    threads: int = 1
    """Of each kernel; more than one makes results depend on the machine."""
    hidden: tuple[Path, ...] = ()
    """Never readable by students, even inside what they may read: the course."""
    mirror: Mirror | None = None
    """What stands in for the network, if the course has that."""
    without: tuple[str, ...] = ()
    """Names of shims that are switched off (`grader/kernel/shims.py`)."""
    at_once: int = 1
    """Submissions."""


@dataclass(frozen=True)
class Progress:
    """Where a run is."""

    student: str
    file: str
    cell: int
    cells: int
    seconds: float


def _silently(_: Progress) -> None:
    """Tell nobody."""


class Sandbox:
    """Runs submissions, confined; a context manager, one per `grade` process."""

    def __init__(self, settings: Settings) -> None:
        """Look at what the machine can do. Raises UsageError if what was asked for is not to be had."""
        refuse_without_room(settings.at_once)
        self._settings = settings
        self._machine = probe(settings.python, settings.hidden)
        self.mode: str = choose(self._machine, settings.mode)
        self.layers: tuple[str, ...] = layers(self._machine, self.mode)
        self._lock = threading.Lock()
        self._settled = threading.Condition(self._lock)
        self._openings = 0
        self._folder: scratch.RunFolder | None = None
        self._warm = settings.warm
        self._zygote: Zygote | None = None
        self._starting: Zygote | None = None
        self._cold: list[Zygote] = []
        self._boxes: dict[int, Box] = {}
        self._slots = slots.Slots()
        self._closed = False

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def folder(self) -> Path | None:
        """Where boxes have their folders, once there was one."""
        return self._folder.path if self._folder else None

    def close(self) -> None:
        """End every process, also those of runs in other threads, and remove every folder; may be called twice."""
        self._closed = True
        if starting := self._starting:  # whoever starts it holds the lock until it is up, for seconds
            starting.abandon()
        with self._lock:
            boxes, folder = list(self._boxes.values()), self._folder
            zygotes = [*self._cold, *([self._zygote] if self._zygote else [])]
            self._boxes, self._zygote, self._folder, self._cold = {}, None, None, []
        with ExitStack() as last_first:  # each is done, whatever becomes of the others
            if folder is not None:
                last_first.callback(folder.close)
            last_first.callback(self._slots.close)
            last_first.callback(self._settle)
            for zygote in zygotes:
                last_first.callback(zygote.close)
            for box in boxes:
                last_first.callback(box.close)

    def _settle(self) -> None:
        """Wait until nobody builds on what is about to be taken away."""
        with self._settled:
            self._settled.wait_for(lambda: not self._openings, _SETTLED)

    @contextmanager
    def _opening(self) -> Iterator[None]:
        """Have `close` wait for what is done meanwhile."""
        with self._settled:
            self._openings += 1
        try:
            yield
        finally:
            with self._settled:
                self._openings -= 1
                self._settled.notify_all()

    @contextmanager
    def run(
        self,
        submission: Submission,
        documents: Sequence[Document],
        limits: Limits,
        *,
        seed: int,
        progress: Callable[[Progress], None] = _silently,
    ) -> Iterator[Finished]:
        """Run the files of a submission one after the other; its kernels live while the context does.

        Args:
            submission: its files and what lies beside them; all are put into every kernel's folder.
            documents: what to run, as `grader.notebook` read it.
            limits: for each file; all together may take a few times as much (`grader.execute.together`).
            seed: of the kernels' random numbers.
            progress: told where the run is, from this thread, up to twice a second.

        Raises:
            GraderFault: the sandbox itself failed.
        """
        files: list[FileRun] = []
        hands: list[FileInHand | None] = []
        try:
            for document in documents:
                held = sum(hand.box.memory for hand in hands if hand and hand.box)
                left = allowed(limits, [file.usage for file in files], held)
                reason = refusal(limits, left, len(files))
                hand = None if reason else self._in_hand(submission, document, left, seed, progress)
                if hand:
                    hand.events += what_is_left(limits, left)
                hands.append(hand)
                files.append(hand.run() if hand else not_run(document, reason))
            if self._closed:
                raise GraderFault("The sandbox was closed while this submission was run.")
            yield Finished(tuple(files), tuple(hand.box if hand else None for hand in hands))
        finally:
            for hand in filter(None, hands):
                hand.close()

    def _in_hand(
        self,
        submission: Submission,
        document: Document,
        limits: Limits,
        seed: int,
        progress: Callable[[Progress], None],
    ) -> FileInHand:
        """Return a file that is ready to be run."""
        delivered, remarks = scratch.deliverable((*submission.files, *submission.beside))

        def tell(cell: int, seconds: float) -> None:
            progress(Progress(submission.student, document.name, cell, len(document.cells), seconds))

        def start() -> Box:
            return self._open(delivered, limits, seed)

        names = tuple(name for _, name in delivered)
        return FileInHand(document, names, limits, start, tell, events=list(remarks))

    def _open(self, delivered: tuple[tuple[str, str], ...], limits: Limits, seed: int) -> Box:
        """Start a box that holds these files."""
        with self._opening():
            box = self._started(delivered, limits, seed)
            with self._lock:
                self._boxes = {key: kept for key, kept in self._boxes.items() if not kept.closed}
                self._boxes[id(box)] = box
            if self._closed:  # by somebody who has not seen this box
                box.close()
                raise GraderFault("The sandbox was closed.")
            return box

    def _started(self, delivered: tuple[tuple[str, str], ...], limits: Limits, seed: int) -> Box:
        zygote, run = self._ready()
        slot = self._slots.take() if self.mode in ("priv", "setuid") else None
        folder = scratch.box_folder(run)
        try:
            return open_box(zygote, self._request(folder, slot, delivered, limits, seed), self.mode, slot)
        except BaseException:
            if slot is not None:
                slot.release()
            scratch.remove(folder)
            raise

    def _request(
        self,
        folder: Path,
        slot: slots.UidSlot | None,
        delivered: tuple[tuple[str, str], ...],
        limits: Limits,
        seed: int,
    ) -> BoxRequest:
        """Return what to ask of the zygote."""
        uid, gid = (slot.uid, slot.uid) if slot else (os.getuid(), os.getgid())
        handed_in = sum(Path(path).stat().st_size for path, _ in delivered)
        return BoxRequest(
            id=folder.name, folder=str(folder), key=secrets.token_hex(32), uid=uid, gid=gid,
            files=delivered, cpu=limits.cpu * (1 + EXTRA) + _MARGIN, memory=limits.memory, disk=limits.disk + handed_in,
            processes=limits.processes, output=limits.output, threads=self._settings.threads, seed=seed % 2**32,
        )  # fmt: skip

    def _ready(self) -> tuple[Zygote, scratch.RunFolder]:
        """Return a zygote for the next box, and the folder, made when they are first needed."""
        with self._lock:
            if self._closed:
                raise GraderFault("The sandbox was closed.")
            if self._folder is None:
                self._folder = scratch.run_folder()
            return (self._warm_zygote(self._folder) or self._cold_zygote(self._folder)), self._folder

    def _warm_zygote(self, folder: scratch.RunFolder) -> Zygote | None:
        """Return the one that all boxes share; None if they are not to, or if what it imported has started threads.

        A fork takes one thread along: whatever the others were doing, a lock they held stays held.
        """
        if self._warm and self._zygote is None:
            zygote = self._zygote_for(folder.path / "zygote.log")
            self._start(zygote)
            self._warm = zygote.threads == 1
            if not self._warm:
                zygote.close()
                return None
            self._zygote = zygote
        return self._zygote

    def _start(self, zygote: Zygote) -> None:
        """Start a zygote, which `close` may end meanwhile."""
        self._starting = zygote
        try:
            if self._closed:
                raise GraderFault("The sandbox was closed.")
            zygote.start()
        finally:
            self._starting = None

    def _cold_zygote(self, folder: scratch.RunFolder) -> Zygote:
        """Return one for a single box; those whose box has gone are cleared away."""
        for zygote in [zygote for zygote in self._cold if zygote.ended]:
            zygote.close()
            self._cold.remove(zygote)
        self._cold.append(self._zygote_for(folder.path / "cold.log"))
        return self._cold[-1]

    def _zygote_for(self, log: Path) -> Zygote:
        """Return a zygote that is not started yet."""
        settings, mirror = self._settings, self._mirrored(log.parent / "mirror")
        told = setup(self._machine, self.mode, settings.hidden, settings.preload, warm=self._warm, mirror=mirror)
        return Zygote(settings.python, replace(told, without=settings.without), log)

    def _mirrored(self, folder: Path) -> Path | None:
        """Return a copy of the mirror that students may read wherever the course lies; made once."""
        if self._settings.mirror is not None and not folder.exists():
            self._settings.mirror.copied(folder)
        return folder if self._settings.mirror is not None else None
