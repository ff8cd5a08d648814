"""From what was handed in to submissions: folders, archives, notebooks, scripts, and what platforms export.

Theory of operation. `submissions` looks at one place and decides, from names alone, who handed in what; it reads no
notebook. Files are named, never opened through links, and each submission learns in one sentence what was odd about it.
Zips are unpacked without trust into a temporary folder. Export formats differ only in how names are read: `exports`
picks the platform's reader (`gradescope`, `lms`), and hands (`hand.Hand`) come out of it as well.
"""

from grader.intake.gather import Batch, submissions
from grader.intake.unreadable import Unreadable

__all__ = ["Batch", "Unreadable", "submissions"]
