"""Networks written by hand, without a framework: what they compute, how they learn, how they start.

Theory of operation. Nothing is prescribed about where parameters stand and which way they are turned. `entrance` finds
them and returns a `Room`, in which arrays are layers (`roles`) and samples are handed over as the student's functions
take them (`manner`). Three kinds of expectation work in it: `Handmade` (its loss and its guess), `Step` (what one step
of training does to every parameter) and `Drawn` (the law of the weights before training).
"""

from grader.expect.handmade.draws import Drawn
from grader.expect.handmade.network import Handmade
from grader.expect.handmade.step import Step

__all__ = ["Drawn", "Handmade", "Step"]
