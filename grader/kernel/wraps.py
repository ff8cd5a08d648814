"""What stands between a student's training loop and torch: as little as possible, and never in the way.

A wrapper calls the original with the very arguments it got, lets every exception through, and only then tells the
recorder, whose own failures stop there (`quietly`). Frames of ours are hidden from IPython's tracebacks.
"""

from __future__ import annotations

import functools
from importlib import import_module
from typing import TYPE_CHECKING, Any

from .bare import bottom, outside
from .graph import as_tensors
from .sealed import seal

if TYPE_CHECKING:
    from .recorder import Recorder

seal(globals())


def wrap_modules(torch: Any, recorder: Recorder) -> None:
    """Tell the recorder of every outermost call of a module."""
    here, module_type = recorder.here, torch.nn.Module
    original = module_type.__call__

    @functools.wraps(original)
    def call(module: Any, *arguments: Any, **keywords: Any) -> Any:
        __tracebackhide__ = True
        if here.inside or not recorder.active:
            return original(module, *arguments, **keywords)
        here.inside = True
        try:
            answer = original(module, *arguments, **keywords)
        finally:
            here.inside = False
        recorder.quietly(recorder.called, module, arguments, keywords, answer)
        return answer

    module_type.__call__ = call


def wrap_autograd(torch: Any, recorder: Recorder) -> None:
    """Tell the recorder of every backward pass; `Tensor.backward` goes through `autograd.backward`."""
    torch.autograd.backward = _watched(torch, torch.autograd.backward, recorder, "tensors", "grad_tensors")
    torch.autograd.grad = _watched(torch, torch.autograd.grad, recorder, "outputs", "grad_outputs")


def _watched(torch: Any, original: Any, recorder: Recorder, roots_name: str, weights_name: str) -> Any:
    """Return `autograd.backward` or `autograd.grad`, watched."""
    here, returns = recorder.here, roots_name == "outputs"

    @functools.wraps(original)
    def run(*arguments: Any, **keywords: Any) -> Any:
        __tracebackhide__ = True
        if here.fired is not None or not recorder.active:
            return original(*arguments, **keywords)
        roots = arguments[0] if arguments else keywords.get(roots_name)
        with outside(torch):
            before = recorder.quietly(recorder.before_backward, roots)
        fired = here.fired = []
        try:
            result = original(*arguments, **keywords)
        finally:
            here.fired = None
        if before is not None:
            place = 2 if returns else 1
            weights = arguments[place] if len(arguments) > place else keywords.get(weights_name)
            with outside(torch):
                returned = recorder.quietly(_by_tensor, torch, arguments, keywords, result) if returns else None
                recorder.quietly(recorder.after_backward, before, fired, roots, weights, returned)
        return result

    return run


def _by_tensor(torch: Any, arguments: Any, keywords: Any, result: Any) -> dict[int, Any]:
    """Return the gradients that `autograd.grad` returned, by the tensor they belong to."""
    inputs = as_tensors(torch, arguments[1] if len(arguments) > 1 else keywords.get("inputs"))
    pairs = [(tensor, gradient) for tensor, gradient in zip(inputs, result, strict=False) if gradient is not None]
    return {id(bottom(torch, tensor)): bottom(torch, gradient) for tensor, gradient in pairs}


def wrap_optimizers(recorder: Recorder) -> None:
    """Tell the recorder before and after every optimizer's step."""
    optimizer = import_module("torch.optim.optimizer")
    optimizer.register_optimizer_step_pre_hook(lambda o, *_: recorder.quietly(recorder.before_step, o))
    optimizer.register_optimizer_step_post_hook(lambda o, *_: recorder.quietly(recorder.after_step, o))
