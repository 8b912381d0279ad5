"""What every page shares: templates that escape, the style, the policy that lets nothing in, the status of the data."""

import base64
import hashlib
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from analysis.report.languages import WORDING
from analysis.report.numbers import ORIGINAL
from analysis.report.wording import Words

LANGUAGES = tuple(WORDING)  # the first is that of index.html
TEMPLATES = Path(__file__).parent / "templates"


def page_name(language: str) -> str:
    """index.html in the first language, index.it.html in Italian."""
    return "index.html" if language == ORIGINAL else f"index.{language}.html"


def environment() -> Environment:
    """Templates: everything escaped, nothing undefined passes."""
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def stylesheet() -> str:
    return (TEMPLATES / "style.css").read_text("utf-8").strip()


def frame(*, own_styles: bool = False) -> dict[str, Any]:
    """The style and the content-security policy of a page: no script, nothing fetched, images inside the file.

    ``own_styles`` allows style attributes too: notebooks' tables bring theirs.
    """
    style = stylesheet()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    allowed = "'unsafe-inline'" if own_styles else f"'sha256-{digest}'"
    policy = f"default-src 'none'; img-src data:; style-src {allowed}; base-uri 'none'; form-action 'none'"
    return {"style": Markup(style), "policy": policy}


def banner(words: Words, status: str, brand: object, templates: Environment) -> Markup:
    """The status of the data, in words, shape and colour. It depends on the case alone, on nothing a caller passes."""
    note = words.say(f"status.{status}.note", brand=brand)
    return Markup(templates.get_template("banner.html.j2").render(status=status, note=note, say=words.say))
