"""Every reader says which KPI each header is that it knows, and every usual metric of a platform is one."""

import pytest
from valid_exports import OTHER_KINDS, SOUND

from analysis import sources
from analysis.core.kpis import KPIS
from analysis.core.vocabulary import POSTING
from analysis.pipeline.detect import _case_of, examine, report_of
from analysis.sources import meanings_of
from analysis.sources._insights_columns import Column
from analysis.sources._kpis import meanings

READERS = sources.available()
DEFAULTS = ("CORE_METRICS", "METRICS", "USUAL", "SUMS", "PROPOSED", "PRICES")


@pytest.mark.parametrize("name", sorted(READERS))
def test_every_reader_declares_its_headers(name: str) -> None:
    assert set(READERS[name].KPIS.values()) <= set(KPIS)


@pytest.mark.parametrize("name", sorted(READERS))
def test_every_usual_metric_is_a_kpi(name: str) -> None:
    module = READERS[name]
    usual = next((getattr(module, key) for key in DEFAULTS if hasattr(module, key)), {})
    options = type("Options", (), {"metrics": usual if isinstance(usual, dict) else {}})
    found = meanings(module, options, usual, {})
    assert {metric for metric, meaning in found.items() if meaning.kpi not in KPIS} == set()


@pytest.mark.parametrize("sound", SOUND, ids=lambda sound: sound.format)
def test_what_a_sound_export_measures_is_in_the_vocabulary(tmp_path, sound) -> None:
    path = tmp_path / "export"
    path.write_bytes(sound.data)
    found = examine(path)
    case = _case_of((path,), found.source)
    told = meanings_of(found.reading, case.sources[0], case)
    assert set(told) == set(found.reading.measurements["metric"])
    assert {name for name, meaning in told.items() if not meaning.kpi} == set()
    assert "no known KPI" not in report_of(found)


def told(reader: str, column: object, metric: str = "mine"):
    options = type("Options", (), {"metrics": {metric: column}})
    return meanings(READERS[reader], options, [metric], {})[metric]


@pytest.mark.parametrize(
    ("column", "kpi"),
    [
        ("Daily Total Reach", "reach"),
        ("page_impressions_unique:day", "reach"),
        ("daily total reach", "reach"),
        ("Weekly Total Reach", "stock"),  # a window that slides over the days
        ("28 Days Page Engaged Users", "stock"),
        ("Daily Reach of page posts", "unique"),
        (Column(header="Daily Video Likes", description_contains="(Unique Users)"), "unique"),
        ("Lifetime Total Likes", "followers"),
    ],
)
def test_a_header_says_what_it_is_under_any_name(column: object, kpi: str) -> None:
    assert told("facebook_insights_page", column).kpi == kpi


def test_a_name_that_means_something_else_is_noticed() -> None:
    clicks = told("facebook_insights_page", "Daily Page consumptions", "engagements")
    assert (clicks.kpi, clicks.renamed) == ("clicks", True)
    assert not told("twitter_analytics_daily", "engagements", "engagements").renamed


def test_a_post_s_figures_stand_under_its_day_of_posting() -> None:
    assert told("twitter_analytics_tweets", "impressions").clock == POSTING
    assert told("twitter_analytics_daily", "impressions").clock != POSTING


def test_a_view_of_a_film_is_not_a_view_of_a_post() -> None:
    assert told("youtube_studio", "Views").kpi == "video_views"
    assert told("meta_business_suite_content", "Views").kpi == "views"


def test_other_layouts_are_covered_but_for_the_names_of_the_case() -> None:
    assert {sound.format for sound in OTHER_KINDS} <= set(READERS)


def test_detect_names_the_kpi_where_it_has_another_name_or_does_not_add_up(tmp_path) -> None:
    sound = next(item for item in SOUND if item.format == "facebook_insights_page")
    path = tmp_path / sound.name
    path.write_bytes(sound.data)
    said = report_of(examine(path))
    assert "followers (stock)" in said
    assert "engaged_users (unique)" in said
    table = tmp_path / "own.csv"
    table.write_text("date,smiles,likes\n2019-05-01,3,4\n2019-05-02,3,5\n2019-05-03,3,5\n", "utf-8")
    assert "likes, smiles (no known KPI)" in report_of(examine(table))
