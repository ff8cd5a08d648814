"""Grades for a course's gradebook: the files that Gradescope, Canvas and Moodle take.

Theory of operation. What is exported is what `grades.json` says, so nothing is computed twice and nothing is run. Three
things are refused in a sentence: grades among which stands a fault, grades older than the latest mark, and, unless it
is said what is to become of them, grades that wait for a person. Canvas and Moodle know students by numbers of their
own: the course's gradebook is read (`gradebook`), each submission looks for its rows in it, by number, address or name,
and only rows that were found are written: what nobody was graded for is not touched. Where two rows or two submissions
could be meant, none is taken, and a sentence says so.
"""

from grader.export.command import PENDING, PLATFORMS, export

__all__ = ["PENDING", "PLATFORMS", "export"]
