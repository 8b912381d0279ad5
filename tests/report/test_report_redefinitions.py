"""A change of what is counted is told where it lies in periods compared, and listed where it lies in the data alone."""

import json
import re

import pandas as pd
import pytest
import report_worlds as worlds
from bs4 import BeautifulSoup

from analysis.core.redefinitions import COLUMNS
from analysis.report.build import build_report

INSIDE = dict(zip(COLUMNS, ("facebook_viewable_2018", "facebook", "Facebook page", "engagements", "engagements",
                            "2018-02-12", "2018-02-12", "only what came on a screen counts", "On screen only",
                            "press", "engagement_total"), strict=True))  # fmt: skip
IN_STEPS = INSIDE | {"id": "steps", "last": "2018-06-01", "label": "Views", "what": "views replace impressions"}
KPI_ROW = {
    "metric": "engagements", "source": "test", "channels": "facebook", "kpi": "engagements", "label": "Engagements",
    "kind": "flow", "unit": "engagements", "clock": "calendar day on which it happened", "denominator": "",
    "counts": "What people did with content", "defined_by": "test",
}  # fmt: skip


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The page and the files of a study with these rows of redefinitions; each is built once."""
    done = {}

    def build(*rows: dict[str, str]):
        key = str(rows)
        if key not in done:
            store = worlds.engagement_only(tmp_path_factory.mktemp("redefined"))
            store.write_table("redefinitions", pd.DataFrame(rows, columns=list(COLUMNS)))
            more = KPI_ROW | {"metric": "unused", "counts": "Not shown"}
            store.write_table("vocabulary", pd.DataFrame([KPI_ROW, more]))
            done[key] = build_report(store, worlds.PROVENANCE)
        return BeautifulSoup(done[key]["index.html"].decode(), "html.parser"), done[key]

    return build


def said(page, section: str) -> str:
    return " ".join(page.find(id=section).get_text(" ").split())


def in_sight(page) -> int:
    for later in ("methods", "data", "provenance", "truth"):
        if page.find(id=later):
            page.find(id=later).extract()
    for folded in page.select("details"):
        folded.extract()
    return len(page.body.get_text(" ").split())


def test_inside_the_periods_compared_it_is_said_and_drawn(built) -> None:
    page, files = built(INSIDE, IN_STEPS)
    text = said(page, "what-else").replace("\N{NO-BREAK SPACE}", " ")
    assert re.search(r"Facebook page ?: from 12 February 2018 on, only what came on a screen counts ?\. A step", text)
    assert re.search(r"page ?: between 12 February 2018 and 1 June 2018 ?, views replace impressions ?\. A step", text)
    assert text.count("new definition") == 2  # in the table under the time line
    _, bare = built()
    for drawn in ("observed_engagement_total", "stage_timeline"):
        assert files[f"figures/{drawn}.svg"] != bare[f"figures/{drawn}.svg"]
    assert json.loads(files["results.json"])["tables.redefinitions.0.id"] == INSIDE["id"]


def test_elsewhere_in_the_data_it_is_listed_and_costs_no_word_in_sight(built) -> None:
    page, files = built(INSIDE | {"outcomes": ""})
    assert "only what came on a screen counts" in said(page, "data")
    assert "only what came on a screen counts" not in said(page, "what-else")
    bare, others = built()
    assert "changed what it counts" not in said(bare, "data")
    assert in_sight(page) == in_sight(bare)
    assert files["figures/observed_engagement_total.svg"] == others["figures/observed_engagement_total.svg"]


def test_the_kpis_of_the_metrics_that_are_used(built) -> None:
    page, _ = built()
    text = said(page, "methods")
    assert "What people did with content" in text
    assert "Not shown" not in text
