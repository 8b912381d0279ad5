"""The page-level Facebook Insights export, as the platform wrote it between 2014 and 2020, for a simulated page.

Layout reproduced: windows of 180 days, M/D/YYYY without padding, a description row whose first cell is empty (cut off
after two cells in the first window), namesakes told apart by that row only, one column a breakdown and only when the
window has something to show, cp1252, empty cell = no event.
"""

import csv
import io

import numpy as np
import pandas as pd

from analysis.core.seeds import generator_for
from analysis.simulate import processes as p
from analysis.simulate.unicredit_engagement import WORLD, Intensities
from analysis.simulate.unicredit_parameters import ACCOUNTS, CALENDAR, ENGAGEMENT

ENGAGEMENT_HEADER = "Daily Page consumptions"
WINDOW_DAYS = 180
CLICKS = {"link clicks": 0.34, "other clicks": 0.41, "photo view": 0.17, "video play": 0.08}
STORIES = {"fan": 0.15, "mention": 0.04, "page post": 0.70, "user post": 0.11}
FEEDBACK = {"comment": 0.14, "like": 0.74, "link": 0.12}
SOURCES = {"page_profile": 0.45, "mobile": 0.35, "page_suggestion": 0.20}
CITIES = {
    "Milan, Lombardy, Italy": 0.081, "Rome, Lazio, Italy": 0.074, "Turin, Piedmont, Italy": 0.033,
    "Forlì, Emilia-Romagna, Italy": 0.0042, "Cantù, Lombardy, Italy": 0.0016,
    "Zürich, Canton of Zürich, Switzerland": 0.0011,
}
UNIQUE, TOTAL = "(Unique Users)", "(Total Count)"


def page_table(seed: int, engagements: pd.Series, intensities: Intensities) -> pd.DataFrame:
    """What the page's exports hold, one row a day until the closing; columns are (header, description) pairs."""
    days = pd.DatetimeIndex(engagements.index)
    draw = generator_for(WORLD, seed, "facebook page")
    advertised = np.asarray(days < pd.Timestamp(CALENDAR.advertising_stopped.value))
    organic = intensities.with_exit.loc[days, "facebook"].to_numpy()
    organic = organic * np.where(advertised, 1 - ENGAGEMENT.paid_share.value["facebook"], 1.0)
    organic_reach = draw.poisson(40 * organic * np.exp(draw.normal(0, 0.08, len(days))))
    paid_reach = draw.poisson(55_000 * np.exp(p.autoregression(draw, len(days), 0.9, 0.25))) * advertised
    table = _likes(draw, days, advertised)
    table.update(_people_and_reach(draw, engagements.to_numpy(), organic_reach, paid_reach))
    table.update(_breakdowns(draw, engagements.to_numpy(), table[_likes_key()]))
    return pd.DataFrame(table, index=days)


def _likes_key() -> tuple[str, str]:
    return "Lifetime Total Likes", f"Lifetime: The total number of people who have liked your Page. {UNIQUE}"


def _likes(draw: np.random.Generator, days: pd.DatetimeIndex, advertised: np.ndarray) -> dict:
    path = p.along(days, ACCOUNTS.facebook_likes.value)
    left = draw.poisson(28, len(days))
    joined = draw.poisson(np.maximum(np.gradient(path) + 28, 1))
    table = {
        _likes_key(): np.round(path[0]).astype(int) + np.cumsum(joined - left),
        ("Daily New Likes", f"Daily: The number of new people who have liked your Page {UNIQUE}"): joined,
        ("Daily Unlikes", f"Daily: The number of Unlikes of your Page {UNIQUE}"): left,
    }
    described = f"Daily: The number of people who liked your Page, by where they liked it. {UNIQUE}"
    bought = draw.binomial(joined, 0.5 * advertised)
    table["Daily Like Sources - ads", described] = bought
    for name, counts in _split(draw, joined - bought, SOURCES).items():
        table[f"Daily Like Sources - {name}", described] = counts
    return table


def _people_and_reach(draw: np.random.Generator, clicks: np.ndarray, organic: np.ndarray, paid: np.ndarray) -> dict:
    engaged = draw.binomial(clicks, 0.82)
    table = _rolling("Page Engaged Users", f"The number of people who engaged with your Page. {UNIQUE}", engaged, 0.9)
    reach = f"The number of people who have seen content of your Page{{}}. {UNIQUE}"
    table |= _rolling("Total Reach", reach.format(""), (organic + 0.9 * paid).astype(int), 0.55)
    table |= _rolling("Organic Reach", reach.format(" without advertising"), organic, 0.6)
    table |= _rolling("Paid Reach", reach.format(" through advertising"), paid, 0.5)
    seen, bought = draw.poisson(1.6 * organic), draw.poisson(2.1 * paid)
    shown = {"Total Impressions": seen + bought, "Organic impressions": seen, "Paid Impressions": bought}
    for name, counts in shown.items():
        table[f"Daily {name}", f"Daily: The number of impressions, {name.lower()}. {TOTAL}"] = counts
    views = draw.poisson(0.9 * clicks + 60)
    described = "Daily: Page Views from users logged into Facebook"
    table["Daily Logged-in Page Views", f"{described} {TOTAL}"] = views
    table["Daily Logged-in Page Views", f"{described} {UNIQUE}"] = draw.binomial(views, 0.7)
    table["Daily Total Consumers", f"Daily: The number of people who clicked on any of your content. {UNIQUE}"] = (
        draw.binomial(clicks, 0.75)
    )
    return table | _rolling("Page consumptions", f"The number of clicks on any of your content. {TOTAL}", clicks, 1.0)


def _breakdowns(draw: np.random.Generator, clicks: np.ndarray, likes: np.ndarray) -> dict:
    table = {}
    by_type = f"Daily: The number of clicks on any of your content, by type. {TOTAL}"
    for name, counts in _split(draw, clicks, CLICKS).items():
        table[f"Daily Page consumptions by type - {name}", by_type] = counts
    told = f"Daily: The number of stories about your Page by story type. {TOTAL}"
    for name, counts in _split(draw, draw.poisson(0.15 * clicks), STORIES).items():
        table[f"Daily Page Stories by story type - {name}", told] = counts
    feedback = "Daily: The number of times people have given positive feedback to your Page, by type."
    for name, counts in _split(draw, draw.poisson(0.4 * clicks), FEEDBACK).items():
        table[f"Daily Positive Feedback from Users - {name}", f"{feedback} {UNIQUE}"] = draw.binomial(counts, 0.92)
        table[f"Daily Positive Feedback from Users - {name}", f"{feedback} {TOTAL}"] = counts
    negative = draw.poisson(6, len(clicks))
    table["Daily Negative feedback", f"Daily: The number of people who gave negative feedback. {UNIQUE}"] = negative
    table["Daily Total check-ins", f"Daily: Total check-ins at your Place {TOTAL}"] = draw.poisson(0.4, len(clicks))
    table["Daily Total Video Views", f"Daily: Total number of times videos have been viewed. {TOTAL}"] = draw.poisson(
        1.8 * clicks
    )
    where = f"Lifetime: Location data about the people who like your Page. {UNIQUE}"
    for city, share in CITIES.items():
        known = np.arange(len(likes)) >= (400 if share < 0.002 else 0)  # small places appear late, as on the platform
        table[f"Lifetime Likes by City - {city}", where] = np.round(likes * share).astype(int) * known
    return table


def _split(draw: np.random.Generator, totals: np.ndarray, shares: dict[str, float]) -> dict[str, np.ndarray]:
    parts = draw.multinomial(totals, list(shares.values()))
    return {name: parts[:, index] for index, name in enumerate(shares)}


def _rolling(name: str, described: str, daily: np.ndarray, distinct: float) -> dict:
    """Daily, Weekly and 28 Days columns; ``distinct`` is the share of a longer period's sum that is not seen twice."""
    table = {}
    for period, length in (("Daily", 1), ("Weekly", 7), ("28 Days", 28)):
        sums = pd.Series(daily).rolling(length, min_periods=1).sum().to_numpy()
        counted = sums if length == 1 else sums * distinct
        table[f"{period} {name}", f"{period}: {described}"] = np.round(counted).astype(int)
    return table


def page_files(table: pd.DataFrame, brand: str) -> dict[str, bytes]:
    """The exports by file name."""
    files = {}
    for start in range(0, len(table), WINDOW_DAYS):
        window = table.iloc[start : start + WINDOW_DAYS]
        name = f"Facebook Insights Data Export - {brand} - {window.index[0]:%Y-%m-%d} - {window.index[-1]:%Y-%m-%d}.csv"
        files[name] = _window(window, cut_descriptions=start == 0)
    return files


def _window(window: pd.DataFrame, *, cut_descriptions: bool) -> bytes:
    breakdown = [" - " in header for header, _ in window.columns]
    shown = [not split or bool(window.iloc[:, i].any()) for i, split in enumerate(breakdown)]
    window, breakdown = window.loc[:, shown], [b for b, keep in zip(breakdown, shown, strict=True) if keep]
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["Date", *(header for header, _ in window.columns)])
    described = ["", *(text for _, text in window.columns)]
    writer.writerow(["", ""] if cut_descriptions else described)
    for day, values in zip(window.index, window.to_numpy().tolist(), strict=True):
        cells = ["" if split and value == 0 else value for value, split in zip(values, breakdown, strict=True)]
        writer.writerow([f"{day.month}/{day.day}/{day.year}", *cells])
    return out.getvalue().encode("cp1252")
