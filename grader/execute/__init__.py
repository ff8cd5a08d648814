"""Student code is run here, and only here: a submission goes in, records and live kernels come out.

Theory of operation. One `Sandbox` serves a whole `grade` process. It starts the zygote when the first submission comes,
lends each file a box, and clears away everything when its context ends: processes, folders, user ids, descriptors. A
submission's kernels stay alive for as long as its context, so that checks can converse with forks of them; what it
produced is plain data and outlives everything. Runs may come from several threads; each has an event loop of its own.

Inside, `file` decides how many kernels a file takes; `attempt` runs the cells of a document in one kernel; `cells` is
nbclient with our clock outside it; `continuation` finds what of a cell can still run after an error; `outputs` keeps
what was shown, within bounds; `failure` says what went wrong and whose fault it was; `budget` is the time there is.
"""

from grader.execute.finished import Connection, Finished
from grader.execute.running import Progress, Sandbox, Settings

__all__ = ["Connection", "Finished", "Progress", "Sandbox", "Settings"]
