"""The same judgement inside a Gradescope container.

Theory of operation. `build` makes the zip that Gradescope takes: a wheel of this very package, one homework, and two
scripts. In the container two processes of ours share the work. The **keeper** (`run`) is small, knows nothing of
grading, and holds the clock: it starts the **worker**, ends it in time, ends every process that is left, and only then
puts the last result in its place. The worker (`work`) grades the one submission as `grade` does at home and, after each
problem, writes what it knows so far; so whatever is killed, a valid `results.json` is there.

Gradescope has no word for 'not graded'. What the machine has not decided carries no score at all, and where that is
our doing (a fault, an end before the end) a hidden entry is added: Gradescope then shows the student no total either.
"""
