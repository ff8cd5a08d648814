"""Tools for those who write homework: a new course, a starter, a check of the course itself."""
