"""Facebook Page Insights, post level: one row a post since it was published, added up by posting day (2014 to 2020)."""

from pathlib import Path

from analysis.core.case import Case, Source
from analysis.sources._insights_columns import Column, headers_of
from analysis.sources._insights_posts import PostOptions, read_posts, recognise_posts
from analysis.sources._personal import own_posts
from analysis.sources._reading import Reading
from analysis.sources._recognising import Recognition, Sample

NAME = "facebook_insights_posts"
LABEL = "Facebook Page Insights, post level (CSV, .xls, .xlsx)"
REFERENCE = "Layout of the legacy Facebook Page Insights data export, Post data, CSV and Excel, 2014 to 2020"


def _action(action: str) -> Column:
    """A breakdown: its column is only exported when something was counted, its sheet's name is cut."""
    return Column(
        sum_of_prefix=f"Lifetime Post Stories by action type - {action}",
        also=(f"Lifetime Post Stories by act... - {action}", f"post_stories_by_action_type:lifetime - {action}"),
    )


def _event(label: str, name: str) -> Column:
    """A label that a count of people shares with a count of events: the latter."""
    return Column(header=label, description_contains="(Total Count)", also=(f"{name}:lifetime",))


USUAL = {
    "impressions": Column(header="Lifetime Post Total Impressions"),
    "impressions_organic": Column(header="Lifetime Post Organic Impressions"),
    "impressions_paid": Column(header="Lifetime Post Paid Impressions"),
    "comments": _action("comment"),
    "likes": _action("like"),
    "shares": _action("share"),
    "clicks": Column(header="Lifetime Post Consumptions"),
    "negative_feedback": Column(header="Lifetime Negative Feedback from Users"),
    "video_views_organic": _event("Lifetime Organic Video Views", "post_video_views_organic"),
    "video_views_paid": _event("Lifetime Paid Video Views", "post_video_views_paid"),
    "video_views_to_95_organic": _event("Lifetime Organic views to 95%", "post_video_complete_views_organic"),
    "video_views_to_95_paid": _event("Lifetime Paid views to 95%", "post_video_complete_views_paid"),
}
# Two names of one thing: the vocabulary has the other.
KPIS = headers_of(USUAL | {"paid_impressions": USUAL["impressions_paid"]}) | {"impressions_paid": "paid_impressions"}
PERSONAL = own_posts("Post ID", "Permalink", "Post Message")
POSTED = True  # values stand under the day of posting
Options = PostOptions


def recognise(sample: Sample) -> Recognition | None:
    return recognise_posts(sample, videos=False)


def read(files: tuple[Path, ...], source: Source, case: Case, options: Options) -> Reading:
    """The number of posts and the sum of each metric over the posts of a day, in the study's time zone.

    ``Posted`` carries no zone: ``posted_zone``, the page's Pacific time unless the case says otherwise. What is
    counted since a post was published is put on the day it was published. People (reach, engaged users) are never
    added up over posts. Raises SourceError for a file that is cut, in another encoding or without a column asked for,
    a column that cannot be added up, an id that was rounded, and a post given twice with different numbers.
    """
    return read_posts(files, source, case, options, USUAL, KPIS)
