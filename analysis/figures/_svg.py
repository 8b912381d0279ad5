"""A drawing's SVG text made small and steady, and one text for a light and a dark page."""

import re
from collections.abc import Mapping
from urllib.parse import quote

_ID = re.compile(r' id="([^"]+)"')
_NAMED = re.compile(r'( id="|href="#|url\(#)([^")]+)')
_PLACED = re.compile(r'(<use href="#[^"]+") transform="translate\((-?[\d.]+)(?: 0)?\)"/>')
_LONG = re.compile(r"(scale\([^)]*\))|-?\d+\.\d{3,}")


def compact(svg: str) -> str:
    """The same drawing without date, random ids or groups' names, with two decimals of a point.

    Most of a drawing is letters as paths: ids become short, and numbered in order, as they are else hashes of colours;
    the places of letters become plain coordinates.
    """
    text = re.sub(r"<\?xml.*?<svg", "<svg", svg, count=1, flags=re.DOTALL)
    text = re.sub(r"\s*<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
    text = re.sub(r"\s*\n\s*", "\n", text)
    text = re.sub(r'style="[^"]*"', lambda match: re.sub(r"([:;]) ", r"\1", match.group()), text)
    text = _LONG.sub(_two_decimals, text)
    text = re.sub(r'<g id="[^"]*"', "<g", text).replace("xlink:href", "href")
    text = re.sub(r' d="([^"]*)"', lambda match: f' d="{_tight(match.group(1))}"', text)
    short = {name: f"i{number}" for number, name in enumerate(dict.fromkeys(_ID.findall(text)))}
    text = _NAMED.sub(lambda match: match.group(1) + short[match.group(2)], text)
    return _PLACED.sub(r'\1 x="\2"/>', text).replace("<g/>\n", "").replace(">\n<", "><")


def adaptive(svg: str, dark: Mapping[str, str]) -> str:
    """The drawing with a second set of colours for a dark page: ``dark`` maps each light colour to its dark one.

    A rule of a style sheet outdoes a style attribute only when it is marked important.
    """
    rules = "".join(
        f'[style*="{kind}:{light.lower()}"]{{{kind}:{other.lower()}!important}}'
        for light, other in dark.items()
        for kind in ("fill", "stroke")
        if f"{kind}:{light.lower()}" in svg
    )
    return svg.replace("</style>", f"@media (prefers-color-scheme:dark){{{rules}}}</style>", 1)


def as_image(svg: str) -> str:
    """The drawing as the address of an image, fit for an attribute in double quotes and for a list of sources."""
    return "data:image/svg+xml," + quote(svg.replace('"', "'"), safe="<>/=':;,().!@*+-{}[]~|^$?&")


def _two_decimals(match: re.Match[str]) -> str:
    """Scales stay as they are: a letter is drawn 64 times too large and scaled down."""
    return match.group(1) or f"{round(float(match.group()), 2) + 0.0:.2f}".rstrip("0").rstrip(".")


def _tight(path: str) -> str:
    """"M 10 -20 \\nL 5 5 \\nz" -> "M10-20L5,5z": in an address a comma is one letter, a blank three."""
    joined = re.sub(r"\s*([A-Za-z])\s*", r"\1", path.strip())
    return re.sub(r"\s+", ",", joined).replace(",-", "-")
