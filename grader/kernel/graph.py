"""The graph that a loss hangs on, walked to the tensors it was computed from; and tensors among arguments."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from typing import Any

from .sealed import seal

seal(globals())

MOST = 20_000
"""Nodes that are walked."""
NEAR = 300
"""Nodes between a loss and the answers it was computed from."""


def leaves(tensors: Iterable[Any]) -> list[Any]:
    """Return the leaf tensors that ask for gradients below some losses, in the order of a depth-first walk."""
    waiting = [tensor.grad_fn for tensor in tensors if tensor.grad_fn is not None]
    visited: set[Any] = set()
    found: dict[int, Any] = {}
    while waiting and len(visited) < MOST:
        node = waiting.pop()
        if node in visited:
            continue
        visited.add(node)
        leaf = getattr(node, "variable", None)
        if leaf is not None:
            found.setdefault(id(leaf), leaf)
        waiting += [deeper for deeper, _ in reversed(node.next_functions) if deeper is not None]
    return list(found.values())


class Ways:
    """The ways from losses down to answers; the one found last is tried first, since a training goes it again."""

    def __init__(self) -> None:
        """Start without any."""
        self._turns: tuple[int, ...] = ()

    def leads(self, roots: Sequence[Any], node: Any) -> bool:
        """Tell whether a node stands near the top of the graph that some losses hang on."""
        for root in roots:
            if root.grad_fn is not None and (_arrives(root.grad_fn, self._turns, node) or self._found(root, node)):
                return True
        return False

    def _found(self, root: Any, sought: Any) -> bool:
        """Look for a node, breadth first, and remember the way."""
        waiting: deque[tuple[Any, tuple[int, ...]]] = deque([(root.grad_fn, ())])
        for _ in range(NEAR):
            if not waiting:
                break
            node, turns = waiting.popleft()
            if node is sought:
                self._turns = turns
                return True
            waiting += [(below, (*turns, at)) for at, (below, _) in enumerate(node.next_functions) if below is not None]
        return False


def _arrives(node: Any, turns: Sequence[int], sought: Any) -> bool:
    """Tell whether a way ends at a node."""
    for turn in turns:
        following = node.next_functions
        if turn >= len(following) or following[turn][0] is None:
            return False
        node = following[turn][0]
    return node is sought


def as_tensors(torch: Any, things: Any) -> list[Any]:
    """Return the tensors in an argument that may be one tensor or a sequence of them."""
    several = things if isinstance(things, (list, tuple)) else (things,)
    return [thing for thing in several if issubclass(type(thing), torch.Tensor)]


def first_tensor(torch: Any, things: Iterable[Any]) -> Any:
    """Return the first tensor among arguments or answers, one container deep; None without one."""
    for thing in things:
        if issubclass(type(thing), torch.Tensor):
            return thing
        inner = thing.values() if type(thing) is dict else thing if type(thing) in (tuple, list) else ()
        for item in inner:
            if issubclass(type(item), torch.Tensor):
                return item
    return None


def total(torch: Any, tensors: Iterable[Any], weights: Any) -> float:
    """Return the loss that is back-propagated: the sum of the tensors, each weighted as `backward` was told."""
    if weights is None and type(tensors) is list and len(tensors) == 1 and tensors[0].numel() == 1:
        return float(tensors[0].item())
    listed = weights if isinstance(weights, (list, tuple)) else [weights] if weights is not None else []
    whole = 0.0
    with torch.no_grad():
        for at, tensor in enumerate(tensors):
            weight = listed[at] if at < len(listed) else None
            whole += float(tensor.detach().sum() if weight is None else (tensor.detach() * weight).sum())
    return whole
