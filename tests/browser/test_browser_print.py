"""Printed on A4: the status of the data on every page, everything unfolded, no picture cut."""

import io
import unicodedata

import pytest
from conftest import decisions
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


@each(decisions())
def test_printed_with_the_banner_on_every_page_and_nothing_folded(path, open_page):
    page = open_page(path)
    language = page.evaluate("document.documentElement.lang")
    folded = page.evaluate(
        """() => { const last = [...document.querySelectorAll('details .folded')].map(el =>
            [...el.querySelectorAll('td .n, td, dd, p')].map(cell => cell.textContent.trim()).filter(Boolean).pop());
            return last.filter(Boolean) }"""
    )
    pages = [each_page.extract_text() for each_page in PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True))).pages]
    for number, text in enumerate(pages, start=1):
        assert any(words in text for words in STATUS[language]), f"page {number} does not say what its data are"
        assert text.strip()
    whole = squeezed("".join(pages))
    assert [text[:80] for text in folded if squeezed(text)[:BEGINNING] not in whole] == []


@each(decisions())
def test_no_printed_picture_or_table_is_cut(path, open_page):
    width, height = ((side - margin) / PIXEL for side, margin in zip(A4, MARGINS, strict=True))
    page = open_page(path, viewport={"width": round(width), "height": round(height)})
    page.emulate_media(media="print")
    boxes = page.evaluate(
        """() => [...document.querySelectorAll('figure img, table')].map(el => { const box = el.getBoundingClientRect();
            return [el.tagName, box.width, box.height, box.right, (el.alt || el.innerText).slice(0, 60)] })"""
    )
    for tag, _, tall, right, words in boxes:
        assert right <= width + 1, f"{tag} reaches {right - width:.0f} px beyond the paper: {words}"
        if tag == "IMG":
            assert tall <= height, f"a picture of {tall:.0f} px on a page of {height:.0f}: {words}"
