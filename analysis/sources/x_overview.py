"""X, account overview: one row a day, newest first, days without a row missing and told (since 2024)."""

from functools import partial
from pathlib import Path
from typing import Annotated

import pandas as pd
from pydantic import Field

from analysis.core.case import Case, Identifier, Source, Strict
from analysis.sources._kpis import whole_of
from analysis.sources._options import DayFormat, DecimalMark, Encoding, Heading
from analysis.sources._reading import Note, Reading, channel_of, together, unit_of, zone_of
from analysis.sources._recognising import Recognition, Sample
from analysis.sources._tweets import daily_window, read_export, recognise_layout, with_header
from analysis.sources._windows import join_windows
from analysis.sources._x_columns import words_of
from analysis.sources.x_content import SPELLINGS

NAME = "x_overview"
LABEL = "X, account overview by day (CSV)"
REFERENCE = "Layout of account_overview_analytics exports of X, 2024 on"

METRICS = {
    "posts": "Create Post",
    "impressions": "Impressions",
    "engagements": "Engagements",
    "likes": "Likes",
    "replies": "Replies",
    "retweets": "Reposts",
    "shares": "Shares",
    "bookmarks": "Bookmarks",
    "new_followers": "New follows",
    "lost_followers": "Unfollows",
    "profile_clicks": "Profile visits",
    "video_views": "Video views",
    "media_views": "Media views",
}
KPIS = {header: name for name, header in METRICS.items()}
PERSONAL = ()  # figures that are added up already


class Options(Strict):
    metrics: Annotated[dict[Identifier, Heading], Field(min_length=1)] = METRICS
    encoding: Encoding = "utf-8"
    date_format: DayFormat = "%a, %b %d, %Y"
    decimal: DecimalMark | None = None


def recognise(sample: Sample) -> Recognition | None:
    return recognise_layout(sample, NAME, "Date", Options.model_fields["date_format"].default)


def read(files: tuple[Path, ...], source: Source, case: Case, options: Options) -> Reading:
    """Join the export windows; one measurement a day and metric, absent days told and not filled.

    Raises SourceError for a file that is cut or of another layout, a missing or doubled column, a cell that is no
    count, and windows that disagree.
    """
    unit, channel = unit_of(source, case), channel_of(source)
    whole = whole_of(options.metrics, KPIS, case.kpis)

    def one(path: Path) -> tuple[pd.DataFrame, list[Note]]:
        sheet = read_export(path, options.encoding, NAME)
        headers = with_header(sheet, options.metrics, words_of(NAME) | SPELLINGS)
        return daily_window(sheet, unit, channel, headers, options.date_format, options.decimal, whole)

    windows, notes = [], []
    for window, found in together(partial(one, path) for path in files):
        windows.append(window)
        notes += found
    joined, more = join_windows(windows, source.period)
    return Reading(joined, zone_of(source, case), notes=(*notes, *more))
