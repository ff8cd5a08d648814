"""What all tests stand on."""

import signal

# Tests interrupt graders as a keyboard does; a shell that puts tests into the background has them ignore that signal.
signal.signal(signal.SIGINT, signal.default_int_handler)
