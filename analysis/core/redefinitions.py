"""Days on which a platform changed what a metric counts: a step there is not behaviour."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Literal

import pandas as pd

from analysis.core.case import Case, Outcome, channel_label
from analysis.core.kpis import kpi_of
from analysis.core.windows import Windows

NEAR = timedelta(days=28)  # a change this close to the event leaves nearly all of one side on each definition


@dataclass(frozen=True, slots=True)
class Redefinition:
    """``kpis`` of ``platform`` are counted differently from ``first`` on; to ``last`` where the day is not known, or
    where the change came in steps. ``label`` is short enough for a figure."""

    id: str
    platform: str
    kpis: tuple[str, ...]
    first: date
    last: date
    label: str
    what: str
    source: str


SEEN = ("impressions", "paid_impressions", "impressions_organic", "views", "engagement_rate_reach")
KNOWN = (
    Redefinition(
        "facebook_reactions_2016", "facebook", ("likes", "reactions", "engagements"),
        date(2016, 2, 24), date(2016, 2, 24), "Reactions beside likes",
        "reactions other than likes exist, and count among reactions and engagements",
        "Facebook, announcement of Reactions, 24 February 2016",
    ),
    Redefinition(
        "facebook_viewable_2018", "facebook", ("reach", "impressions", "impressions_organic", "engagement_rate_reach"),
        date(2018, 2, 12), date(2018, 2, 12), "Only what came on screen counts",
        "unpaid reach and impressions count only what came on a screen, no longer what was put into a feed",
        "Facebook for Business, Page Insights update of February 2018",
    ),
    *(
        Redefinition(
            f"{platform}_views_2025", platform, SEEN, date(2025, 1, 1), date(2025, 11, 15),
            "Views in place of impressions",
            "views take the place of impressions, first in exports, at last in the interface for programs",
            "Columns of Meta's content exports of 2025; Meta for Developers, Page Insights API Updates, 15 August 2025",
        )
        for platform in ("facebook", "instagram")
    ),
    Redefinition(
        "youtube_shorts_2025", "youtube", ("video_views",), date(2025, 3, 31), date(2025, 3, 31),
        "Shorts count at once",
        "a view of a Short counts as soon as it begins to play, no longer after some seconds",
        "YouTube Help, A Change to How We Count Views on Shorts, 26 March 2025",
    ),
    Redefinition(
        "wikimedia_bots_2020", "wikipedia", ("page_views",), date(2020, 5, 1), date(2020, 5, 1), "Robots taken out",
        "views of unannounced robots are no longer counted as users'",
        "Wikitech, Traffic/BotDetection",
    ),
    *(
        Redefinition(
            f"google_trends_{year}", "google_trends", ("search_interest",), date(year, 1, 1), date(year, 1, 1),
            "Collected in another way", "Google Trends collects its data in another way",
            "Google Trends, note on its charts",
        )
        for year in (2016, 2022)
    ),
)  # fmt: skip
# The formats that are about one platform whatever a case calls the channel; else the channel's name says it.
FORMATS: Mapping[str, str] = MappingProxyType(
    {
        "facebook_insights_page": "facebook",
        "facebook_insights_posts": "facebook",
        "facebook_insights_videos": "facebook",
        "youtube_studio": "youtube",
        "wikimedia_pageviews": "wikipedia",
        "google_trends": "google_trends",
    }
)
COLUMNS = ("id", "channel", "channel_label", "metric", "kpi", "first", "last", "what", "label", "source", "outcomes")


def known_on(channel: str, format_name: str, kpi: str) -> tuple[Redefinition, ...]:
    """The redefinitions of a KPI on a channel, oldest first. A channel "facebook_shops" is on Facebook too."""
    platforms = {FORMATS[format_name]} if format_name in FORMATS else {*re.split("_", channel), channel}
    found = [item for item in KNOWN if item.platform in platforms and kpi in item.kpis]
    return tuple(sorted(found, key=lambda item: item.first))


def inside(item: Redefinition, first: date, last: date) -> bool:
    """Whether days from ``first`` to ``last`` hold both definitions: a change on the very first day leaves one."""
    return first < item.last and item.first <= last


def place_of(item: Redefinition, windows: Windows, times: pd.Index) -> Literal["before", "at the event", "after"]:
    """Where a change inside the windows lies: at the event is in the time left out, or within NEAR of its ends."""
    length = (times[1:] - times[:-1]).min() if len(times) > 1 else pd.Timedelta(days=1)
    before_ends = (windows.pre_last + length).date()  # the first day that is not before
    if item.last < before_ends - NEAR:
        return "before"
    return "after" if item.first > windows.event.date() + NEAR else "at the event"


def redefined(measurements: pd.DataFrame, formats: Mapping[str, str]) -> list[tuple[Redefinition, str, str, str]]:
    """(redefinition, channel, metric, kpi) of every change that lies inside the series it touches.

    ``measurements`` with columns date, channel, metric, source, and kpi where it is known; ``formats``: each source's
    format.
    """
    frame = measurements if "kpi" in measurements else measurements.assign(kpi=measurements["metric"].map(kpi_of))
    found = {}
    for (channel, metric, kpi, source), rows in frame.groupby(["channel", "metric", "kpi", "source"], observed=True):
        weekly = "period" in rows and rows["period"].eq("week").any()  # a week's label is its first day
        first, last = rows["date"].min().date(), rows["date"].max().date() + timedelta(days=6 * bool(weekly))
        for item in known_on(str(channel), formats.get(str(source), ""), str(kpi)):
            if inside(item, first, last):
                found[item.id, channel, metric, kpi] = (item, str(channel), str(metric), str(kpi))
    return [found[key] for key in sorted(found)]


def formats_of(case: Case) -> dict[str, str]:
    return {source.id: source.format for source in case.sources}


def of_outcome(case: Case, outcome: Outcome, measurements: pd.DataFrame) -> tuple[Redefinition, ...]:
    """The redefinitions inside the windows of an outcome and inside its series or its controls', oldest first.

    A series of returns has none: a return is not counted.
    """
    if outcome.scale == "log_return":
        return ()
    windows = case.windows_of(outcome)
    own = (measurements["unit"] == (outcome.treated or case.brand)) & (measurements["metric"] == outcome.metric)
    if outcome.channels:
        own &= measurements["channel"].isin(outcome.channels)
    controls = (measurements["unit"] == case.brand) & measurements["metric"].isin(outcome.covariates)
    found = {item.id: item for item, *_ in redefined(measurements[own | controls], formats_of(case))}
    kept = [item for item in found.values() if inside(item, windows.first, windows.last)]
    return tuple(sorted(kept, key=lambda item: (item.first, item.id)))


def table_of(case: Case, measurements: pd.DataFrame) -> pd.DataFrame:
    """One row a redefinition, channel and metric inside the data of the case, columns COLUMNS; ``outcomes``: the ids
    of those in whose windows it lies."""
    touched = {outcome.id: {item.id for item in of_outcome(case, outcome, measurements)} for outcome in case.outcomes}
    metrics = {outcome.id: {outcome.metric, *outcome.covariates} for outcome in case.outcomes}
    rows = [
        (item.id, channel, channel_label(case, channel), metric, kpi, item.first, item.last, item.what, item.label,
         item.source, " ".join(_holding(item, metric, touched, metrics)))
        for item, channel, metric, kpi in redefined(measurements, formats_of(case))
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _holding(
    item: Redefinition, metric: str, touched: Mapping[str, set[str]], metrics: Mapping[str, set[str]]
) -> Iterable[str]:
    return (name for name, ids in touched.items() if item.id in ids and metric in metrics[name])


def changes_of(platform: str) -> dict[str, str]:
    """Day and change of a platform, for a reader's own notes."""
    return {f"{item.first}": f"{item.what} ({item.source})" for item in KNOWN if item.platform == platform}
