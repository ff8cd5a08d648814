"""What a network was shown and answered that is no module: read off the graph that its loss hangs on.

Theory of operation. Where no module is called, no call can be seen; but the graph keeps what it needs to differentiate.
From a loss downwards, what losses are made of (means, squares, one difference, changes of form) is passed; what comes
next is the network's answer. Its numbers are reckoned again from what is kept there, and a hook brings the derivative
of the loss by them. The examples are the one factor below that nothing is differentiated by. Where a graph is of
another kind nothing is said: then the labels stay unseen, and a person looks. Under the transforms of `torch.func` the
same graph stands, of wrapped tensors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from .passes import Shown
from .sealed import seal

seal(globals())

MOST = 2_000
"""Nodes that are walked."""
DEPTH = 40
"""Nodes one below the other that an answer is reckoned from."""
_SCALES = ("Mean", "Sum", "Pow", "Mul", "Div", "Neg", "Dot", "Abs", "LinalgVectorNorm")
_FORMS = ("View", "UnsafeView", "ReshapeAlias", "Squeeze", "Unsqueeze", "T", "Transpose", "Permute", "Expand", "Clone")
_DIFFERENCES = ("Sub", "MseLoss", "NllLoss")
_FACTORS: Mapping[str, tuple[tuple[str, int, bool], ...]] = {
    "Mm": (("_saved_self", 0, False), ("_saved_mat2", 1, True)),
    "Bmm": (("_saved_self", 0, False), ("_saved_mat2", 1, True)),
    "Addmm": (("_saved_mat1", 1, False), ("_saved_mat2", 2, True)),
    "Mul": (("_saved_self", 0, False), ("_saved_other", 1, False)),
}
"""By kind of product: where a factor is kept, which of the nodes below it is, and whether its columns are examples."""


def bottom(torch: Any, tensor: Any) -> Any:
    """Return the tensor that the transforms of `torch.func` have wrapped, or the tensor itself."""
    functorch = torch._C._functorch
    while functorch.is_functorch_wrapped_tensor(tensor):
        tensor = functorch.get_unwrapped(tensor)
    return tensor


@contextmanager
def outside(torch: Any) -> Iterator[None]:
    """Have tensors not wrapped anew by whatever is done with them."""
    functorch, taken = torch._C._functorch, []
    try:
        while functorch.peek_interpreter_stack() is not None:  # torch 2.2 has no function for this
            taken.append(functorch.pop_dynamic_layer_stack())
        yield
    finally:
        for interpreter in reversed(taken):
            functorch.push_dynamic_layer_stack(interpreter)


def is_wrapped(torch: Any, tensor: Any) -> bool:
    """Tell whether a tensor belongs to one of the transforms of `torch.func`."""
    return bool(torch._C._functorch.is_functorch_wrapped_tensor(tensor))


_KINDS: dict[str, str] = {}
"""Of the names of nodes that were met."""


def shown_below(torch: Any, loss: Any, quietly: Callable[..., Any]) -> Shown | None:
    """Return what the network below a loss was shown and answered, one example a row; None if its graph does not tell.

    The derivative by the answer is noted when it comes, by way of `quietly`.
    """
    node, outputs = _answering(torch, loss.grad_fn)
    if outputs is None:
        return None
    inputs, turned = _given(torch, node)
    outputs = _flat(bottom(torch, outputs).detach())
    if inputs is None or len(inputs) not in outputs.shape:
        return None
    turned = outputs.shape[0] != len(inputs) or (turned and outputs.shape[-1] == len(inputs))
    form = outputs.shape
    shown = Shown(torch, 0, None, None, None, inputs, _upright(outputs, turned=turned))

    def flowed(gradients: Any) -> None:
        with outside(torch):
            gradient = bottom(torch, gradients[0]).detach().reshape(form)
            shown.take_gradient(torch, _upright(gradient, turned=turned))

    node.register_prehook(lambda gradients: quietly(flowed, gradients))
    return shown


def _upright(table: Any, *, turned: bool) -> Any:
    """Return a table with one example a row."""
    return table.t() if turned and table.ndim == 2 else table


def _answering(torch: Any, node: Any) -> tuple[Any, Any]:
    """Return the node of the answer below a loss's, and its numbers if they are to be had."""
    compared, kept = False, None
    for _ in range(DEPTH):
        name = "" if node is None else _kind(node)
        below = {each for each, _ in node.next_functions if each is not None} if name else set()
        passed = name in _FORMS or name in (("LogSoftmax",) if compared else (*_SCALES, *_DIFFERENCES))
        if not passed or len(below) != 1:
            break
        compared = compared or name in _DIFFERENCES
        kept = node._saved_self if name == "MseLoss" else None
        (node,) = below
    if node is None or not compared:
        return None, None
    return node, _number(torch, node, {}) if kept is None else kept


def _kind(node: Any) -> str:
    """Return 'Mm' for MmBackward0."""
    name = node.name()
    found = _KINDS.get(name)
    if found is None:
        found = _KINDS[name] = str(name).split("::")[-1].rstrip("0123456789").removesuffix("Backward")
    return found


def _flat(tensor: Any) -> Any:
    """Return a tensor of three axes without the first, where that is one long."""
    return tensor[0] if tensor.ndim == 3 and len(tensor) == 1 else tensor


# ------------------------------------------------------------------------------------------------- numbers of an answer


def _number(torch: Any, node: Any, known: dict[Any, Any], depth: int = 0) -> Any:
    """Return the numbers at a node, from what it keeps; None if they are not to be had.

    What is `known` is not reckoned again: where layers are added to what they were given, work would double at each.
    """
    if node not in known:
        known[node] = _reckoned(torch, node, known, depth) if depth <= DEPTH else None
    return known[node]


def _reckoned(torch: Any, node: Any, known: dict[Any, Any], depth: int) -> Any:
    name = _kind(node)
    if name == "AccumulateGrad":
        return bottom(torch, node.variable)
    if name in ("Sigmoid", "Tanh", "Relu"):
        return bottom(torch, node._saved_result)
    rule = _RULES.get(name)
    if rule is None:
        return None
    below = [None if each is None else _number(torch, each, known, depth + 1) for each, _ in node.next_functions]
    kept = [bottom(torch, each) for factor, *_ in _FACTORS.get(name, ()) if (each := getattr(node, factor)) is not None]
    with torch.no_grad():
        return rule(node, [each for each in below if each is not None], kept)


Rule = Callable[[Any, list[Any], list[Any]], Any]
"""Of a node, the numbers below it that are known, and the factors that it keeps."""


def _sum(node: Any, below: list[Any], _: list[Any]) -> Any:
    return below[0] + node._saved_alpha * below[1] if len(below) == 2 else None


def _product(_: Any, __: list[Any], kept: list[Any]) -> Any:
    return kept[0] @ kept[1] if len(kept) == 2 else None


def _affine(node: Any, below: list[Any], kept: list[Any]) -> Any:
    whole = len(kept) == 2 and node.next_functions[0][0] is not None and below
    return node._saved_beta * below[0] + node._saved_alpha * (kept[0] @ kept[1]) if whole else None


def _form(node: Any, below: list[Any], _: list[Any]) -> Any:
    return below[0].reshape(node._input_metadata[0].shape) if below else None


def _transposed(_: Any, below: list[Any], __: list[Any]) -> Any:
    return below[0].t() if below else None


def _permuted(node: Any, below: list[Any], _: list[Any]) -> Any:
    axes = [axis if axis < 1 << 62 else axis - (1 << 64) for axis in node._saved_dims]
    return below[0].permute(axes) if below else None


_RULES: Mapping[str, Rule] = {
    "Add": _sum, "Mm": _product, "Bmm": _product, "Addmm": _affine, "T": _transposed, "Permute": _permuted,
    **dict.fromkeys(("View", "UnsafeView", "ReshapeAlias", "Squeeze", "Unsqueeze"), _form),
}  # fmt: skip


# ------------------------------------------------------------------------------------------------------------ examples


def _given(torch: Any, answer: Any) -> tuple[Any, bool]:
    """Return the examples (rows, features) below an answer, and whether they stood in columns; None if unclear."""
    found = {tensor.data_ptr(): (tensor, turned) for tensor, turned in _factors(torch, answer)}
    if len(found) != 1:
        return None, False
    ((tensor, turned),) = found.values()
    table = _flat(tensor.detach())
    if table.ndim < 2 or table.numel() == max(table.shape):
        return table.reshape(-1, 1), turned
    return (table.t() if turned else table, turned) if table.ndim == 2 else (None, False)


def _factors(torch: Any, answer: Any) -> Iterator[tuple[Any, bool]]:
    """Yield the factors below an answer that nothing is differentiated by, and whether their columns are examples."""
    waiting: list[Any] = [answer]
    visited = {answer}
    while waiting and len(visited) < MOST:
        node = waiting.pop()
        below = [each for each, _ in node.next_functions]
        for kept, place, turned in _FACTORS.get(_kind(node), ()):
            tensor: Any = getattr(node, kept, None)
            if below[place] is None and issubclass(type(tensor), torch.Tensor) and tensor.numel() > 1:
                yield bottom(torch, tensor), turned
        fresh = {each for each in below if each is not None and each not in visited}
        visited |= fresh
        waiting += fresh
