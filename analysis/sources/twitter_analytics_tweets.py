"""Twitter Analytics, activity by tweet: one row a tweet, 40 columns, added up by posting day (2016 to 2021)."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from analysis.core.case import Case, Identifier, Source, Strict
from analysis.sources._kpis import whole_of
from analysis.sources._options import DecimalMark, Encoding, Heading, MomentFormat
from analysis.sources._personal import own_posts
from analysis.sources._reading import Reading
from analysis.sources._recognising import Recognition, Sample
from analysis.sources._tweets import read_tweets, recognise_layout
from analysis.sources.twitter_analytics_daily import CORE_METRICS

NAME = "twitter_analytics_tweets"
LABEL = "Twitter Analytics, activity by tweet (CSV)"
REFERENCE = "Layout of tweet_activity_metrics exports, Twitter Analytics, 2016 to 2021"

METRICS = {name: header for name, header in CORE_METRICS.items() if name != "posts"}
KPIS = {header: name for name, header in METRICS.items()}
PERSONAL = own_posts("Tweet id", "Tweet permalink", "Tweet text")
POSTED = True  # values stand under the day of posting


class Options(Strict):
    metrics: Annotated[dict[Identifier, Heading], Field(min_length=1)] = METRICS
    encoding: Encoding = "utf-8"
    date_format: MomentFormat = "%Y-%m-%d %H:%M %z"
    decimal: DecimalMark | None = None


def recognise(sample: Sample) -> Recognition | None:
    return recognise_layout(sample, NAME, "time", Options.model_fields["date_format"].default)


def read(files: tuple[Path, ...], source: Source, case: Case, options: Options) -> Reading:
    """The number of tweets and each metric's sum over the tweets of a day, in the study's time zone.

    What is counted since a tweet was posted is put on the day it was posted, so these are not the figures of the
    export by day. Counts are written as decimals ("215.0"); "-" is absent, not zero. Exports of early 2016 and
    before call likes "favorites". Raises SourceError for a file that is cut or of another layout, a column that is
    missing or cannot be added up (a rate), an id that was rounded, and a tweet given twice with different numbers.
    """
    return read_tweets(
        files, source, case, reader=NAME, encoding=options.encoding, id_header="Tweet id", time_header="time",
        date_format=options.date_format, decimal=options.decimal, metrics=options.metrics, other={},
        whole=whole_of(options.metrics, KPIS, case.kpis),
    )
