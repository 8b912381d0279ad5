"""Facebook Page Insights, video level: one row a video post, views added up by posting day (2014 to 2020)."""

from pathlib import Path

from analysis.core.case import Case, Source
from analysis.sources._insights_columns import Column, headers_of
from analysis.sources._insights_posts import PostOptions, read_posts, recognise_posts
from analysis.sources._personal import own_posts
from analysis.sources._reading import Reading
from analysis.sources._recognising import Recognition, Sample

NAME = "facebook_insights_videos"
LABEL = "Facebook Page Insights, video level (CSV, .xls, .xlsx)"
REFERENCE = "Layout of the legacy Facebook Page Insights data export, Video data, CSV and Excel, 2014 to 2020"

COLUMNS = {
    "impressions": "Lifetime Post Total Impressions",
    "video_views": "Lifetime Total Video Views",
    "video_views_organic": "Lifetime Organic Video Views",
    "video_views_paid": "Lifetime Paid Video Views",
    "video_views_autoplayed": "Lifetime Auto-Played Video Views",
    "video_views_clicked": "Lifetime Clicked-to-Play Video Views",
    "video_views_30_seconds": "Lifetime Total 30-Second Views",
    "video_views_to_95": "Lifetime Total Views to 95%",
}
USUAL = {name: Column(header=header, description_contains="(Total Count)") for name, header in COLUMNS.items()}
KPIS = headers_of(USUAL)
PERSONAL = own_posts("Post ID", "Permalink", "Post Message")
POSTED = True  # values stand under the day of posting
Options = PostOptions


def recognise(sample: Sample) -> Recognition | None:
    return recognise_posts(sample, videos=True)


def read(files: tuple[Path, ...], source: Source, case: Case, options: Options) -> Reading:
    """The number of video posts and the sum of each metric over those of a day, in the study's time zone.

    As the post level: people, percentages of viewers at each interval and average times are never added up. Raises
    SourceError for a file that is cut, in another encoding or without a column asked for, a column that cannot be
    added up, an id that was rounded, and a post given twice with different numbers.
    """
    return read_posts(files, source, case, options, USUAL, KPIS)
