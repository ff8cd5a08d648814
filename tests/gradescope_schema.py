"""The strict schema of what is sent to Gradescope."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema

SCHEMA = json.loads((Path(__file__).parents[1] / "docs" / "gradescope.schema.json").read_text(encoding="utf-8"))
_VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def valid(text: str) -> dict[str, Any]:
    """Return the document in a results.json, or fail."""
    document = json.loads(text, parse_constant=_refuse)
    _VALIDATOR.validate(document)
    return document


def _refuse(word: str) -> None:
    raise AssertionError(f"{word} is no JSON")


def withholds_the_total(document: dict[str, Any]) -> bool:
    """Return whether a student sees no total, since Gradescope shows none where an entry is hidden."""
    hidden = any(test.get("visibility") == "hidden" for test in document["tests"])
    return hidden and "score" not in document and document["extra_data"]["deepgrader"]["no_grade"] is True
