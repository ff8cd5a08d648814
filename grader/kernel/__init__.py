"""What runs inside the student's process: standard library and NumPy, nothing of ours from outside this folder."""
