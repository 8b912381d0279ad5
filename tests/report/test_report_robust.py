"""The pictures behind the checks: drawn for the first main outcome of each question, from what the checks wrote."""

import re

import numpy as np
import pandas as pd
import pytest
import report_worlds as worlds
from bs4 import BeautifulSoup

from analysis.report import robust
from analysis.report._english_robust import ROBUST as ENGLISH
from analysis.report._italian_robust import ROBUST as ITALIAN
from analysis.report.build import section_html
from analysis.report.results import build_results

LOG = float(np.log(0.388))
TABLES = {
    "leave_one_donor_out": [
        {"left_out": f"Peer bank {number:02d}", "effect": LOG + move, "weight": 0.1}
        for number, move in ((1, 0.0), (2, 0.1), (3, -0.02))
    ],
    "specification_curve": [
        {"specification": "as declared", "declared": True, "agrees": True, "effect": LOG, "lower": -1.2, "upper": -0.7},
        {"specification": "Another", "declared": False, "agrees": False, "effect": 0.1, "lower": None, "upper": None},
    ],
    "minimum_detectable_effect": [
        {"periods": 4, "share": 0.2, "detectable": 0.2, "basis": "standard error"},
        {"periods": 38, "share": 0.1, "detectable": 0.1, "basis": "standard error"},
    ],
    "sensitivity_to_trends": [
        {"bound": 0.0, "lower": -1.0, "upper": -0.5}, {"bound": 1.0, "lower": -1.4, "upper": 0.1},
    ],
    "null_calibration": [
        {"kind": "simulated", "nulls": 199, "rejected": 8, "share": 0.04, "monte_carlo_error": 0.015},
    ],
}  # fmt: skip


@pytest.fixture
def store(tmp_path):
    made = worlds.unicredit(tmp_path)
    records = [
        worlds.check(name, "PASS", "made up") | {"table": rows, "threshold": 0.05} for name, rows in TABLES.items()
    ]
    worlds.artefacts.write_json(made.layout.checks / "engagement_total.json", records)
    worlds.artefacts.write_json(made.layout.checks / "contacts_total.json", [])
    return made


def test_effects_of_a_model_in_logarithms_are_shares(store):
    tables = robust.tables_of(store, "engagement_total")
    assert set(tables) == {"leave", "curve", "detect", "trends", "nulls"}
    leave = tables["leave"]
    assert leave["effect"].tolist()[:-1] == sorted(leave["effect"].tolist()[:-1])
    assert leave.loc[robust.furthest(leave), "unit"] == "Peer bank 02"
    assert leave["effect"].iloc[-1] == pytest.approx(-0.612)
    assert tables["trends"]["holds"].tolist() == [False, True]
    assert tables["nulls"].loc[0, ["lower", "upper"]].tolist() == pytest.approx([0.01, 0.07])


def test_periods_that_do_not_add_up_to_the_printed_sum_are_not_drawn(store):
    name, case = "engagement_total", store.case
    record, path = store.effect(name), store.path(name)
    post = path["period"] == "post"
    total = float((path["observed"] - path["expected"])[post].sum())
    ends = {"lower": total - 1, "upper": total + 1, "level": 0.95}
    file = store.layout.estimates / f"{name}.json"
    worlds.artefacts.write_json(file, record | {"cumulative": total, "cumulative_interval": ends})
    table = robust.gaps(store, case, name)
    assert table["running"].iloc[-1] == pytest.approx(total, rel=1e-5)
    assert table["running"].notna().sum() == post.sum()
    assert robust.by_month(table)["running"].iloc[-1] == table["running"].iloc[-1]
    worlds.artefacts.write_json(file, record | {"cumulative": total * 2, "cumulative_interval": None})
    assert robust.gaps(store, case, name) is None


def test_the_pictures_are_folded_each_with_insight_reading_alt_and_numbers(store):
    page = BeautifulSoup(section_html(store, "how_sure"), "html.parser")
    fold = next(item for item in page.find_all("details") if item.summary.get_text() == ENGLISH["robust.fold"])
    figures = {item["id"]: item for item in fold.find_all("figure")}
    names = ("specifications", "leave-one-out", "sensitivity", "nulls", "detectable")
    assert {f"figure-{name}-engagement-total" for name in names} <= set(figures)
    results = build_results(store, {})
    for figure in figures.values():
        assert figure.h3.get_text()
        assert figure.select_one(".subtitle").get_text()
        assert re.search(r"\d", figure.img["alt"])
        assert figure.select("details table tbody tr")
        assert all(span["data-key"] in results for span in figure.select("[data-key]"))
    text = figures["figure-leave-one-out-engagement-total"].h3.get_text().replace("\u00a0", " ")
    assert "without Peer bank 02 it would be −57.1 % instead of −61.2 %" in text
    assert "8 of 199 simulated series" in figures["figure-nulls-engagement-total"].h3.get_text()
    assert "1.0 times" not in page.get_text()


def test_an_outcome_without_checks_has_no_pictures(store):
    assert robust.drawn_outcomes(build_results(store, {}), store) == ["engagement_total"]
    assert pd.DataFrame(robust.tables_of(store, "contacts_total")).empty


def test_the_italian_sentences_have_the_keys_and_the_blanks_of_the_english_ones():
    assert {key: set(re.findall(r"\{(\w+)(?::\w+)?\}", text)) for key, text in ITALIAN.items()} == {
        key: set(re.findall(r"\{(\w+)(?::\w+)?\}", text)) for key, text in ENGLISH.items()
    }
