"""Facebook Insights exports head the same column with a label or, in mid-2017, with its name in the Graph API.

Names after the Graph API's reference of Page and Post Insights; only pairs whose meaning is the same are listed.
"""

PERIODS = {"Lifetime": "lifetime", "Daily": "day", "Weekly": "week", "28 Days": "days_28"}

PAGE = {
    "Total Likes": "page_fans",
    "New Likes": "page_fan_adds_unique",
    "Unlikes": "page_fan_removes_unique",
    "Page Engaged Users": "page_engaged_users",
    "Total Reach": "page_impressions_unique",
    "Organic Reach": "page_impressions_organic_unique",
    "Paid Reach": "page_impressions_paid_unique",
    "Total Impressions": "page_impressions",
    "Organic impressions": "page_impressions_organic",
    "Paid Impressions": "page_impressions_paid",
    "Reach of page posts": "page_posts_impressions_unique",
    "Total Impressions of your posts": "page_posts_impressions",
    "Total Consumers": "page_consumptions_unique",
    "Page consumptions": "page_consumptions",
    "Total Video Views": "page_video_views",
}

POST = {
    "Post Total Reach": "post_impressions_unique",
    "Post organic reach": "post_impressions_organic_unique",
    "Post Paid Reach": "post_impressions_paid_unique",
    "Post Total Impressions": "post_impressions",
    "Post Organic Impressions": "post_impressions_organic",
    "Post Paid Impressions": "post_impressions_paid",
    "Engaged Users": "post_engaged_users",
    "Post Consumers": "post_consumptions_unique",
    "Post Consumptions": "post_consumptions",
    "Negative Feedback from Users": "post_negative_feedback",
}


def _pairs() -> dict[str, str]:
    pairs = {f"Lifetime {label}": f"{name}:lifetime" for label, name in POST.items()}
    for word, period in PERIODS.items():
        pairs |= {f"{word} {label}": f"{name}:{period}" for label, name in PAGE.items()}
    return {label.casefold(): name for label, name in pairs.items()} | {name: label for label, name in pairs.items()}


_OTHER = _pairs()


def other_names(header: str) -> tuple[str, ...]:
    """What the same column is called in exports of the other kind: none or one."""
    found = _OTHER.get(header.casefold())
    return () if found is None else (found,)
