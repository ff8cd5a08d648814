"""What a reference can expect of a submission: one file for each kind of expectation.

Theory of operation. An expectation (`expectation.py`) is a declared truth; `judge(student, ask)` asks the student's
finished kernel what it needs to know, through a `Student`, and returns a `Verdict` (`verdicts.py`). Everything the
author of a reference needs is here: declare a function's truth with `@equals`, a law with `@holds`, a known mistake
with `@mistake(of, "sentence")`, a number with `Value`, a formula with `Formula`, and what is known of training with
`Network`, `Initial`, `Recipe`, `Fit` and `Plot`. What `Function` asks is spread over `search` (which function is
meant), `inputs` (at what), `asking` and `styles` (in what form) and `trials` (what the answers come to); what `Formula`
reads over `said` (a global) and `prose` (the written answer).
"""

from grader.chance import Normal
from grader.expect.accuracy import Accuracy
from grader.expect.curves import derivative, evaluable, polynomial, wave
from grader.expect.expectation import Ask, Expectation, Mistake
from grader.expect.fit import Bands, Fit
from grader.expect.formula import Formula
from grader.expect.function import Function, equals
from grader.expect.gradient import Gradient, gradient
from grader.expect.graph import Graph
from grader.expect.handmade import Drawn, Handmade, Step
from grader.expect.holds import Law, holds
from grader.expect.initial import Initial
from grader.expect.inputs import integers, normal, uniform, values
from grader.expect.losses import LossCurves
from grader.expect.mistakes import mistake
from grader.expect.network import Network
from grader.expect.numerals import plain_array, plain_number
from grader.expect.plot import Plot
from grader.expect.probabilities import Probabilities
from grader.expect.recipe import Recipe
from grader.expect.sentences import shown
from grader.expect.text import Explained, Mentions, Typeset
from grader.expect.trained import Trained
from grader.expect.value import Value
from grader.expect.variance import Variance, draws
from grader.expect.verdicts import failed, missing, partial, passed, pending

__all__ = [
    "Accuracy",
    "Ask",
    "Bands",
    "Drawn",
    "Expectation",
    "Explained",
    "Fit",
    "Formula",
    "Function",
    "Gradient",
    "Graph",
    "Handmade",
    "Initial",
    "Law",
    "LossCurves",
    "Mentions",
    "Mistake",
    "Network",
    "Normal",
    "Plot",
    "Probabilities",
    "Recipe",
    "Step",
    "Trained",
    "Typeset",
    "Value",
    "Variance",
    "derivative",
    "draws",
    "equals",
    "evaluable",
    "failed",
    "gradient",
    "holds",
    "integers",
    "missing",
    "mistake",
    "normal",
    "partial",
    "passed",
    "pending",
    "plain_array",
    "plain_number",
    "polynomial",
    "shown",
    "uniform",
    "values",
    "wave",
]
