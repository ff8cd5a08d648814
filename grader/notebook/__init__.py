"""Notebooks and scripts as cells, and the written answers in them.

Theory of operation. Whatever a file's format, the rest of the grader sees a `Document` of numbered cells. Reading
trusts nothing: a file may be damaged, enormous, in another language or encoding, or not what its name says; each of
these is one sentence (`grader.intake.Unreadable`, or a remark where the file can be used all the same). Only sources
are read, never saved outputs, and no code is run.
"""

from grader.notebook.answers import written_answers
from grader.notebook.document import Cell, Document, as_run
from grader.notebook.reading import read

__all__ = ["Cell", "Document", "as_run", "read", "written_answers"]
