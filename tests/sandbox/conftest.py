"""Stations of every mode that this machine can reach: see `stations.py`."""

import importlib.util
from pathlib import Path

import pytest

_spec = importlib.util.spec_from_file_location("sandbox_stations", Path(__file__).with_name("stations.py"))
stations = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(stations)


STRONGEST, *OTHERS = stations.reachable()


@pytest.fixture(scope="session", params=[STRONGEST, *(pytest.param(mode, marks=pytest.mark.slow) for mode in OTHERS)])
def station(request):
    """A warm process in one mode, with nothing open yet."""
    with stations.Station(request.param) as station:
        yield station


@pytest.fixture()
def box(station):
    """A fresh box."""
    with station.box() as box:
        yield box
