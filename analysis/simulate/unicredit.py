"""The UniCredit reference case as a simulated world with known truth, and its exports.

    python -m analysis.simulate.unicredit      writes data/raw/unicredit again: exports, SOURCE.md, truth.json
"""

from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from analysis.core import paths
from analysis.core.artefacts import canonical_json, write_bytes
from analysis.core.seeds import generator_for
from analysis.simulate import care_log, facebook_layout, processes, twitter_layout
from analysis.simulate.care_truth import care_truth
from analysis.simulate.unicredit_care import CARE, HORIZON_HOURS, TARGET_MINUTES
from analysis.simulate.unicredit_contacts import (
    common_demand,
    contact_intensities,
    contact_log,
    web_counts,
    web_intensities,
)
from analysis.simulate.unicredit_engagement import (
    WORLD,
    Intensities,
    brand_counts,
    brand_intensities,
    common_factors,
    peer_panel,
    study_days,
)
from analysis.simulate.unicredit_parameters import ACCOUNTS, SOCIAL
from analysis.simulate.unicredit_prices import price_table
from analysis.simulate.unicredit_source_page import source_page
from analysis.simulate.unicredit_truth import truth_of

SEED = 20190601
CASE = "unicredit"
SOURCE_PAGE = "SOURCE.md"


@dataclass(frozen=True)
class World:
    """A simulated world: tables as the exports hold them, the intensities behind them, the truth.

    ``engagements``: daily counts by social channel, one Series each (exited ones end before the closing). ``facebook``
    and ``twitter``: what their exports show; ``instagram``, ``linkedin``, ``web``: one row a day; ``contacts``: one
    row a day and channel; ``peers``: one row a week, brand and channel; ``prices``: Yahoo layout. ``intensities``:
    expected daily values with and without the exit, by metric. ``truth``: what truth.json holds.
    """

    seed: int
    engagements: MappingProxyType
    facebook: pd.DataFrame
    twitter: pd.DataFrame
    instagram: pd.DataFrame
    linkedin: pd.DataFrame
    web: pd.DataFrame
    contacts: pd.DataFrame
    peers: pd.DataFrame
    prices: pd.DataFrame
    intensities: MappingProxyType
    truth: dict[str, Any]


def simulate_unicredit(seed: int = SEED) -> World:
    """The world of a seed. The same seed gives the same world; the reference case's seed was fixed before any run."""
    days = study_days()
    factors, demand = common_factors(seed, days), common_demand(seed, days)
    social = brand_intensities(seed, factors, days)
    contacts, web = contact_intensities(seed, demand, days), web_intensities(seed, demand, days)
    counts = {channel: brand_counts(seed, social, channel) for channel in SOCIAL}
    intensities = {"engagements": social, "contacts": contacts, "sessions": _only(web, "sessions", "website")}
    return World(
        seed=seed,
        engagements=MappingProxyType(counts),
        facebook=facebook_layout.page_table(seed, counts["facebook"], social),
        twitter=twitter_layout.account_table(seed, counts["twitter"]),
        instagram=_account(seed, "instagram", counts["instagram"], "reach", 9.0, ACCOUNTS.instagram_followers.value),
        linkedin=_account(seed, "linkedin", counts["linkedin"], "impressions", 28.0, ACCOUNTS.linkedin_followers.value),
        web=web_counts(seed, web),
        contacts=contact_log(seed, contacts),
        peers=peer_panel(seed, factors, days),
        prices=price_table(seed),
        intensities=MappingProxyType(intensities),
        truth=truth_of(seed, intensities),
    )


def _only(pair: Intensities, column: str, channel: str) -> Intensities:
    """One column of both sides, under the name of the channel it is measured on."""
    return Intensities(*(side[[column]].set_axis([channel], axis=1) for side in (pair.with_exit, pair.without_exit)))


def _account(
    seed: int, channel: str, engagements: pd.Series, seen: str, seen_each: float, followers: tuple
) -> pd.DataFrame:
    """Columns date, engagements, reach or impressions, followers."""
    days = pd.DatetimeIndex(engagements.index)
    draw = generator_for(WORLD, seed, "account", channel)
    columns = {
        "date": days,
        "engagements": engagements.to_numpy(),
        seen: engagements.to_numpy() + draw.poisson(seen_each * engagements.to_numpy()),
        "followers": np.round(processes.along(days, followers)).astype(int),
    }
    return pd.DataFrame(columns)


def export_files(world: World) -> dict[str, bytes]:
    """Every export by file name, byte for byte."""
    files = facebook_layout.page_files(world.facebook, "UniCredit (simulated)")
    files |= twitter_layout.account_files(world.twitter, "UniCreditSim")
    tables = {
        "instagram": world.instagram, "linkedin": world.linkedin, "web": world.web, "contacts": world.contacts,
        "peers": world.peers, "prices": world.prices,
    }
    return files | {f"{name}.csv": _csv(table) for name, table in tables.items()}


def _csv(table: pd.DataFrame) -> bytes:
    return table.to_csv(index=False, lineterminator="\n", date_format="%Y-%m-%d").encode("utf-8")


def write_world(world: World, folder: Path) -> tuple[Path, ...]:
    """Write exports, SOURCE.md and truth.json into ``folder``; the same world writes the same bytes."""
    contacts = world.intensities["contacts"].with_exit
    service = care_truth(CARE, contacts, target_minutes=TARGET_MINUTES, horizon_hours=HORIZON_HOURS)
    files = export_files(world)
    files[care_log.FILE] = care_log.log_bytes(care_log.care_log(CARE, contacts))
    files[paths.TRUTH_FILE] = canonical_json({**world.truth, "service": service}).encode("utf-8")
    files[SOURCE_PAGE] = source_page(world.seed, files).encode("utf-8")
    return tuple(write_bytes(folder / name, content) for name, content in sorted(files.items()))


if __name__ == "__main__":
    for written in write_world(simulate_unicredit(), paths.RAW / CASE):
        print(written.relative_to(paths.PROJECT))
