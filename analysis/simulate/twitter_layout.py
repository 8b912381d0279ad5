"""The daily export of Twitter Analytics (header unchanged from December 2016 to December 2021), simulated account.

One file a month, oldest day first, every cell quoted, end date in the name exclusive, the eighteen promoted columns
a hyphen because the account never promoted.
"""

import csv
import io

import pandas as pd

from analysis.core.seeds import generator_for
from analysis.simulate.unicredit_engagement import WORLD
from analysis.simulate.unicredit_parameters import ENGAGEMENT

ORGANIC = (
    "retweets", "replies", "likes", "user profile clicks", "url clicks", "hashtag clicks", "detail expands",
    "permalink clicks", "app opens", "app installs", "follows", "email tweet", "dial phone", "media views",
    "media engagements",
)
LEADING = ("impressions", "engagements", "engagement rate")
HEADER = ("Date", "Tweets published", *LEADING, *ORGANIC, *(f"promoted {name}" for name in (*LEADING, *ORGANIC)))
SHARES = {
    "retweets": 0.06, "replies": 0.07, "likes": 0.20, "user profile clicks": 0.15, "url clicks": 0.12,
    "hashtag clicks": 0.01, "detail expands": 0.30, "follows": 0.02, "media engagements": 0.07,
}
ENGAGEMENTS_PER_IMPRESSION = 0.012


def account_table(seed: int, engagements: pd.Series) -> pd.DataFrame:
    """One row a day: posts, impressions, engagements, the kinds of engagement (summing to it), media views."""
    draw = generator_for(WORLD, seed, "twitter account")
    total = engagements.to_numpy()
    kinds = draw.multinomial(total, list(SHARES.values()))
    columns = ["Tweets published", "impressions", "engagements", *ORGANIC]
    table = pd.DataFrame(0, index=engagements.index, columns=columns)
    table["Tweets published"] = draw.poisson(ENGAGEMENT.posts_per_day.value["twitter"], len(total))
    table["impressions"] = total + draw.poisson(total / ENGAGEMENTS_PER_IMPRESSION)
    table["engagements"] = total
    table[list(SHARES)] = kinds
    table["media views"] = draw.poisson(0.1 * total)
    return table


def account_files(table: pd.DataFrame, user: str) -> dict[str, bytes]:
    """The exports by file name."""
    files = {}
    for _, month in table.groupby([table.index.year, table.index.month], sort=True):
        end = month.index[-1] + pd.Timedelta(days=1)
        name = f"daily_tweet_activity_metrics_{user}_{month.index[0]:%Y%m%d}_{end:%Y%m%d}_en.csv"
        files[name] = _month(month)
    return files


def _month(month: pd.DataFrame) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(HEADER)
    for day, row in zip(month.index, month.to_dict("records"), strict=True):
        rate = row["engagements"] / row["impressions"] if row["impressions"] else 0.0
        counts = [row["Tweets published"], row["impressions"], row["engagements"], repr(rate)]
        writer.writerow([f"{day:%Y-%m-%d}", *counts, *(row[name] for name in ORGANIC), *["-"] * 18])
    return out.getvalue().encode("utf-8")
