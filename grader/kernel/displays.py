"""Displays, cut to what will be kept anyway.

Theory of operation. An object shows itself in several forms at once, and the grader keeps one of a few. A chart of
plotly's holds every point as JSON, a form of its own, and an animation can be a page of 30 MB: more than a message may
be, which would end the kernel of a student who did nothing wrong. So other forms are not sent, and of a form no more
than is kept. This is a courtesy, as in `streams`.
"""

from __future__ import annotations

from typing import Any

KEPT = ("image/png", "image/svg+xml", "text/html", "text/plain")


def limit(shell: Any, most: int) -> None:
    """Let each form of what is displayed take about so many bytes, from now on, and drop what nobody looks at."""
    publish, write = shell.display_pub.publish, shell.displayhook.write_format_data

    def published(data: Any, metadata: Any = None, **keywords: Any) -> Any:
        return publish(_kept(data, most), _kept(metadata, most), **keywords)

    def written(format_dict: Any, md_dict: Any = None) -> Any:
        return write(_kept(format_dict, most), _kept(md_dict, most))

    shell.display_pub.publish, shell.displayhook.write_format_data = published, written


def _kept(forms: Any, most: int) -> Any:
    if not isinstance(forms, dict):
        return forms  # is refused as it always is
    return {name: _cut(forms[name], most) for name in KEPT if name in forms}


def _cut(form: Any, most: int) -> Any:
    """Return the beginning of a form that is too long, long enough to show the grader that something is missing."""
    whole = most + 4 - most % 4  # four characters of a picture are three bytes
    if isinstance(form, list) and all(isinstance(line, str) for line in form):
        form = "".join(form)
    return form[:whole] if isinstance(form, str | bytes) and len(form) > whole else form
