"""What all tests stand on."""

import signal

import pytest
from hypothesis import HealthCheck, settings

# Tests interrupt graders as a keyboard does; a shell that puts tests into the background has them ignore that signal.
signal.signal(signal.SIGINT, signal.default_int_handler)

# A busy machine is no error of the code, and one folder may serve all examples of a test. What a test suppresses itself
# takes the place of what is suppressed here. Where CI is set, the same code has the same examples again: numbers and
# words that stand in the modules loaded so far are among them, so that any commit may bring others.
UNCHECKED = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
settings.register_profile("patient", settings(), deadline=None, suppress_health_check=UNCHECKED)
settings.load_profile("patient")


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object, error: object | None) -> None:
    """End the run when one of its processes crashed: tests that it still had would be missed by nobody."""
    if error:
        pytest.exit(f"A process that ran tests has ended: {error}", returncode=3)
