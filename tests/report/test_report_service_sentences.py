"""Sentences on service follow joint tests and intervals, and name what a source knows of its cases."""

import math

import pandas as pd
import pytest
import report_worlds as worlds
from bs4 import BeautifulSoup

from analysis.core import artefacts
from analysis.report.build import section_html


@pytest.fixture
def store(tmp_path):
    return worlds.unicredit(tmp_path)


def text_of(store, name: str) -> str:
    return " ".join(BeautifulSoup(section_html(store, name), "html.parser").get_text().split())


def proportional(p_value: float, *excess: tuple[float, float, float]) -> pd.DataFrame:
    rows = [
        {"channel": name, "label": name.capitalize(), "role": "owned", "proportional": 0.2, "actual": 0.2 + middle,
         "excess": middle, "excess_lower": lower, "excess_upper": upper, "distance": 1.0, "p_value": p_value}
        for name, (middle, lower, upper) in zip(("phone", "chat", "email"), excess, strict=True)
    ]  # fmt: skip
    return pd.DataFrame(rows)


MIX = pd.DataFrame(
    [{"channel": "phone", "label": "Phone", "role": "owned", "share_without": 0.5, "share_with": 0.6, "change": 0.1,
      "change_lower": 0.05, "change_upper": 0.15}]
)  # fmt: skip
BEYOND, OPEN = (0.2, 0.05, 0.35), (-0.1, -0.3, 0.1)


@pytest.mark.parametrize(
    ("p_value", "excess", "said"),
    [
        (0.01, (BEYOND, OPEN, OPEN), "Phone took up more than its size"),
        (0.01, (OPEN, (-0.2, -0.3, -0.1), OPEN), "Chat took up less than its size"),
        # One of several intervals leaves zero out, all channels together say nothing: none is named as different.
        (0.30, (BEYOND, OPEN, OPEN), "in proportion to their size is unsettled; furthest off is Phone"),
        (0.01, (OPEN, (0.15, -0.05, 0.35), OPEN), "no single one can be told apart, furthest off is Chat"),
    ],
)
def test_a_channel_is_named_only_where_all_together_differ(store, p_value, excess, said) -> None:
    store.write_table("diversion_proportional", proportional(p_value, *excess))
    store.write_table("channel_mix", MIX)
    assert said in text_of(store, "where_contacts_went")


def gain(*taken: tuple[float, float, float]) -> pd.DataFrame:
    parts = [("gained", "app", (200.0, 150.0, 250.0)), *(("taken", name, item) for name, item in zip(
        ("phone", "chat"), taken, strict=True)), ("new", "new", (100.0, 0.0, 200.0))]  # fmt: skip
    rows = [
        {"part": part, "channel": name, "label": name.capitalize(), "role": part, "contacts": item[0], "lower": item[1],
         "upper": item[2], "ratio": 0.5, "ratio_lower": 0.1, "ratio_upper": 0.9, "level": 0.95, "horizon": "all",
         "periods": 4}
        for part, name, item in parts
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_no_channel_is_said_to_have_lost_where_no_interval_says_so(store) -> None:
    store.write_table("gain", gain((80.0, -10.0, 170.0), (20.0, -40.0, 80.0)))
    text = text_of(store, "where_contacts_came_from")
    assert "App gained +200 contacts a week in the first 4 periods (+150 to +250)" in text
    assert "No channel's loss to it can be told from none; the best guess is largest for Phone" in text
    store.write_table("gain", gain((80.0, -10.0, 170.0), (40.0, 10.0, 70.0)).assign(horizon="4 weeks"))
    text = text_of(store, "where_contacts_came_from")
    assert "in the first 4 weeks (" in text
    assert "Fewer contacts than expected came through Chat, most of all through Chat: +40" in text


TIMES = pd.DataFrame(
    [{"measure": "outcome", "n_before": 900, "n_after": 600}
     | {f"{name}_{period}": 5.0 for name in ("median", "mean", "p90") for period in ("before", "after")}
     | {f"median_change{end}": value for end, value in (("", 0.1), ("_lower", 0.05), ("_upper", 0.2))}
     | {"target_before": 0.5, "target_after": 0.4}]
)  # fmt: skip
FUNNEL = pd.DataFrame([{"step": "outcome", "n_before": 900, "n_after": 600, "share_before": 0.8, "share_after": 0.7}])
GAPS = pd.DataFrame(
    [{"quantity": name, "before": before, "after": after, "change": after - before, "lower": 0.0, "upper": 0.2,
      "p_value": 0.01, "cases_before": 9000, "cases_after": 6000}
     for name, before, after in (("still_open", 0.10, 0.16), ("missing: city_part", 0.10, 0.16),
                                 ("not judged: on_time", 0.31, 0.33), ("missing: language", 0.004, 0.002))]
)  # fmt: skip
VERDICTS = pd.DataFrame(
    [{"attribute": name, "label": name, "period": period, "groups": 3, "verdict": verdict, "margin": 0.25}
     for name, period, verdict in (("language", "before", "alike"), ("followers", "before", "unsettled"),
                                   ("language", "after", "not alike"), ("followers", "after", "alike"))]
)  # fmt: skip


@pytest.mark.parametrize(
    ("format_", "heading", "said"),
    [
        ("service_cases_csv", "The closing came", "were closed, 80.0 % before"),
        ("event_log_csv", "The outcome came", "were told an outcome, 80.0 % before"),
    ],
)
def test_a_closing_is_not_called_a_message(store, format_, heading, said) -> None:
    case = store.case | {"care": {"source": "log", "horizon_hours": 72.0, "target_minutes": 60.0}}
    case["sources"] = [{"id": "log", "format": format_, "files": ["log.csv"], "label": "Log"}]
    artefacts.write_json(store.layout.case, case)
    for name, table in (("response_times", TIMES), ("funnel", FUNNEL), ("contact_units", GAPS),
                        ("equal_verdicts", VERDICTS)):  # fmt: skip
        store.write_table(name, table)
    text = text_of(store, "how_served")
    assert heading in text
    assert said in text
    assert "16.0 % of these cases are still open, 10.0 % of those from before" in text
    assert "Of the cases 16.0 % have no city part, 10.0 % before" in text
    assert "Of the cases 33.0 % do not count for on time, 31.0 % before: without a due date" in text
    assert "have no language" not in text
    assert "answers to groups were: alike within 25 % by language; unsettled by followers" in text
    assert "Answers to groups: alike within 25 % by followers; not alike by language" in text


TOTAL = pd.DataFrame(
    [{"desks": 2, "agents_today": 107, "agents_without": 105.1, "agents_without_lower": 99, "agents_without_upper": 111,
      "agents_with": 112.0, "agents_change": 6.9, "agents_change_lower": 1, "agents_change_upper": 13,
      "breach_probability": 0.845, "breach_probability_without": 0.004, "level": 0.95}]
)  # fmt: skip


def test_a_missed_target_is_a_chance_and_agents_have_one_base(store) -> None:
    artefacts.write_json(store.layout.case, store.case | {"staffing": {"hire_weeks": 10, "desks": []}})
    store.write_table("staffing_total", TOTAL)
    needed = text_of(store, "who_is_needed")
    assert "without the exit (105; 99 to 111), the chance that a desk misses its target in a week is" in needed
    assert "(< 1 % without the exit), what is not known included" in needed
    tiles = text_of(store, "tiles")
    assert "against the 105 needed without the exit" in tiles
    for text in (needed, tiles):
        assert "107" not in text


def test_what_was_lost_is_said_with_its_range_where_a_tile_does_not(store) -> None:
    store.write_table("staffing_total", TOTAL)
    assert "Contacts lost" not in text_of(store, "tiles")
    lost = store.table("diversion").set_index("part").loc["lost"]
    shares = [f"{100 * lost[name]:.1f} %".replace("-", "−") for name in ("ratio", "ratio_lower", "ratio_upper")]
    said = f"{shares[0]} were seen nowhere ({shares[1]} to {shares[2]})."
    assert said in text_of(store, "where_contacts_went")


def equal_rows(*ratios: tuple[str, float]) -> pd.DataFrame:
    return pd.DataFrame(
        [{"attribute": "channel", "label": "channel", "period": "after", "group": name, "reference": "Phone",
          "n": 900, "ratio": ratio, "lower": ratio * 0.9, "upper": ratio * 1.1, "margin": 0.25, "verdict": "not alike"}
         for name, ratio in ratios]
    )  # fmt: skip


def test_a_tenth_of_the_time_is_further_from_alike_than_four_times_it(store) -> None:
    care = {"source": "log", "horizon_hours": 72.0, "target_minutes": 60.0}
    artefacts.write_json(store.layout.case, store.case | {"care": care})
    ratios = equal_rows(("E-mail", 4.6), ("Chat", 0.082), ("Letter", math.nan))
    for name, table in (("response_times", TIMES), ("funnel", FUNNEL), ("equal_verdicts", VERDICTS),
                        ("equal_treatment", ratios)):  # fmt: skip
        store.write_table(name, table)
    figure = BeautifulSoup(section_html(store, "how_served"), "html.parser").select_one("#figure-equal-treatment")
    assert "Chat, 0.082 times the reference" in figure.img["alt"]
    assert figure.h3.get_text() == "Furthest from alike: Chat waited 0.082 times as long as the largest group"


def tones(after: float) -> pd.DataFrame:
    return pd.DataFrame(
        [{"period": period, "first": first, "last": last, "n": 900, "observed": share, "observed_lower": 0.1,
          "observed_upper": 0.9, "corrected": math.nan, "lower": math.nan, "upper": math.nan}
         for period, worst in (("before", 0.4), ("after", after))
         for first, row in (("angry", (0.5, worst)), ("content", (0.2, 0.8)))
         for last, share in zip(("angry", "content"), row, strict=True)]
    )  # fmt: skip


@pytest.mark.parametrize(
    ("after", "said"),
    [(0.344, "Of those who began angry, 34.4 % ended content, 40.0 % before"),
     (math.nan, "Of those who began angry, too few can be shown to say how many ended content")],
)  # fmt: skip
def test_the_picture_of_tones_says_its_finding_and_its_colours(store, after, said) -> None:
    care = {"source": "log", "horizon_hours": 72.0, "target_minutes": 60.0}
    artefacts.write_json(store.layout.case, store.case | {"care": care})
    for name, table in (("response_times", TIMES), ("funnel", FUNNEL), ("tone_transitions", tones(after))):
        store.write_table(name, table)
    figure = BeautifulSoup(section_html(store, "how_served"), "html.parser").select_one("#figure-tone-matrix")
    assert figure.h3.get_text().replace("\u00a0", " ") == said
    for colour in ("Green", "red", "grey"):
        assert colour in figure.select_one(".subtitle").get_text()
