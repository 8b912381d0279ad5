"""Printed on A4: the status of the data on every page, everything unfolded, no picture cut."""

import io
import re
import unicodedata

import pytest
from conftest import decisions, examples
from pypdf import PdfReader
from test_browser_pages import each

pytestmark = pytest.mark.skipif(not decisions(), reason="no report in reports/: make report")

STATUS = {"en": ("SIMULATED DATA", "REAL DATA", "MIXED"), "it": ("DATI SIMULATI", "DATI REALI", "MISTI")}
A4 = (210, 297)  # millimetres
MARGINS = (32, 30)  # left and right, top and bottom: @page in style.css
PIXEL = 25.4 / 96
BEGINNING = 15  # letters: a longer text may go on overleaf


def squeezed(text: str) -> str:
    """Without spaces, and ligatures as their letters."""
    return "".join(unicodedata.normalize("NFKC", text).split())


@pytest.fixture(scope="session")
def paper():
    """The text of each sheet that a page is printed on; read once a page, which takes seconds."""
    read: dict = {}

    def sheets(page, path) -> list[str]:
        if path not in read:
            printed = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
            read[path] = [sheet.extract_text() for sheet in printed.pages]
        return read[path]

    return sheets


# Reading what was printed takes up to ten seconds a page: every time of one case, in English.
EVERY_TIME = [path for path in examples(decisions()) if ".it." not in path.name]
OTHERS = [pytest.param(path, marks=pytest.mark.slow) for path in decisions() if path not in EVERY_TIME]


@each([*EVERY_TIME, *OTHERS])
def test_printed_with_the_banner_on_every_page_and_nothing_folded(path, open_page, paper):
    page = open_page(path)
    language = page.evaluate("document.documentElement.lang")
    folded = page.evaluate(
        """() => { const last = [...document.querySelectorAll('details .folded')].map(el =>
            [...el.querySelectorAll('td .n, td, dd, p')].map(cell => cell.textContent.trim()).filter(Boolean).pop());
            return last.filter(Boolean) }"""
    )
    pages = paper(page, path)
    for number, text in enumerate(pages, start=1):
        assert any(words in text for words in STATUS[language]), f"page {number} does not say what its data are"
        assert text.strip()
    whole = squeezed("".join(pages))
    assert [text[:80] for text in folded if squeezed(text)[:BEGINNING] not in whole] == []


def on_paper(open_page, path):
    """The page laid out as between the margins of A4, everything unfolded; its width and height in pixels."""
    width, height = ((side - margin) / PIXEL for side, margin in zip(A4, MARGINS, strict=True))
    page = open_page(path, viewport={"width": round(A4[0] / PIXEL), "height": round(height)}, bypass_csp=True)
    page.emulate_media(media="print")
    page.evaluate("document.querySelectorAll('details').forEach(item => item.open = true)")
    page.add_style_tag(content=f"html{{width:{width:.0f}px}}")
    return page, width, height


@each(decisions())
def test_no_word_of_a_printed_table_is_broken(path, open_page):
    """Names of files and hashes, which have no spaces, may be."""
    page, *_ = on_paper(open_page, path)
    broken = page.evaluate(
        r"""() => { const found = new Set();
            for (const cell of document.querySelectorAll('table:not(:has(code)) :is(td, th)')) {
                const texts = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT); let node;
                while (node = texts.nextNode()) for (const word of node.data.matchAll(/\p{L}{2,}/gu)) {
                    const range = document.createRange(); range.setStart(node, word.index);
                    range.setEnd(node, word.index + word[0].length);
                    const lines = [...range.getClientRects()].filter(box => box.width > 0);
                    if (new Set(lines.map(box => Math.round(box.top))).size > 1) found.add(word[0]) } }
            return [...found] }"""
    )
    assert broken == []


@each([*EVERY_TIME, *OTHERS])
def test_no_heading_is_printed_apart_from_what_it_heads(path, open_page, paper):
    """No page ends inside a heading, or with the head of a table."""
    page = open_page(path)
    heads = [squeezed(text) for text in page.locator("h2, h3, caption, summary, thead").all_text_contents()]
    pages = [squeezed(text) for text in paper(page, path)]
    ends = [re.sub(r"\d+/\d+$", "", text) for text in pages[:-1]]
    parted = [
        (number, head[:40])
        for number, (end, following) in enumerate(zip(ends, pages[1:], strict=True), start=1)
        for head in heads
        for cut in range(BEGINNING, len(head))
        if end.endswith(head[:cut]) and following_begins(following, head[cut:])
    ]
    assert parted == []


def following_begins(text: str, rest: str) -> bool:
    """Whether a page goes on with ``rest`` after what is repeated on every page."""
    return rest in text[: len(rest) + 300]


@each(decisions())
def test_no_printed_picture_or_table_is_cut(path, open_page):
    page, width, height = on_paper(open_page, path)
    boxes = page.evaluate(
        """() => [...document.querySelectorAll('figure img, table')].map(el => { const box = el.getBoundingClientRect();
            return [el.tagName, box.width, box.height, box.right, (el.alt || el.innerText).slice(0, 60)] })"""
    )
    for tag, _, tall, right, words in boxes:
        assert right <= width + 1, f"{tag} reaches {right - width:.0f} px beyond the paper: {words}"
        if tag == "IMG":
            assert tall <= height, f"a picture of {tall:.0f} px on a page of {height:.0f}: {words}"
