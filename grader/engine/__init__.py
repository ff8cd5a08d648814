"""Many submissions: several at once, in threads, with one sandbox among them.

Theory of operation. The work is in the students' processes, so threads are enough here. `many` hands the submissions
out and gives the grades back in their order; `display` shows who is at which cell. To stop is to start nothing new, to
end what runs, and to keep every record that is whole: the next run takes up the rest.
"""

from grader.engine.many import grade_all
from grader.engine.stopping import interruptible

__all__ = ["grade_all", "interruptible"]
