"""Formulas as people write them, read without ever evaluating their text, and compared at points.

Theory of operation. A text is brought from LaTeX or Unicode into plain notation (`notation`), cut into numbers, names
and a handful of operators, and read by recursive descent into a tree of three kinds of node (`reading`, `tree`);
whatever is not on the list is refused (`NotAFormula`). A `Vocabulary` says which names there are and what else they go
by. Tokens, depth, digits and exponents are bounded, so that reading and evaluating end at once whatever the text is.
Values (`values`) are exact fractions as long as the operations are rational and the numbers short; then floats. What is
undefined is NaN, which equals nothing. `passages` finds formulas in running text.
"""

from grader.formula.passages import Chain, chain, chains
from grader.formula.reading import NotAFormula, Vocabulary, bare, parse, readings
from grader.formula.tree import Expression, Number, Operation, Symbol, symbols, written
from grader.formula.values import Point, Quantity, same, value

__all__ = [
    "Chain",
    "Expression",
    "NotAFormula",
    "Number",
    "Operation",
    "Point",
    "Quantity",
    "Symbol",
    "Vocabulary",
    "bare",
    "chain",
    "chains",
    "parse",
    "readings",
    "same",
    "symbols",
    "value",
    "written",
]
