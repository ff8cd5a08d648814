"""Whether a drawing (SVG) that a program made can be shown: one that a browser draws in a time like its length.

Theory of operation. A page shows it as a picture, so that no script of it runs and nothing is fetched. But a few
hundred letters can ask for a billion strokes: copies of copies, patterns of patterns, filters of filters. So what is
referred to may refer to nothing further, its parts are counted once for each reference, and filters, entities, styles
that refer to something, and pictures that are drawings again are not shown. A browser understands more spellings of a
reference than one (`URL(`, ` #name`, `#%61`), so that any but the plainest is too much, too. What plotting libraries
write has none of these: their copies are letters and markers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree

MOST = 300_000
"""Elements that are drawn, copies included."""
_NAME = r"#([\w.:-]+)"
_URL = re.compile(rf"url\((['\"]?){_NAME}\1\)")
_ANY_TIME = ("url(", "\\", "filter", "@import")
"""What may refer to something in a style, or take any time."""
_SCANS = ("data:image/png", "data:image/jpeg", "data:image/gif", "data:image/webp")


def is_tame(text: str) -> bool:
    """Tell whether a drawing costs the browser no more than its length and its plain copies."""
    if "<!ENTITY" in text or "<?xml-stylesheet" in text:
        return False
    try:
        root = ElementTree.fromstring(text)  # entities are refused above, and nothing is fetched
    except (ElementTree.ParseError, ValueError):
        return False
    return not any(map(_is_heavy, root.iter())) and _drawn(root) <= MOST


def _is_heavy(element: ElementTree.Element) -> bool:
    """Tell whether an element may take any time, whatever its size."""
    kind = _kind(element)
    if kind.startswith(("filter", "fe")) or (kind == "style" and _says("".join(element.itertext()), *_ANY_TIME)):
        return True
    return any(_is_odd(name, value) for name, value in element.items())


def _is_odd(name: str, value: str) -> bool:
    """Tell whether an attribute refers to something in no plain way, or asks for a filter."""
    if name.endswith("href"):
        plain = "".join(value.split()).lower()
        drawn = plain.startswith("data:") and not plain.startswith(_SCANS)
        return drawn or (plain.startswith("#") and re.fullmatch(_NAME, value) is None)
    if name == "filter" or (name in ("style", "attributeName") and _says(value, "filter", "href")):
        return True
    return _says(_URL.sub("", value), "url(") or ("\\" in value and "(" in value)


def _says(text: str, *words: str) -> bool:
    """Tell whether one of these is in a text, in whatever letters."""
    lower = text.lower()
    return any(word in lower for word in words)


def _drawn(root: ElementTree.Element) -> int:
    """Return how many elements are drawn, at least; no more are counted than it takes to say 'too many'."""
    named = {element.get("id", ""): element for element in root.iter()}
    sizes: dict[str, int] = {}
    drawn = 0
    for element in root.iter():
        drawn += 1
        for name in _references(element):
            if name not in sizes:
                sizes[name] = _size(named[name]) if name in named else 0
            drawn += sizes[name]
        if drawn > MOST:
            break
    return drawn


def _size(element: ElementTree.Element) -> int:
    """Return how many elements are copied where this one is referred to; too many if it refers to something itself."""
    if _kind(element).endswith("Gradient"):
        return 1
    count = 0
    for inner in element.iter():
        count += 1
        if any(_references(inner)):
            return MOST + 1
    return count


def _references(element: ElementTree.Element) -> Iterator[str]:
    """Yield the names of other elements that an element refers to."""
    for name, value in element.items():
        if name.endswith("href") and value.startswith("#"):
            yield value[1:]
        yield from (found[2] for found in _URL.finditer(value))


def _kind(element: ElementTree.Element) -> str:
    """Return 'use' for '{http://www.w3.org/2000/svg}use'; '' for what is no element."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
