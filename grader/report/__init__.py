"""Grades, rendered: a page for each student, a page for the instructor, files for the gradebook.

Theory of operation. Everything here is a function of records; nothing is judged, and no clock is read. What students
wrote is hostile until shown otherwise: Jinja escapes every text after `text.plain` has made it visible, Markdown and
HTML pass one `allowlist`, pictures are data, and a content security policy forbids the page everything else. Figures
are drawn once and kept beside the report under a digest of their data, so that a regrade costs no drawing.
"""

from grader.report.classroom import write_class
from grader.report.student import write_student
from grader.report.terminal import summary

__all__ = ["summary", "write_class", "write_student"]
