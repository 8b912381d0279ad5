"""A real browser, headless and offline, for the pages in reports/ or in the folder that EXIT_STUDY_PAGES names."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from analysis.core import paths
from analysis.core.paths import COMPARISON

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SECONDS = 60
EXAMPLE = "unicredit"
REPORTS = Path(os.environ.get("EXIT_STUDY_PAGES", paths.PROJECT / "reports"))  # set by the tests of the real cases


def published() -> list[Path]:
    """The pages of the cases that ship, the comparison and the list of reports: what else was run may be old."""
    shipped = {path.parent.name for path in (paths.PROJECT / "data" / "raw").glob("*/case.yaml")} | {"comparison"}
    pages = sorted(path.relative_to(REPORTS) for path in REPORTS.rglob("*.html"))
    chosen = "EXIT_STUDY_PAGES" in os.environ
    return [path for path in pages if chosen or len(path.parts) == 1 or path.parts[0] in shipped]


def decisions() -> list[Path]:
    """The pages that people decide from: not the notebooks behind them."""
    return [path for path in published() if path.parent.name != "notebooks"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All that is asked of a page one after the other, so that it is laid out on paper and read once."""
    ours = [at for at, item in enumerate(items) if Path(__file__).parent in item.path.parents]
    sort = sorted((items[at] for at in ours), key=_page_of)
    for at, item in zip(ours, sort, strict=True):
        items[at] = item


def _page_of(item: pytest.Item) -> str:
    asked = getattr(item, "callspec", None)
    return str(asked.params.get("path", "")) if asked else ""


def examples(pages: list[Path]) -> list[Path]:
    """Those of one case, the comparison and the list: the pages of all cases are dressed alike."""
    chosen = "EXIT_STUDY_PAGES" in os.environ
    return [path for path in pages if chosen or len(path.parts) == 1 or path.parts[0] in (EXAMPLE, COMPARISON)]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=list(QUIET))
        yield running
        running.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens a page of reports/ from its file; keywords are those of a browser context (viewport, color_scheme ...)."""
    contexts: list[BrowserContext] = []

    def opened(path: Path, **options: object) -> Page:
        context = browser.new_context(**({"offline": True, "viewport": {"width": 1280, "height": 900}} | options))
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(SECONDS * 1000)
        page.heard = []
        page.on("request", lambda request: page.heard.append(("request", request.url[:200])))
        page.on("console", lambda message: page.heard.append((message.type, message.text[:300])))
        page.on("pageerror", lambda error: page.heard.append(("error", str(error)[:300])))
        page.goto((REPORTS / path).as_uri(), wait_until="load")
        return page

    yield opened
    for context in contexts:
        context.close()
