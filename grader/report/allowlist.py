"""The one allowlist that every piece of HTML passes which a student had a hand in."""

from __future__ import annotations

import re

import nh3


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


TEXT = _names(
    "p br hr div span h1 h2 h3 h4 h5 h6 ul ol li dl dt dd blockquote pre code kbd samp var em strong b i u s del ins "
    "sub sup small mark abbr q cite table caption thead tbody tfoot tr th td details summary a img figure figcaption"
)
MATHEMATICS = _names(
    "math mrow mi mn mo mtext ms mspace mfrac msqrt mroot msub msup msubsup munder mover munderover mmultiscripts "
    "mprescripts none mtable mtr mtd mstyle mpadded mphantom menclose merror"
)
_IN_MATHEMATICS = _names(
    "display mathvariant mathsize displaystyle scriptlevel stretchy fence form separator accent accentunder lspace "
    "rspace linethickness minsize maxsize symmetric largeop movablelimits width height depth voffset notation "
    "columnalign rowspacing columnspacing columnlines rowlines rowalign columnspan rowspan bevelled"
)
_ATTRIBUTES: dict[str, set[str]] = {
    **{tag: set(_IN_MATHEMATICS) for tag in MATHEMATICS},
    "a": {"href", "title"},
    "img": {"src", "alt", "title"},
    "ol": {"start"},
    "th": {"colspan", "rowspan", "scope"},
    "td": {"colspan", "rowspan"},
}
_GONE_WITH_CONTENT = _names(
    "script style title textarea noscript noembed noframes iframe object embed template xmp svg"
)
_LINK = re.compile(r"(?i)(?:https?://|mailto:)")
PICTURE = re.compile(r"(?i)data:image/(?:png|jpeg|gif|webp);base64,[a-z0-9+/=\s]+")
"""A picture that is part of the text."""


def cleaned(html: str) -> str:
    """Return `html` with everything taken out that is not on the list."""
    return nh3.clean(
        html,
        tags=set(TEXT | MATHEMATICS),
        attributes=_ATTRIBUTES,
        attribute_filter=_attribute,
        clean_content_tags=set(_GONE_WITH_CONTENT),
        url_schemes={"http", "https", "mailto", "data"},
        link_rel="noopener noreferrer nofollow",
    )


def _attribute(tag: str, attribute: str, value: str) -> str | None:
    """Keep links to the web and pictures that are part of the text; a picture from elsewhere would tell who reads."""
    if attribute == "href":
        return value if tag == "a" and _LINK.match(value) else None
    if attribute == "src":
        return value if PICTURE.fullmatch(value) else None
    return value
