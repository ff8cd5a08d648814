"""A grade, rendered: for students, for the instructor, for the gradebook."""
