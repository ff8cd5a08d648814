"""What all tests stand on."""

import signal

from hypothesis import HealthCheck, settings

# Tests interrupt graders as a keyboard does; a shell that puts tests into the background has them ignore that signal.
signal.signal(signal.SIGINT, signal.default_int_handler)

# A busy machine is no error of the code; where CI is set, hypothesis draws the same examples each time besides.
settings.register_profile("patient", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")
