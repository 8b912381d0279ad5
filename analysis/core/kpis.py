"""The metrics themselves: one entry a KPI. Readers map their headers to these, a case its own names."""

from collections.abc import Mapping
from types import MappingProxyType

from analysis.core.vocabulary import KINDS, READING, Kind, Kpi

TWITTER = "Twitter Analytics and X exports"
PAGE = "Facebook Page Insights"
META = "Meta Business Suite"
GA = "Google Analytics 4"
TUBE = "YouTube Studio"
TANGLE = "CrowdTangle"
PRACTICE = "Definition of this suite, after practice in service operations"
OPENED = "day on which the case was opened"

ENTRIES = (
    # ---- what people do with content
    Kpi("posts", "Posts", "flow", "posts", "Posts that the account published", TWITTER),
    Kpi("engagements", "Engagements", "flow", "engagements", "What people did with content, as the platform counts it: "
        "reactions, comments and shares (Meta, CrowdTangle); clicks, expands and follows besides (Twitter, X)",
        f"{META}; {TANGLE}; {TWITTER}"),
    Kpi("reactions", "Reactions", "flow", "reactions", "Likes and, where the platform has them, other reactions", META),
    Kpi("likes", "Likes", "flow", "likes", "Likes; where other reactions exist, likes alone", META),
    *(Kpi(name, f"Reactions: {name}", "flow", "reactions", f"Reactions of the kind {name}", TANGLE)
      for name in ("love", "wow", "haha", "sad", "angry", "care")),
    Kpi("comments", "Comments", "flow", "comments", "Comments on posts", META),
    Kpi("replies", "Replies", "flow", "replies", "Replies to posts", TWITTER),
    Kpi("shares", "Shares", "flow", "shares", "Posts shared on", META),
    Kpi("retweets", "Retweets or reposts", "flow", "reposts", "Posts posted again by others", TWITTER),
    Kpi("saves", "Saves", "flow", "saves", "Posts saved for later", META),
    Kpi("bookmarks", "Bookmarks", "flow", "bookmarks", "Posts saved for later", TWITTER),
    Kpi("clicks", "Clicks on content", "flow", "clicks", "Clicks anywhere on posts (Facebook: consumptions)", PAGE),
    Kpi("link_clicks", "Clicks on links", "flow", "clicks", "Clicks on links in posts", META),
    Kpi("url_clicks", "Clicks on addresses", "flow", "clicks", "Clicks on addresses in posts", TWITTER),
    Kpi("hashtag_clicks", "Clicks on hashtags", "flow", "clicks", "Clicks on hashtags in posts", TWITTER),
    Kpi("permalink_clicks", "Clicks on the post's own address", "flow", "clicks", "Clicks on a post's link", TWITTER),
    Kpi("profile_clicks", "Clicks on the profile", "flow", "clicks", "Clicks that led to the profile", TWITTER),
    Kpi("detail_expands", "Expands", "flow", "expands", "Clicks that opened a post's details", TWITTER),
    Kpi("media_engagements", "Engagements with media", "flow", "engagements", "Clicks on pictures or films", TWITTER),
    Kpi("paid_engagements", "Promoted engagements", "flow", "engagements", "Engagements with paid posts", TWITTER),
    Kpi("negative_feedback", "Negative feedback", "flow", "actions", "Posts hidden or reported", PAGE),
    # ---- what people saw
    Kpi("impressions", "Impressions", "flow", "impressions", "Times that content was put before somebody", PAGE),
    Kpi("paid_impressions", "Paid impressions", "flow", "impressions", "Impressions that were paid for", PAGE),
    Kpi("impressions_organic", "Organic impressions", "flow", "impressions", "Impressions not paid for", PAGE),
    Kpi("views", "Views of content", "flow", "views", "Times that content was played or displayed; since 2025 in the "
        "place of impressions, and not the same count", META),
    Kpi("media_views", "Views of media", "flow", "views", "Times that pictures or films were seen", TWITTER),
    Kpi("video_views", "Video views", "flow", "views", "Films played, from the length on that the platform sets", PAGE),
    Kpi("video_views_organic", "Organic video views", "flow", "views", "Video views not paid for", PAGE),
    Kpi("video_views_paid", "Paid video views", "flow", "views", "Video views that were paid for", PAGE),
    Kpi("video_views_autoplayed", "Video views, played by themselves", "flow", "views", "Video views that nobody "
        "clicked for", PAGE),
    Kpi("video_views_clicked", "Video views, clicked", "flow", "views", "Video views that began with a click", PAGE),
    Kpi("video_views_30_seconds", "Video views of 30 seconds", "flow", "views", "Films played for 30 seconds, or to "
        "the end if shorter", PAGE),
    Kpi("video_views_to_95", "Video views to 95 %", "flow", "views", "Films played to 95 % of their length", PAGE),
    Kpi("video_views_to_95_organic", "Organic video views to 95 %", "flow", "views", "Those not paid for", PAGE),
    Kpi("video_views_to_95_paid", "Paid video views to 95 %", "flow", "views", "Those that were paid for", PAGE),
    Kpi("engaged_views", "Engaged views", "flow", "views", "Films played past their first moment, which is what a view "
        "of a Short was until March 2025", TUBE),
    Kpi("seconds_viewed", "Seconds viewed", "flow", "seconds", "Time that films were played for, added up", META),
    Kpi("watch_hours", "Watch time", "flow", "hours", "Time that films were played for, added up", TUBE),
    Kpi("reach", "Reach", "unique", "people", "Accounts that saw content at least once in the period", PAGE),
    Kpi("engaged_users", "Engaged users", "unique", "people", "Accounts that clicked on content at least once", PAGE),
    Kpi("visitors", "Visitors", "unique", "people", "Different people who visited", "LinkedIn page analytics"),
    Kpi("users", "Users", "unique", "people", "Different people who used the website", GA),
    # ---- audience
    Kpi("followers", "Followers", "stock", "accounts", "Accounts that follow, or like the page", PAGE, READING),
    Kpi("new_followers", "New followers", "flow", "accounts", "Accounts that began to follow", PAGE),
    Kpi("lost_followers", "Lost followers", "flow", "accounts", "Accounts that ceased to follow", PAGE),
    Kpi("net_subscribers", "Subscribers gained less lost", "flow", "accounts", "May be below zero", TUBE),
    # ---- owned channels and attention elsewhere
    Kpi("sessions", "Sessions", "flow", "sessions", "Visits to the website", GA),
    Kpi("engaged_sessions", "Engaged sessions", "flow", "sessions", "Sessions with more than a passing look", GA),
    Kpi("visits", "Visits", "flow", "visits", "Visits to the page or profile", META),
    Kpi("page_views", "Page views", "flow", "views", "Pages, articles or screens loaded", f"{GA}; Wikimedia"),
    Kpi("legacy_page_counts", "Page counts, robots too", "flow", "views", "Pages loaded, robots among them, to 2016; "
        "never joined to page views", "Wikimedia, Legacy Pagecounts"),
    Kpi("events", "Events on the website", "flow", "events", "What the website reports as an event", GA),
    Kpi("key_events", "Key events", "flow", "events", "Events that the owner marked as important", GA),
    Kpi("conversions", "Conversions", "flow", "events", "Events that the owner marked as conversions", GA),
    Kpi("new_users", "New users", "flow", "people", "People seen for the first time, each once", GA),
    Kpi("logins", "Log-ins", "flow", "log-ins", "Log-ins of customers", PRACTICE),
    Kpi("search_interest", "Search interest", "index", "points of 100", "Searches for a term as a share of all, scaled "
        "to 100 at its highest in the file", "Google Trends", denominator="the highest value in the file"),
    Kpi("mentions", "Mentions", "flow", "mentions", "Posts of others that name the brand", PRACTICE),
    Kpi("share_of_voice", "Share of voice", "rate", "share", "Mentions of the brand among those of a set of brands "
        "fixed beforehand", PRACTICE, denominator="mentions of all brands of the set"),
    Kpi("net_sentiment", "Net sentiment", "rate", "share", "Positive less negative", PRACTICE,
        denominator="all judged, neutral ones too"),
    Kpi("engagement_rate_followers", "Engagement rate by followers", "rate", "share", "Engagements a post and follower",
        "Rival IQ, benchmark reports", "day of posting", "followers"),
    Kpi("engagement_rate_reach", "Engagement rate by reach", "rate", "share", "Engagements among those who saw it",
        PRACTICE, "day of posting", "reach, or impressions where the source says so"),
    # ---- market
    Kpi("close", "Closing price", "price", "currency", "Last price of the day", "Stock exchange", "trading day"),
    Kpi("adjusted_close", "Adjusted closing price", "price", "currency", "Closing price corrected for dividends and "
        "splits", "Yahoo Finance", "trading day"),
    # ---- service
    Kpi("contacts", "Contacts", "flow", "contacts", "Requests for service", PRACTICE),
    Kpi("cases", "Cases", "flow", "cases", "Cases opened at the desk", PRACTICE, OPENED),
    Kpi("active_customers", "Active customers", "stock", "customers", "Customers at that time", PRACTICE, READING),
    Kpi("contact_duration", "Length of contacts", "duration", "as the source says", "Quantile of how long "
        "contacts took", PRACTICE),
    Kpi("first_response_time", "First response time", "duration", "hours", "From the customer's first message to the "
        "first human answer, automatic ones left out", PRACTICE, OPENED),
    Kpi("take_charge_time", "Time to being taken in charge", "duration", "hours", "From the first message to the one "
        "that says that somebody has the case", PRACTICE, OPENED),
    Kpi("outcome_time", "Time to the outcome", "duration", "hours", "From the first message to the one that tells the "
        "outcome", PRACTICE, OPENED),
    Kpi("handle_time", "Average handling time", "duration", "minutes", "Talk, hold and work after contact, divided by "
        "how many an agent serves at once", PRACTICE, denominator="contacts handled"),
    Kpi("first_contact_resolution", "Resolved at first contact", "rate", "share", "Cases without a second contact in a "
        "window that is set beforehand", PRACTICE, OPENED, "all cases"),
    Kpi("service_level", "Service level", "rate", "share", "Answered within the target", PRACTICE,
        denominator="contacts offered"),
    Kpi("abandonment", "Abandonment", "rate", "share", "Given up before an answer; short ones as the desk's rule says",
        PRACTICE, denominator="contacts offered"),
    Kpi("contact_rate", "Contact rate", "rate", "contacts a customer and month", "Contacts of active customers",
        PRACTICE, denominator="active customers"),
    Kpi("deflection", "Deflection", "rate", "share", "Contacts avoided by self-service; easily overstated", PRACTICE,
        denominator="avoided and assisted contacts"),
    Kpi("occupancy", "Occupancy", "rate", "share", "Offered load of the agents present", PRACTICE,
        denominator="agents present"),
    Kpi("shrinkage", "Shrinkage", "rate", "share", "Paid time in which an agent cannot answer", PRACTICE,
        denominator="paid time"),
    Kpi("satisfaction", "Satisfaction (CSAT)", "rate", "share", "The two best answers", PRACTICE, denominator="answers "
        "given; who did not answer is not in it"),
    Kpi("net_promoter_score", "Net promoter score", "rate", "points", "Promoters less detractors, in per cent",
        PRACTICE, denominator="answers given; who did not answer is not in it"),
    Kpi("cost_per_contact", "Cost per contact", "rate", "currency a contact", "All costs of a channel", PRACTICE,
        denominator="contacts of the channel"),
)  # fmt: skip
KPIS: Mapping[str, Kpi] = MappingProxyType({item.id: item for item in ENTRIES})
# A log that is also told by topic: contacts_cards, duration_p90.
FAMILIES: Mapping[str, str] = MappingProxyType(
    {"contacts_": "contacts", "cases_": "cases", "duration_p": "contact_duration"}
)
UNKNOWN: Kind = "flow"  # what nobody has described is added up, and the report says so


def kpi_of(metric: str, ties: Mapping[str, str] = MappingProxyType({})) -> str:
    """What a metric is: a KPI's id, a kind alone (``ties`` of a case may say only that), "" where nobody says."""
    if metric in ties:
        return ties[metric]
    if metric in KPIS:
        return metric
    return next((whole for start, whole in FAMILIES.items() if metric.startswith(start)), "")


def kind_of(kpi: str) -> Kind:
    """How it adds up: of a KPI's id, or of a kind by its own name; ``UNKNOWN`` for anything else."""
    if kpi in KPIS:
        return KPIS[kpi].kind
    return next((kind for kind in KINDS if kind == kpi), UNKNOWN)
