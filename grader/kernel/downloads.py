"""Downloads, from the course's offline mirror: there is no network here.

Theory of operation. The mirror is a table of addresses and the files that the course has downloaded for everybody. All
of `urllib` goes through one method that connects, all of `requests` through one that sends; both are replaced by a look
into the table. An address that is not in it fails at once, in a sentence that names the mirror. A data set of the
mirror need not be the original byte for byte, so a checksum also holds for a file that the mirror has.
"""

from __future__ import annotations

import email.message
import importlib
import io
import urllib.error
import urllib.response
from pathlib import Path
from typing import Any

from .imports import when_imported
from .mirrored import Mirror
from .sealed import seal

seal(globals())


def install(mirror: Mirror) -> None:
    """Answer for the network, in every library that students use for downloads."""
    when_imported("urllib.request", lambda request: _answer_urllib(request, mirror))
    when_imported("requests.adapters", lambda adapters: _answer_requests(adapters, mirror))
    when_imported("torchvision.datasets.utils", lambda checks: _trust_sums(checks, "check_md5", mirror))
    when_imported("keras.src.utils.file_utils", lambda checks: _trust_sums(checks, "validate_file", mirror))
    when_imported("torchvision.datasets.mnist", lambda mnist: _fetch_missing(mnist.MNIST, "_check_exists"))
    when_imported("torchvision.datasets.cifar", lambda cifar: _fetch_missing(cifar.CIFAR10, "_check_integrity"))


def not_there(address: str) -> str:
    """Return the sentence on an address that the mirror does not have."""
    return f"{address[:200]} is not in the course's offline mirror, and there is no network here"


def _answer_urllib(request: Any, mirror: Mirror) -> None:
    """Let every opener of `urllib` find its file in the mirror."""

    def do_open(_self: Any, _kind: Any, asked: Any, **_: Any) -> Any:
        __tracebackhide__ = True
        address = asked.full_url
        path = mirror.find(address)
        if path is None:
            raise urllib.error.URLError(not_there(address))
        body = io.BytesIO() if asked.get_method() == "HEAD" else path.open("rb")
        answer: Any = urllib.response.addinfourl(body, _headers(path), address, 200)
        answer.msg, answer.reason, answer.length = "OK", "OK", path.stat().st_size
        answer.getheader = answer.headers.get
        return answer

    request.AbstractHTTPHandler.do_open = do_open


def _headers(path: Path) -> email.message.Message:
    """Return what a server would say of a file."""
    headers = email.message.Message()
    headers["Content-Length"] = str(path.stat().st_size)
    headers["Content-Type"] = "application/octet-stream"
    return headers


def _answer_requests(adapters: Any, mirror: Mirror) -> None:
    """Let `requests` find its file in the mirror."""

    def send(self: Any, request: Any, *_: Any, **__: Any) -> Any:
        __tracebackhide__ = True
        path = mirror.find(request.url)
        if path is None:
            raise adapters.ConnectionError(not_there(request.url), request=request)
        body = io.BytesIO() if request.method == "HEAD" else path.open("rb")
        kind = importlib.import_module("urllib3").HTTPResponse
        told = {"headers": dict(_headers(path)), "request_method": request.method}
        return self.build_response(request, kind(body, status=200, reason="OK", preload_content=False, **told))

    adapters.HTTPAdapter.send = send


def _trust_sums(checks: Any, name: str, mirror: Mirror) -> None:
    """Let a checksum also hold for a file of the mirror, which may be a smaller set of the course's own making."""
    original = getattr(checks, name)

    def check(path: Any, checksum: str, *arguments: Any, **keywords: Any) -> Any:
        return original(path, checksum, *arguments, **keywords) or mirror.holds(Path(path), checksum)

    setattr(checks, name, check)


def _fetch_missing(kind: Any, check: str) -> None:
    """Let `download=False` find the mirror's data too: the student had downloaded them, at home."""
    original = getattr(kind, check)
    fetching: list[int] = []

    def is_there(self: Any) -> Any:
        if original(self) or id(self) in fetching:
            return original(self)
        fetching.append(id(self))
        try:
            self.download()
        except (RuntimeError, OSError):  # it is not in the mirror either; what is said then, torchvision says
            return False
        finally:
            fetching.remove(id(self))
        return original(self)

    setattr(kind, check, is_there)
