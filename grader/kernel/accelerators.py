"""`torch.cuda` and `torch.mps` where there is no graphics processor: they do nothing, instead of failing."""

from __future__ import annotations

import contextlib
import time
import warnings
from abc import ABCMeta
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from .sealed import seal

seal(globals())

_QUIET = (
    "synchronize set_device empty_cache reset_peak_memory_stats reset_max_memory_allocated reset_max_memory_cached "
    "reset_accumulated_memory_stats ipc_collect init set_per_process_memory_fraction"
)
_QUIET_MPS = "synchronize empty_cache set_per_process_memory_fraction"
_ANSWERS: dict[str, Any] = {"get_device_name": "CPU", "current_device": 0, "get_device_capability": (0, 0)}
_ANSWERS |= {"mem_get_info": (0, 0), "memory_summary": "", "memory_stats": {}}
_ANSWERS |= {
    "get_device_properties": SimpleNamespace(name="CPU", total_memory=0, major=0, minor=0, multi_processor_count=0)
}
_ANSWERS_MPS = {"current_allocated_memory": 0, "driver_allocated_memory": 0, "recommended_max_memory": 0}
_TYPES = "Float Double Half BFloat16 Long Int Short Char Byte Bool"


def stand_in(torch: Any, asked: Callable[[], Any], note: Callable[[str], None]) -> None:
    """Replace what would fail without a graphics processor; `asked()` is called when one is asked for."""
    _answer(torch.cuda, dict.fromkeys(_QUIET.split()) | _ANSWERS, asked)
    if hasattr(torch, "mps"):
        _answer(torch.mps, dict.fromkeys(_QUIET_MPS.split()) | _ANSWERS_MPS, asked)
    for name in ("device", "stream", "device_of"):
        setattr(torch.cuda, name, _context(asked))
    torch.cuda.Event, torch.cuda.Stream = _classes(asked)
    _count_as_torchs_own(torch)
    for name in ("current_stream", "default_stream"):
        setattr(torch.cuda, name, lambda *_, **__: torch.cuda.Stream())
    _lend_types(torch, asked)
    _lend_generator(torch)
    _hush_mixed_precision(torch, asked)
    _leave_uncompiled(torch, note)


def _answer(module: Any, answers: dict[str, Any], asked: Callable[[], Any]) -> None:
    """Let functions of a module return what is known beforehand."""

    def constant(value: Any) -> Callable[..., Any]:
        def answer(*_: Any, **__: Any) -> Any:
            asked()
            return value

        return answer

    for name, value in answers.items():
        if hasattr(module, name):
            setattr(module, name, constant(value))


def _context(asked: Callable[[], Any]) -> Callable[..., Any]:
    """Return what makes a context in which nothing is different."""

    def enter(*_: Any, **__: Any) -> Any:
        asked()
        return contextlib.nullcontext()

    return enter


def _classes(asked: Callable[[], Any]) -> tuple[type, type]:
    """Return events and streams of a device that has finished before one can ask."""

    class Event:
        """Takes the time when it is recorded."""

        def __init__(self, *_: Any, **__: Any) -> None:
            asked()
            self._at = 0.0

        def record(self, *_: Any) -> None:
            """Take the time."""
            self._at = time.perf_counter()

        def elapsed_time(self, later: Event) -> float:
            """Return the milliseconds to another event."""
            return 1000.0 * (later._at - self._at)

        def query(self) -> bool:
            """Tell that everything is done."""
            return True

        def synchronize(self, *_: Any) -> None:
            """Wait for nothing."""

        wait = synchronize

    class Stream(Event):
        """Does everything at once."""

        wait_stream = wait_event = Event.synchronize

        def record_event(self, event: Event | None = None) -> Event:
            """Return an event of now."""
            made = event or Event()
            made.record()
            return made

    return Event, Stream


def _count_as_torchs_own(torch: Any) -> None:
    """Let events and streams pass for subclasses of torch's; older versions insist when an optimizer is made."""
    for name in ("Event", "Stream"):
        base = getattr(getattr(torch, "_streambase", None), f"_{name}Base", None)
        if isinstance(base, ABCMeta):
            base.register(getattr(torch.cuda, name))


def _lend_types(torch: Any, asked: Callable[[], Any]) -> None:
    """Let `torch.cuda.FloatTensor` and its kind be the types of the CPU."""
    for name in (f"{kind}Tensor" for kind in _TYPES.split()):
        vars(torch.cuda).pop(name, None)
    before = vars(torch.cuda).get("__getattr__")

    def __getattr__(name: str) -> Any:
        if name.removesuffix("Tensor") in _TYPES.split():
            asked()
            return getattr(torch, name)
        if before is not None:
            return before(name)
        raise AttributeError(f"module 'torch.cuda' has no attribute {name!r}")

    torch.cuda.__getattr__ = __getattr__


def _lend_generator(torch: Any) -> None:
    """Let a generator of random numbers for another device be one for the CPU."""
    original = torch.Generator

    class Kind(type):
        def __instancecheck__(cls, instance: Any) -> bool:
            return isinstance(instance, original)

    class Generator(metaclass=Kind):
        """Makes generators on the CPU, whatever device is asked for."""

        def __new__(cls, device: Any = None) -> Any:
            return original() if device is None else original(torch.empty(0, device=device).device)

    torch.Generator = Generator


def _hush_mixed_precision(torch: Any, asked: Callable[[], Any]) -> None:
    """Let mixed precision for another device be switched off, without a warning at every step."""

    def switched_off(original: Any) -> Callable[..., Any]:
        def __init__(self: Any, *arguments: Any, **keywords: Any) -> None:
            device = arguments[0] if arguments else keywords.get("device_type", keywords.get("device", "cuda"))
            if str(device).partition(":")[0] not in ("cuda", "mps"):
                original(self, *arguments, **keywords)
                return
            asked()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                original(self, *arguments, **keywords)
            self._enabled = False

        return __init__

    scaler = getattr(torch.amp, "GradScaler", None) or torch.cuda.amp.GradScaler  # before torch 2.3
    for kind in (torch.amp.autocast_mode.autocast, scaler):
        kind.__init__ = switched_off(kind.__init__)


def _leave_uncompiled(torch: Any, note: Callable[[str], None]) -> None:
    """Let `torch.compile` return what it is given: it computes the same, and here there may be no compiler."""

    def compile_(model: Any = None, **_: Any) -> Any:
        note("torch.compile() was passed over: what it was given computes the same without.")
        return (lambda function: function) if model is None else model

    if hasattr(torch, "compile"):
        torch.compile = compile_
