"""A real page at a date when nothing happened, and a page that vanished."""

import json

import pandas as pd
import pytest

pytestmark = [pytest.mark.study, pytest.mark.slow]  # three quarters of a minute; Boston and Milan run every time


@pytest.fixture(scope="module")
def root(run_real):
    return run_real("facebook-pages")


def test_one_page_against_the_176_other_complete_pages(root) -> None:
    record = json.loads((root / "data/processed/facebook-pages/estimates/engagement_page.json").read_text())
    donors = pd.read_csv(root / "data/processed/facebook-pages/tables/donors.csv")
    mine = donors[donors["outcome"] == "engagement_page"]
    assert int(mine["kept"].sum()) == 176
    # A rank among 177 pages.
    assert abs(record["p_value"] * 177 - round(record["p_value"] * 177)) < 1e-3
    assert 1 / 177 <= record["p_value"] <= 1


def test_the_vanished_page_is_refused_with_what_to_estimate_instead(root) -> None:
    record = json.loads((root / "data/processed/facebook-pages/estimates/engagement_vanished_page.json").read_text())
    assert "structurally absent" in record["refused"]["what"]
    assert "total over all channels" in record["refused"]["cure"]
    page = (root / "reports/facebook-pages/index.html").read_text("utf-8")
    assert "structurally absent" in page
    assert "total over all channels" in page


def test_an_attack_on_what_is_published_finds_nobody(root, attack) -> None:
    assert attack(root, "facebook-pages") == []


def test_its_pages_hold_in_a_browser(root, in_a_browser) -> None:
    assert in_a_browser(root) == ""
