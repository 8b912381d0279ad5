"""An executed notebook as an annex page: nothing runs, nothing is fetched, nothing tells when it was made."""

import copy
import re

import nbformat
import report_worlds as worlds
from bs4 import BeautifulSoup
from nbformat import v4

from analysis.report.notebook_html import notebook_to_html

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"></svg>'
HOSTILE = (
    '<table><tr><td onclick="alert(1)">1</td></tr></table><script>alert(1)</script><img src="http://example.org/x.png">'
    '<iframe src="http://example.org"></iframe><a href="javascript:alert(1)">x</a>'
)


def notebook(
    clock: str = "2026-01-01T00:00:00Z", count: int = 3, address: str = "0x7f1234567890"
) -> nbformat.NotebookNode:
    cells = [
        v4.new_markdown_cell("# Engagement\n\nWhat happened.\n\n<script>alert(2)</script>", id="title"),
        v4.new_code_cell(
            "draw()",
            id="draw",
            execution_count=count,
            metadata={"execution": {"iopub.execute_input": clock}, "papermill": {"start_time": clock}},
            outputs=[
                v4.new_output(
                    "display_data",
                    {"image/svg+xml": SVG, "text/plain": "x"},
                    metadata={"image/svg+xml": {"alt": "A fall of 61 %"}},
                ),
                v4.new_output(
                    "execute_result",
                    {"text/html": HOSTILE, "text/plain": f"<Thing at {address}>"},
                    execution_count=count,
                ),
                v4.new_output("execute_result", {"text/plain": f"<Thing at {address}>"}, execution_count=count),
            ],
        ),
        v4.new_markdown_cell("# Again", id="again"),
    ]
    return v4.new_notebook(
        cells=cells, metadata={"papermill": {"end_time": clock, "output_path": "/home/someone/x.ipynb"}}
    )


def page(**changes) -> str:
    return notebook_to_html(
        notebook(**changes),
        worlds.case(),
        "Engagement",
        previous=("02.html", "Design"),
        following=("04.html", "Contacts"),
    )


def test_clocks_counts_and_addresses_leave_no_trace():
    one = page()
    assert one == page(clock="2031-05-05T10:10:10Z", count=9, address="0x7fffffffffff")
    assert "2026-01-01" not in one
    assert "/home/" not in one


def test_the_notebook_itself_is_not_changed():
    book = notebook()
    before = copy.deepcopy(book)
    notebook_to_html(book, worlds.case(), "Engagement")
    assert book == before


def test_nothing_runs_and_nothing_is_fetched():
    html = page()
    soup = BeautifulSoup(html, "html.parser")
    assert not soup.find_all(["script", "iframe", "link", "object", "embed"])
    assert not re.search(r"(src|srcset)=.https?:", html)
    assert "javascript:" not in html
    assert "onclick" not in html
    assert "MathJax" not in html
    assert "require" not in html.split("<body")[0]
    assert soup.find("meta", attrs={"http-equiv": "Content-Security-Policy"})["content"].startswith(
        "default-src 'none'"
    )


def test_banner_alt_text_navigation_and_folded_code():
    soup = BeautifulSoup(page(), "html.parser")
    assert "SIMULATED DATA" in soup.select_one("aside.banner").get_text()
    assert [image["alt"] for image in soup.select(".output_svg img")] == ["A fall of 61 %"]
    assert [link["href"] for link in soup.nav.find_all("a")] == ["../index.html", "02.html", "04.html"]
    assert soup.select("details.code pre")
    assert not soup.select("details.code[open]")
    assert len(soup.find_all("h1")) == 1
    assert soup.html["lang"] == "en"


def test_images_without_a_description_get_one():
    book = v4.new_notebook(
        cells=[v4.new_code_cell("x", outputs=[v4.new_output("display_data", {"image/svg+xml": SVG})])]
    )
    assert BeautifulSoup(notebook_to_html(book, worlds.case(), "t"), "html.parser").img["alt"]


def test_a_word_of_the_glossary_leads_to_the_report_that_holds_it():
    book = notebook()
    book.cells[1].outputs = [
        v4.new_output("display_data", {"text/html": '<a class="term" href="#term-placebo">placebo</a>'}),
        v4.new_output("display_data", {"text/html": '<p id="term-donor"><a class="term" href="#term-donor">x</a></p>'}),
    ]
    soup = BeautifulSoup(notebook_to_html(book, worlds.case(), "Challenge"), "html.parser")
    leads = [link["href"] for link in soup.select("a.term")]
    assert leads == ["../index.html#term-placebo", "#term-donor"]


def test_as_many_warnings_as_there_were_processes_leave_no_trace():
    quiet, loud = notebook(), notebook()
    loud.cells[1].outputs += [v4.new_output("stream", name="stderr", text="a warning\n") for _ in range(3)]
    one, other = (notebook_to_html(book, worlds.case(), "Engagement") for book in (quiet, loud))
    assert one == other
