"""What runs inside the student's process. Imports nothing of ours from outside this folder: standard library and NumPy."""
