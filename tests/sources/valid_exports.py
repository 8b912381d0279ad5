"""One sound file of each format, from the builders of the readers' own tests: what is recognised, then damaged."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import test_source_crowdtangle_history as history
import test_source_crowdtangle_search as search
import test_source_customer_care_tweets as care
import test_source_facebook_insights_posts as posts
import test_source_facebook_insights_videos as videos
import test_source_google_analytics_4 as analytics
import test_source_google_trends as trends
import test_source_linkedin_page as linkedin
import test_source_meta_business_suite_charts as charts
import test_source_meta_business_suite_content as content
import test_source_twitter_analytics_tweets as tweets
import test_source_wikimedia_pageviews as wikimedia
import test_source_x_content as x_content
import test_source_x_overview as x_overview
import test_source_youtube_studio as youtube
import test_source_zendesk_tickets as zendesk
from workbook_files import biff, spreadsheetml, xlsx

FIXTURES = Path(__file__).parent / "fixtures"


@dataclass(frozen=True)
class Sound:
    """``first`` and ``last`` are the days covered, days counted in UTC; ``metrics`` some of those measured."""

    format: str
    name: str
    data: bytes = field(repr=False)
    first: str
    last: str
    metrics: frozenset[str]
    unsettled: tuple[str, ...] = ()  # keys of the doubts that the file leaves


def table(header: Sequence[str], rows: Sequence[Mapping[str, str]]) -> str:
    stream = io.StringIO()
    writer = csv.DictWriter(stream, header, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


def kept(name: str) -> bytes:
    return (FIXTURES / name).read_bytes()


MEASURED = "date,channel,engagements,clicks\n" + "".join(
    f"{date(2019, 5, 1) + timedelta(days=i)},{channel},{100 + i},{i}\n"
    for i in range(20) for channel in ("facebook", "linkedin")
)  # fmt: skip
CASES = (
    "id,opened,closed,source,reason\n"
    "c1,03/30/2019 11:50:00 PM,03/31/2019 08:00:00 AM,Call,loan\n"
    "c2,03/31/2019 02:30:00 PM,,App,card\nc3,04/02/2019 02:15:00 AM,04/02/2019 10:05:00 AM,App,card\n"
)
EVENTS = (
    "ticket,event,time,channel\na,signal,2019-03-01 09:00:00,twitter\na,pool,2019-03-01 09:30:00,twitter\n"
    "a,taken_in_charge,2019-03-01 10:00:00,twitter\na,outcome,2019-03-01 15:00:00,chat\n"
    "b,signal,2019-03-14 11:00:00,chat\nb,abandoned,2019-03-15 11:00:00,chat\n"
)
LAYOUT = [row for row in csv.reader(io.StringIO(videos.text(videos.ROWS).decode()))]

SOUND = (
    Sound("crowdtangle_history", "report.csv", history.report(table, "Page Name", history.SCORES[0],
          history.ROWS).encode("utf-8-sig"), "2023-01-06", "2023-05-25", frozenset({"interactions", "posts"})),
    Sound("crowdtangle_search", "search.csv", table(search.HEADER, search.ROWS).encode("utf-8-sig"), "2021-07-05",
          "2021-07-06", frozenset({"interactions", "posts"})),
    Sound("customer_care_tweets", "twcs.csv", table(care.HEADER, care.ROWS).encode(), "2017-10-31", "2017-10-31",
          frozenset({"cases", "contacts"})),
    Sound("event_log_csv", "log.csv", EVENTS.encode(), "2019-03-01", "2019-03-14", frozenset({"cases"}),
          ("time_zone",)),
    Sound("facebook_insights_page", "page.csv", kept("page_2018-03-29_2018-04-03.csv"), "2018-03-29", "2018-04-03",
          frozenset({"followers", "engaged_users"})),
    Sound("facebook_insights_posts", "posts.csv", posts.text(posts.posts()), "2016-02-13", "2016-02-14",
          frozenset({"posts", "impressions"}), ("posted_zone",)),
    Sound("facebook_insights_videos", "videos.csv", videos.text(videos.ROWS), "2017-10-02", "2017-10-03",
          frozenset({"posts", "video_views"}), ("posted_zone", "date_format")),
    Sound("google_analytics_4", "report.csv", analytics.report(analytics.ROWS).encode(), "2019-05-31", "2019-06-02",
          frozenset({"events", "new_users"})),
    Sound("google_trends", "multiTimeline.csv", trends.WEEKS.encode(), "2021-12-19", "2022-01-02",
          frozenset({"search_interest"})),
    Sound("linkedin_page", "page.xls", biff(linkedin.book(13)), "2020-04-01", "2020-04-13",
          frozenset({"page_views", "clicks", "posts"})),
    Sound("measurements_csv", "engagement.csv", MEASURED.encode(), "2019-05-01", "2019-05-20",
          frozenset({"engagements", "clicks"})),
    Sound("meta_business_suite_charts", "Reach.csv", charts.TWO, "2025-03-01", "2025-03-12", frozenset({"reach"})),
    Sound("meta_business_suite_content", "content.csv", content.text(content.IN_2023, content.posts(content.IN_2023)),
          "2023-12-12", "2023-12-13", frozenset({"posts", "shares"}), ("posted_zone",)),
    Sound("prices_yahoo", "prices.csv", kept("prices_many.csv"), "2020-02-03", "2020-02-04", frozenset({"close"})),
    Sound("service_cases_csv", "cases.csv", CASES.encode(), "2019-03-30", "2019-04-02", frozenset({"contacts"}),
          ("time_zone",)),
    Sound("twitter_analytics_daily", "daily.csv",
          kept("daily_tweet_activity_metrics_example_20190528_20190601_en.csv"), "2019-05-28", "2019-05-31",
          frozenset({"engagements", "posts"})),
    Sound("twitter_analytics_tweets", "tweets.csv", tweets.text(tweets.tweets()), "2021-01-30", "2021-01-31",
          frozenset({"engagements", "posts"})),
    Sound("wikimedia_pageviews", "views.json", wikimedia.answer({"2019053000": 3, "2019053100": 4}).encode(),
          "2019-05-30", "2019-05-31", frozenset({"page_views"})),
    Sound("x_content", "content.csv", x_content.text(x_content.posts()), "2025-02-10", "2025-02-11",
          frozenset({"engagements", "posts"})),
    Sound("x_overview", "overview.csv", x_overview.text(x_overview.overview()), "2025-02-02", "2025-02-11",
          frozenset({"engagements", "posts"})),
    Sound("youtube_studio", "Chart data.csv", youtube.CHART.encode(), "2023-11-28", "2023-11-29",
          frozenset({"views"})),
    Sound("zendesk_tickets", "tickets.csv", table(zendesk.HEADER, zendesk.ROWS).encode(), "2019-03-30", "2019-03-31",
          frozenset({"contacts"}), ("time_zone",)),
)  # fmt: skip
OTHER_KINDS = (  # the same formats in their other layouts
    Sound("facebook_insights_videos", "videos.xls", spreadsheetml({"Key Metrics": [[cell or None for cell in row]
          for row in LAYOUT]}), "2017-10-02", "2017-10-03", frozenset({"posts", "video_views"}),
          ("posted_zone", "date_format")),
    Sound("google_trends", "terms.csv", trends.MONTHS.encode(), "2020-01-01", "2020-03-01",
          frozenset({"search_interest"})),
    Sound("linkedin_page", "page.xlsx", xlsx(linkedin.book(13)), "2020-04-01", "2020-04-13",
          frozenset({"page_views"})),
    Sound("measurements_csv", "long.csv", kept("long_semicolon.csv"), "2018-12-31", "2019-01-01",
          frozenset({"chiamate"}), ("encoding",)),
    Sound("measurements_csv", "wide.csv", kept("wide.csv"), "2018-01-07", "2018-01-21", frozenset({"likes"}),
          ("channel",)),
    Sound("meta_business_suite_content", "instagram.csv", content.text(content.INSTAGRAM,
          content.posts(content.INSTAGRAM)), "2023-12-12", "2023-12-13", frozenset({"likes"}), ("posted_zone",)),
    Sound("wikimedia_pageviews", "views.csv", wikimedia.TOOL.encode(), "2020-04-29", "2020-05-01",
          frozenset({"page_views"})),
    Sound("youtube_studio", "Table data.csv", table(youtube.HEADER, youtube.VIDEOS).encode("utf-8-sig"), "2019-06-15",
          "2020-06-07", frozenset({"lifetime_views", "posts"})),
)  # fmt: skip
