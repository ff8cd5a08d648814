"""Grade deep-learning homework: run it confined, find what it built, judge it against references, explain."""

__version__ = "0.1.0"
