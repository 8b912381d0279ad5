"""An executed notebook as a page of the report's annex: same style, code folded, nothing fetched, no clock."""

import copy
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import nbformat
from markupsafe import Markup
from nbconvert import HTMLExporter
from pygments.formatters import HtmlFormatter

from analysis.report.numbers import ORIGINAL
from analysis.report.page import TEMPLATES, banner, environment, frame
from analysis.report.wording import Words

Link = tuple[str, str]

# What an execution leaves behind that differs from run to run.
_KEPT_CELL_METADATA = ("alt", "tags", "transient")
_ADDRESS = re.compile(r"\bat 0x[0-9a-f]{6,}\b")
_SCRIPTS = re.compile(
    r"<script\b.*?</script\s*>|<script\b[^>]*>|<iframe\b.*?</iframe\s*>|<iframe\b[^>]*>|<(?:link|base|object|embed|meta)\b[^>]*>",
    flags=re.IGNORECASE | re.DOTALL,
)
_HANDLERS = re.compile(r"(<[a-z][^<>]*?)\s+on[a-z]+\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s>]+)", flags=re.IGNORECASE)
_TERM = re.compile(r'(<a class="term" href=")#(term-[^"]+)')
_REMOTE = re.compile(
    r"""(<(?:img|source|image|video|audio)\b[^<>]*?\b(?:src|srcset|href|poster)\s*=\s*)(?!["']?data:)(?:"[^"]*"|'[^']*'|[^\s>"']+)""",
    flags=re.IGNORECASE,
)


def notebook_to_html(
    notebook: nbformat.NotebookNode,
    case: Mapping[str, Any],
    title: str,
    previous: Link | None = None,
    following: Link | None = None,
) -> str:
    """One self-contained page. ``previous`` and ``following`` are (href, title) of the neighbours.

    The same executed notebook gives the same text whenever and wherever it ran; scripts, event handlers and
    remote images inside outputs are dropped, so outputs of a hostile export cannot act.
    """
    words = Words(ORIGINAL)
    annex = {
        "language": words.language,
        "title": f"{title} · {case['title']}",
        "skip": words.say("frame.skip"),
        "banner": banner(words, case["data_status"], case["brand"], environment()),
        "code": words.text("notebook.code"),
        "image": words.text("notebook.image"),
        "navigation": _navigation(words, previous, following),
        "code_style": _code_style(),
        **frame(own_styles=True),
    }
    resources = {"annex": annex, "metadata": {"name": title}}
    body, _ = _exporter().from_notebook_node(_cleaned(notebook), resources=resources)
    tidy = re.sub(r"[ \t]+\n", "\n", re.sub(r"\n{3,}", "\n\n", body)).strip() + "\n"
    tidy = _leading(tidy)
    scrollable = tidy.replace("<pre>", '<pre tabindex="0">')  # wide text scrolls, by keyboard too
    return _with_contents(_one_heading(scrollable), words)


@cache
def _exporter() -> HTMLExporter:
    """One for all notebooks: its templates are compiled once."""
    exporter = HTMLExporter(template_name="notebook", extra_template_basedirs=[str(TEMPLATES)], embed_images=False)
    exporter.sanitize_html = False
    return exporter


def _cleaned(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """A copy without execution counts, clocks, memory addresses, machine paths' metadata and active content."""
    clean = copy.deepcopy(notebook)
    clean.metadata = nbformat.from_dict({"language_info": {"name": "python"}})
    for cell in clean.cells:
        cell.metadata = nbformat.from_dict(
            {key: cell.metadata[key] for key in _KEPT_CELL_METADATA if key in cell.metadata}
        )
        cell.pop("attachments", None)
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell.id = "injected-parameters"  # papermill names it at random
        if cell.cell_type == "markdown":
            cell.source = _inert(cell.source)
        if cell.cell_type != "code":
            continue
        cell.execution_count = None
        # Warnings say as much as there were processes to warn in.
        cell.outputs = [output for output in cell.outputs if output.get("name") != "stderr"]
        for output in cell.outputs:
            if "execution_count" in output:
                output.execution_count = None
            for kind, content in output.get("data", {}).items():
                if isinstance(content, str):
                    output.data[kind] = (
                        _inert(content) if kind in ("text/html", "text/markdown") else _ADDRESS.sub("", content)
                    )
            if "text" in output:
                output.text = _ADDRESS.sub("", output.text)
    return clean


def _inert(html: str) -> str:
    """HTML with nothing that runs or fetches. The page's policy forbids both too; this keeps the file itself clean."""
    html = _SCRIPTS.sub("", html)
    while (quieter := _HANDLERS.sub(r"\1", html)) != html:
        html = quieter
    html = re.sub(r"javascript:", "", html, flags=re.IGNORECASE)
    return _ADDRESS.sub("", _REMOTE.sub(r'\1""', html))


def _navigation(words: Words, previous: Link | None, following: Link | None) -> Markup:
    links = [("../index.html", words.text("notebook.back"))]
    if previous:
        links.append((previous[0], words.text("notebook.previous") + previous[1]))
    if following:
        links.append((following[0], words.text("notebook.next") + following[1]))
    return Markup('<nav aria-label="{}">{}</nav>').format(
        words.say("notebook.pages"),
        Markup("").join(Markup('<a href="{}">{}</a>').format(*link) for link in links)
    )


def _code_style() -> Markup:
    """Colours of code, light and dark."""
    light = HtmlFormatter(style="xcode", nobackground=True).get_style_defs(".highlight")
    dark = HtmlFormatter(style="github-dark", nobackground=True).get_style_defs(".highlight")
    return Markup(
        f"{light}\n@media screen and (prefers-color-scheme:dark){{{dark}}}\n".replace("background: #f8f8f8;", "")
    )


def _leading(html: str) -> str:
    """Sections shown in a notebook link words to the glossary, which stands on the report's page alone."""
    here = set(re.findall(r'\bid="(term-[^"]*)"', html))
    return _TERM.sub(lambda link: link[0] if link[2] in here else f"{link[1]}../index.html#{link[2]}", html)


def _with_contents(html: str, words: Words) -> str:
    """A table of contents of the h2 headings, under the first heading."""
    heads = re.findall(r'<h2 id="([^"]+)">(.*?)<a class="anchor-link"', html)
    if len(heads) < 2:
        return html
    items = "".join(f'<li><a href="#{name}">{title}</a></li>' for name, title in heads)
    contents = f'<nav class="contents" aria-label="{words.say("notebook.contents")}"><ol>{items}</ol></nav>'
    return html.replace("</h1>", "</h1>" + contents, 1)


def _one_heading(html: str) -> str:
    """The first h1 stays; any other becomes an h2. nbconvert's pilcrow links are kept as anchors."""
    parts = re.split(r"(<h1\b[^>]*>.*?</h1>)", html, flags=re.DOTALL)
    seen = False
    for index, part in enumerate(parts):
        if not part.startswith("<h1"):
            continue
        if seen:
            parts[index] = "<h2" + part[3:].removesuffix("</h1>") + "</h2>"
        seen = True
    return "".join(parts)
