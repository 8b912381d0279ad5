"""Every published page in a real browser: offline, silent, accessible, readable small, large, dark and in grey."""

import io

import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import REPORTS, decisions, examples, published
from links import dead_links
from PIL import Image

from analysis.core.paths import COMPARISON

pytestmark = pytest.mark.skipif(not published(), reason="no report in reports/: make report")

WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}
LARGEST_PAGE = 3_000_000  # bytes
PHONE = {"viewport": {"width": 320, "height": 640}}
DESK = {"width": 1280, "height": 900}


def each(paths: list):
    return pytest.mark.parametrize("path", paths, ids=str)


def too_wide(page) -> list[str]:
    """What reaches beyond the window although nothing around it scrolls."""
    return page.evaluate(
        """() => {
            const scrolls = el => { for (let up = el.parentElement; up && up !== document.body; up = up.parentElement)
                if (['auto', 'scroll', 'hidden'].includes(getComputedStyle(up).overflowX)) return true; return false };
            return [...document.querySelectorAll('body *')].filter(el => {
                const box = el.getBoundingClientRect();
                return box.width > 0 && box.right > document.documentElement.clientWidth + 1 && box.left >= 0
                    && !scrolls(el) }).slice(0, 5).map(el => el.outerHTML.slice(0, 120)) }"""
    )


def scrolls_sideways(page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")


@each(published())
def test_opens_from_a_file_offline_and_says_nothing_to_the_console(path, open_page):
    page = open_page(path)
    requests = [what for kind, what in page.heard if kind == "request"]
    assert requests[0].startswith("file:")
    assert [what for what in requests[1:] if not what.startswith("data:")] == []
    assert [heard for heard in page.heard if heard[0] != "request"] == []
    broken = "[...document.images].filter(image => image.complete && !image.naturalWidth).map(image => image.alt)"
    assert page.evaluate(broken) == []


def violations(page) -> list[tuple]:
    page.evaluate("document.querySelectorAll('details').forEach(item => item.open = true)")
    found = Axe().run(page, options=WCAG).response["violations"]
    return [(item["id"], [node["html"][:160] for node in item["nodes"]][:3]) for item in found]


@each(list(dict.fromkeys([*decisions(), *examples(published())])))
def test_nothing_that_axe_calls_a_violation(path, open_page):
    assert violations(open_page(path, bypass_csp=True)) == []


@each(examples(decisions()))
def test_nothing_that_axe_calls_a_violation_in_the_dark(path, open_page):
    assert violations(open_page(path, color_scheme="dark", bypass_csp=True)) == []


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@each(published())
def test_nothing_that_axe_calls_a_violation_in_any_case(path, scheme, open_page):
    assert violations(open_page(path, color_scheme=scheme, bypass_csp=True)) == []


@each(published())
def test_readable_on_320_pixels_and_with_letters_of_twice_the_size_with_everything_unfolded(path, open_page):
    page = open_page(path, **PHONE)
    page.evaluate("document.querySelectorAll('details').forEach(item => item.open = true)")
    assert too_wide(page) == []
    assert not scrolls_sideways(page)
    page.set_viewport_size(DESK)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert too_wide(page) == []
    assert not scrolls_sideways(page)


@each(decisions())
def test_everything_is_reached_by_keyboard_and_shows_that_it_is(path, open_page):
    page = open_page(path)
    wanted = page.evaluate(
        """() => { const stops = [...document.querySelectorAll('a[href], summary, [tabindex="0"]')].filter(el =>
            el.checkVisibility({contentVisibilityAuto: true})); stops.forEach((el, at) => el.dataset.stop = at);
            return stops.length }"""
    )
    reached = []
    for _ in range(wanted):
        page.keyboard.press("Tab")
        stop, seen = page.evaluate(
            """() => { const el = document.activeElement, seen = getComputedStyle(el);
                return [Number(el.dataset.stop), seen.outlineStyle !== 'none' && parseFloat(seen.outlineWidth) > 0] }"""
        )
        assert seen, f"stop {stop} does not show that it has the keyboard"
        reached.append(stop)
    assert reached == list(range(wanted))
    folded = page.locator("details:not(details details) > summary")
    if folded.count():
        folded.first.focus()
        page.keyboard.press("Enter")
        assert page.evaluate("document.querySelector('details').open")


@each(decisions())
def test_figures_tell_their_parts_apart_without_colour(path, open_page):
    """What the page is in grey: every picture still has a dark, a middle and a light part."""
    page = open_page(path)
    for image in page.locator("figure picture img").filter(visible=True).all()[:4]:
        image.scroll_into_view_if_needed()
        grey = Image.open(io.BytesIO(image.screenshot())).convert("L")
        shares = grey.histogram()
        ink, middle = sum(shares[:90]) / sum(shares), sum(shares[90:235]) / sum(shares)
        assert ink > 0.001
        assert middle > 0.001


@each([path for path in decisions() if path.parent.name not in ("", COMPARISON) and path.name.startswith("index")])
def test_the_first_screen_says_what_the_data_are_what_happened_how_sure_and_what_to_do(path, open_page):
    page = open_page(path)
    evidence = '.headline a[href="#term-evidence-grade"]'
    for selector in (".banner", "h1", "#headline .finding", evidence, ".answer"):
        box = page.locator(selector).first.bounding_box()
        assert box, f"{selector} is not on the page"
        assert box["y"] + box["height"] <= 900, f"{selector} ends {box['y'] + box['height']:.0f} px down"


@each(published())
def test_no_link_leads_nowhere(path):
    assert dead_links(REPORTS / path) == []


@each(published())
def test_small_enough_to_be_mailed(path):
    assert (REPORTS / path).stat().st_size < LARGEST_PAGE
