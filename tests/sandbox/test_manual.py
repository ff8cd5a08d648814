"""The numbers in `docs/sandbox.md` are those of the program."""

import re
from pathlib import Path

import pytest

from grader import conversation
from grader.assignment import Limits
from grader.execute import budget, cells, file, outputs
from grader.kernel import landlock, rlimits, root
from grader.sandbox import channels, gate, modes, processes, slots, watchdog
from grader.sandbox.watchdog import size

MANUAL = re.sub(r"\s+", " ", (Path(__file__).parents[2] / "docs/sandbox.md").read_text(encoding="utf-8"))
LIMITS = Limits()
UNDER_WAY = 253
"""Descriptors that one message carries at most, by which Linux lets a user exceed its count of those under way."""
(REQUIRED,) = re.findall(r'"ipykernel>=([\d.]+)"', (Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))
HELD = [
    f"One of {slots.COUNT} user ids from {slots.FIRST_UID} on",
    f"| `cpu` | {LIMITS.cpu:.0f} s |",
    f"again each second, and its box killed after {cells._GRACE:.0f} s",
    f"| `wall` | {LIMITS.wall:.0f} s |",
    f"| `rest` | {LIMITS.rest:.0f} s |",
    f"neither computes ({budget._STIR} s of CPU",
    f"| `memory` of all processes together | {size(LIMITS.memory)} |",
    f"| `processes` (and threads) | {LIMITS.processes} |",
    f"| `disk` | {size(LIMITS.disk)} and what was handed in |",
    f"| files | {watchdog.MOST_FILES:,} |",
    f"it made more than {watchdog.MOST_FILES} files",
    f"| `output`, kept | {size(LIMITS.output)}, a quarter of what is left for one cell |",
    f"| pieces of output | {outputs._MOST_PIECES} a cell |",
    f"| output sent, past `print` | {size(channels.MOST_BYTES)}, {channels.MOST_MESSAGES:,} messages |",
    f"| one message | {size(gate.LARGEST)}, {gate.MOST_FRAMES} parts |",
    f"A message over {size(gate.LARGEST)}, all its parts together, or of more than {gate.MOST_FRAMES} parts",
    f"all messages of a kernel together may have {size(channels.MOST_BYTES)}, and be {channels.MOST_MESSAGES:,}",
    f"| `question` | {LIMITS.question:.0f} s for each |",
    f"{conversation.PATIENCE} times one, {size(conversation.MOST_TOLD)} of answers",
    f"one of more than {channels.MOST_VALUES:,} values",
    f"| open files | {rlimits.OPEN_FILES} |",
    f"TCP from version 4 on, signals and abstract sockets to the outside from version {landlock.OF_SIGNALS} on",
    f"From Landlock's version {modes.SCOPED_SIGNALS} on",
    f"Devices: `{' '.join(root.DEVICES)}`",
    f"what may wait in it at most ({size(processes.SOCKET)})",
    f"once a second near the limit and every {watchdog._SLOW * watchdog._FAR_BELOW:.0f} seconds far below it",
    f"home and working folder | `{root.HOME}`",
    f"what about {rlimits.OPEN_FILES + UNDER_WAY:,} sockets hold",
    f"needs ipykernel ({REQUIRED} or newer)",
]
"""Sentences of the manual, made from the program's own constants."""


@pytest.mark.parametrize("sentence", HELD)
def test_the_manual_says_what_the_program_does(sentence):
    assert sentence in MANUAL


def test_what_the_manual_says_in_words():
    assert cells._AGAIN == 1  # again each second
    assert budget.EXTRA == 1 / 4  # a quarter more is granted once
    assert file._MOST_KERNELS == 3  # a third kernel is taken up to the place
    assert watchdog._SLOW * watchdog._CLOSELY == 1.0  # looked at closely once a second near the limit
    assert root.FILES == watchdog.MOST_FILES
