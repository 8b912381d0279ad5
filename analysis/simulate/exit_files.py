"""The exports, SOURCE.md and truth.json of a simulated exit."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd

from analysis.core import paths
from analysis.core.artefacts import canonical_json, sha256_bytes, write_bytes
from analysis.simulate import care_log
from analysis.simulate.care_desk import CareDesk
from analysis.simulate.care_truth import care_truth
from analysis.simulate.exit_parameters import ExitWorld
from analysis.simulate.exit_truth import Estimand, exit_truth
from analysis.simulate.exit_world import (
    common_demand,
    common_factors,
    contact_intensities,
    counts_of,
    engagement_intensities,
    login_counts,
    peer_panel,
    study_days,
)
from analysis.simulate.parameters import listed_group, parameter_rows
from analysis.simulate.unicredit_engagement import Intensities

SOURCE_PAGE = "SOURCE.md"
PACKED = ".gz"


@dataclass(frozen=True)
class ExitCase:
    """A world with its care desk, the estimands of its case and the words of its SOURCE.md. ``closed``: first and last
    day of the weeks over which contacts are followed."""

    world: ExitWorld
    desk: CareDesk
    estimands: Mapping[str, Estimand]
    closed: tuple[date, date]
    target_minutes: float
    horizon_hours: float
    introduction: str


@dataclass(frozen=True)
class Simulated:
    """``tables`` by file name, as the exports hold them; ``intensities`` by metric; ``truth``: truth.json."""

    tables: Mapping[str, pd.DataFrame]
    intensities: Mapping[str, Intensities]
    truth: dict[str, Any]


def simulate(case: ExitCase) -> Simulated:
    """The same case gives the same world."""
    world, days = case.world, study_days(case.world.calendar)
    factors, demand = common_factors(world, days), common_demand(world, days)
    engagement, contacts = engagement_intensities(world, factors, days), contact_intensities(world, demand, days)
    pairs = {"engagements": engagement, "contacts": contacts}
    tables = {
        "engagement.csv": counts_of(
            world, "engagements", engagement, world.engagement.exited, world.engagement.dispersion
        ),
        "contacts.csv": counts_of(world, "contacts", contacts, world.contacts.exited, world.contacts.dispersion),
        "demand.csv": login_counts(world, demand, days),
        f"peers.csv{PACKED}": peer_panel(world, factors, days),
        care_log.FILE: care_log.care_log(case.desk, contacts.with_exit),
    }
    truth = exit_truth(world.calendar.seed, case.estimands, pairs, world.contacts, case.closed)
    truth["service"] = care_truth(
        case.desk, contacts.with_exit, target_minutes=case.target_minutes, horizon_hours=case.horizon_hours
    )
    return Simulated(MappingProxyType(tables), MappingProxyType(pairs), truth)


def export_files(simulated: Simulated) -> dict[str, bytes]:
    """Every export by file name, byte for byte."""
    return {name: _bytes(name, table) for name, table in simulated.tables.items()}


def _bytes(name: str, table: pd.DataFrame) -> bytes:
    form = care_log.TIME_FORMAT if name == care_log.FILE else "%Y-%m-%d"
    text = table.to_csv(index=False, lineterminator="\n", date_format=form).encode("utf-8")
    return care_log.packed(text) if name.endswith(PACKED) else text


def write_case(case: ExitCase, folder: Path) -> tuple[Path, ...]:
    """Write exports, SOURCE.md and truth.json into ``folder``; the same case writes the same bytes."""
    simulated = simulate(case)
    files = export_files(simulated)
    files[paths.TRUTH_FILE] = canonical_json(simulated.truth).encode("utf-8")
    files[SOURCE_PAGE] = source_page(case, files).encode("utf-8")
    return tuple(write_bytes(folder / name, content) for name, content in sorted(files.items()))


# One line a table row, however long: Markdown has no other way.
# ruff: noqa: E501
COMMON = """\

## Files

| file | what |
|---|---|
| `engagement.csv` | `date, channel, engagements` of the brand, daily; no row on a channel while it is closed |
| `contacts.csv` | `date, channel, contacts`, daily; no row on a channel while it is closed |
| `demand.csv` | `date, logins`: follows demand, not moved by the exit |
| `peers.csv.gz` | `week` (Monday), `brand, channel, engagements` of {peers} invented peers, simulated social listening panel |
| `care_log.csv.gz` | one row an event of a care case: `ticket, event, time` (local), `channel, customer, tone` (what a classifier said of the signal and of the customer's last message), `public` and attributes of the customer; a sample with a share of its own for each channel |
| `truth.json` | what the estimates should find; read only to compare finished estimates with it |

Days are days in {zone}. What no longer exists is absent: there are no rows of zeros on a closed channel.

## How the truth is defined

For each outcome of the case, `truth.json` compares the expected weekly value with the exit and without it, given the same
factors, seasons, shocks and noise. The negative binomial noise of the counts is not part of it. `diversion` gives, of the
contacts expected on the closed channels without the exit, the share that moved to each channel and the share that was
lost, over the weeks from {first} to {last}. `service` is about the care log; `service.definitions` says in words what
each of its numbers is.

## What the world leaves out

- Diversion and spillover are at full size from the first day; customers do not move before the closing.
- Peers do not react to the exit, and nothing at the exit moves the log-ins.
- Engagement is made directly, not from followers and posts; advertising is left out.
- Every customer of the care log has a known class of followers, whatever the channel; phone and shops keep no care log.
- Cases still open on a channel when it closes are handed to another channel; a reopened case gets no second outcome.

## Parameters

| part | parameter | value | meaning | source |
|---|---|---|---|---|
"""


def source_page(case: ExitCase, files: Mapping[str, bytes]) -> str:
    """The page's text: introduction, files, truth, parameter table, sha256 of every file in ``files``."""
    common = COMMON.format(
        peers=case.world.engagement.peers, zone=case.desk.zone, first=case.closed[0], last=case.closed[1]
    )
    lines = [(case.introduction + common).rstrip("\n")]
    for group in (*case.world.groups, case.desk):
        lines += parameter_rows(listed_group(group))
    lines += ["", "## Hashes (sha256)", "", "| file | bytes | sha256 |", "|---|---|---|"]
    lines += [f"| `{name}` | {len(content)} | `{sha256_bytes(content)}` |" for name, content in sorted(files.items())]
    return "\n".join(lines) + "\n"
