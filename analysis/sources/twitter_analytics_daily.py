"""Twitter Analytics, activity by day: one row a day, 38 columns, unchanged from December 2016 to December 2021."""

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

NAME = "twitter_analytics_daily"
LABEL = "Twitter Analytics, activity by day (CSV)"
REFERENCE = "Layout of daily_tweet_activity_metrics exports, Twitter Analytics, 2016 to 2021"

CORE_METRICS = {
    "posts": "Tweets published",
    "impressions": "impressions",
    "engagements": "engagements",
    "retweets": "retweets",
    "replies": "replies",
    "likes": "likes",
    "profile_clicks": "user profile clicks",
    "url_clicks": "url clicks",
    "hashtag_clicks": "hashtag clicks",
    "detail_expands": "detail expands",
    "permalink_clicks": "permalink clicks",
    "new_followers": "follows",
    "media_views": "media views",
    "media_engagements": "media engagements",
    "paid_impressions": "promoted impressions",
    "paid_engagements": "promoted engagements",
}
KPIS = {header: name for name, header in CORE_METRICS.items()}
PERSONAL = ()  # figures that are added up already


class Options(Strict):
    metrics: Annotated[dict[Identifier, Heading], Field(min_length=1)] = CORE_METRICS
    encoding: Encoding = "utf-8"
    date_format: DayFormat = "%Y-%m-%d"
    decimal: DecimalMark | None = None


def recognise(sample: Sample) -> Recognition | None:
    return recognise_layout(sample, NAME, "Date", Options.model_fields["date_format"].default)


def read(files: tuple[Path, ...], source: Source, case: Case, options: Options) -> Reading:
    """Join the export windows; one measurement a day and metric.

    "-" (a promoted column in a period without promotion) is absent, not zero, and left out with a note. Raises
    SourceError for a file that is cut or of another layout, a missing or doubled column, and windows that disagree.
    """
    unit, channel = unit_of(source, case), channel_of(source)
    whole = whole_of(options.metrics, KPIS, case.kpis)
    windows, notes = [], []

    def one(path: Path) -> tuple[pd.DataFrame, list[Note]]:
        sheet = read_export(path, options.encoding, NAME)
        headers = with_header(sheet, options.metrics, words_of(NAME))
        return daily_window(sheet, unit, channel, headers, options.date_format, options.decimal, whole)

    for window, found in together(partial(one, path) for path in files):
        windows.append(window)
        notes += found
    joined, more = join_windows(windows, source.period)
    return Reading(joined, zone_of(source, case), notes=(*notes, *more))
