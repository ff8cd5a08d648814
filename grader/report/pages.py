"""The one Jinja environment: everything that is not ours is escaped, and made plain before that."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from grader.report import outcomes, text

_BACKTICKS = re.compile(r"`([^`\n]{1,200})`")
_TEMPLATES = Path(__file__).with_name("templates")


def rendered(template: str, **context: object) -> str:
    """Return the page of that name."""
    return _environment().get_template(template).render(**context)


@lru_cache(maxsize=8)
def asset(name: str) -> Markup:
    """Return one of our own style sheets or scripts, to be put into a page as it is."""
    return Markup((_TEMPLATES / name).read_text(encoding="utf-8"))


def coded(sentence: str) -> Markup:
    """Return a sentence, escaped, with what stands in `backticks` as code."""
    return Markup(_BACKTICKS.sub(r"<code>\1</code>", str(escape(text.plain(sentence)))))


def hashed(script: str) -> str:
    """Return the source expression under which a content security policy lets this script run."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_plain,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        points=text.number,
        counted=text.counted,
        duration=text.duration,
        size=text.size,
        one_line=text.line,
        clipped=text.clipped,
        coded=coded,
    )
    environment.globals.update(face=outcomes.face, word=outcomes.word, faces=outcomes.FACES, asset=asset)
    return environment


def _plain(value: object) -> object:
    """Make every text plain on its way into a page; what is already markup was made so when it was built."""
    return text.plain(value) if isinstance(value, str) and not isinstance(value, Markup) else value
