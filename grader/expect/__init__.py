"""What a reference can expect of a submission: one file for each kind of expectation."""
