"""X, content of an account: one row a post with its day, added up by posting day (since 2024)."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from analysis.core.case import Case, Identifier, Source, Strict
from analysis.sources._kpis import whole_of
from analysis.sources._options import DayFormat, DecimalMark, Encoding, Heading
from analysis.sources._personal import own_posts
from analysis.sources._reading import Reading
from analysis.sources._recognising import Recognition, Sample
from analysis.sources._tweets import read_tweets, recognise_layout

NAME = "x_content"
LABEL = "X, content of an account (CSV)"
REFERENCE = "Layout of account_analytics_content exports of X, 2024 on"

METRICS = {
    "impressions": "Impressions",
    "engagements": "Engagements",
    "likes": "Likes",
    "replies": "Replies",
    "retweets": "Reposts",
    "shares": "Shares",
    "bookmarks": "Bookmarks",
    "new_followers": "New follows",
    "profile_clicks": "Profile visits",
    "detail_expands": "Detail expands",
    "url_clicks": "Url clicks",
    "hashtag_clicks": "Hashtag clicks",
    "permalink_clicks": "Permalink clicks",
}
SPELLINGS = {"Shares": "Share", "Share": "Shares"}  # the content export has the one, the overview the other
KPIS = {header: name for name, header in METRICS.items()}
PERSONAL = own_posts("Post id", "Post text", "Link", "Post Link")
POSTED = True  # values stand under the day of posting
WRITTEN = ("%a %b %d %Y", "%a, %b %d, %Y")  # 2024 and 2025, then 2026: "Mon Feb 10 2025", "Tue, Jul 14, 2026"


class Options(Strict):
    """``date_format`` left out: whichever of the two that X has written fits."""

    metrics: Annotated[dict[Identifier, Heading], Field(min_length=1)] = METRICS
    encoding: Encoding = "utf-8"
    date_format: DayFormat | None = None
    decimal: DecimalMark | None = None


def recognise(sample: Sample) -> Recognition | None:
    return recognise_layout(sample, NAME, "Date", WRITTEN)


def read(files: tuple[Path, ...], source: Source, case: Case, options: Options) -> Reading:
    """The number of posts and each metric's sum over the posts of a day; the day is the export's own label.

    Headers are read in English, in either of the capitals that X has used, and in Japanese (2026).
    Raises SourceError for a file that is cut or of another layout, a column that is missing or cannot be added up,
    an id that was rounded, and a post given twice with different numbers.
    """
    return read_tweets(
        files, source, case, reader=NAME, encoding=options.encoding, id_header="Post id", time_header="Date",
        date_format=options.date_format or WRITTEN, decimal=options.decimal, metrics=options.metrics, other=SPELLINGS,
        whole=whole_of(options.metrics, KPIS, case.kpis),
    )
