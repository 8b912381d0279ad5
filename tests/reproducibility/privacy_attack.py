"""An attack on what is published: raw identities in any file, counts of a few people, and counts that a difference of
published ones gives back: less the groups, less the other channels, between two tables of the same weeks. And a search
for raw identities in what is only kept."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.core.case_loading import CaseFolder, load_case_folder

IDENTITIES = ("id", "customer", "agent", "author")  # options of a source that name a column of identities
TEXT = (".html", ".csv", ".json", ".svg", ".txt", ".md")
TOKEN = re.compile(r"[A-Za-z0-9_\-]{4,}")
PEOPLE = re.compile(r"^(n|n_before|n_after|n_reference|cases|cases_before|cases_after)$")
COUNTED = {"volumes.csv": "contacts", "volume_paths.csv": "observed"}  # and the paths of contacts


def identities_of(folder: CaseFolder) -> set[str]:
    """Every raw identity of the case's exports: case ids, customers, agents, authors."""
    found: set[str] = set()
    for source in folder.case.sources:
        columns = [source.options[key] for key in IDENTITIES if isinstance(source.options.get(key), str)]
        if not columns:
            continue
        for path in folder.files_of(source.id):
            table = pd.read_csv(path, dtype=str, usecols=columns)
            found |= set(table.stack().dropna())
    return {item for item in found if TOKEN.fullmatch(item)}


def named_people(published: Path, identities: set[str]) -> Iterator[str]:
    """Files that hold a raw identity."""
    for path in sorted(item for item in published.rglob("*") if item.suffix in TEXT):
        seen = set(TOKEN.findall(path.read_text("utf-8"))) & identities
        if seen:
            yield f"{path.name}: {sorted(seen)[:3]}"


def people_kept(processed: Path, identities: set[str]) -> Iterator[str]:
    """Files under data/processed that hold a raw identity, tables in parquet too."""
    yield from named_people(processed, identities)
    for path in sorted(processed.rglob("*.parquet")):
        table = pd.read_parquet(path)
        for column in table:
            seen = set(table[column].dropna().astype(str)) & identities
            if seen:
                yield f"{path.name}, {column}: {sorted(seen)[:3]}"


def few_people(published: Path, smallest: int) -> Iterator[str]:
    """Counts of people in a published table that are above nothing and below the smallest cell."""
    for path in sorted((published / "tables").glob("*.csv")):
        table = pd.read_csv(path)
        counted = "observed" if path.name.startswith("path_contacts_") else COUNTED.get(path.name)
        for column in (name for name in table.columns if PEOPLE.match(name) or name == counted):
            values = pd.to_numeric(table[column], errors="coerce")
            for row in np.flatnonzero((values > 0) & (values < smallest)):
                yield f"{path.name}, row {row + 2}, {column}: {values.iloc[row]:g}"


def given_back(published: Path, smallest: int) -> Iterator[str]:
    """Hidden counts that all cases less the published groups show, and a hidden channel that the total shows."""
    tables = published / "tables"
    if (tables / "equal_treatment.csv").is_file() and (tables / "funnel.csv").is_file():
        everyone = pd.read_csv(tables / "funnel.csv").set_index("step").loc["first_response"]
        groups = pd.read_csv(tables / "equal_treatment.csv")
        for period in ("before", "after"):
            for attribute, rows in groups[groups["period"] == period].groupby("attribute"):
                rest = everyone[f"n_{period}"] - rows["n"].sum() - rows["n_reference"].max()
                if 0 < rest < smallest:
                    yield f"equal_treatment.csv, {attribute} {period}: {rest:g} people are left over"
    if (tables / "volumes.csv").is_file() and (tables / "path_contacts_total.csv").is_file():
        volumes = pd.read_csv(tables / "volumes.csv")
        total = pd.read_csv(tables / "path_contacts_total.csv").set_index("time")["observed"]
        weeks = volumes.pivot_table(index="week", columns="channel", values="contacts", dropna=False)
        hidden = weeks.isna().sum(axis=1)
        rest = (total - weeks.sum(axis=1)).reindex(weeks.index)
        for week in weeks.index[(hidden > 0) & (rest > 0) & (rest < smallest)]:
            yield f"volumes.csv, {week}: the hidden channels had {rest[week]:g}"
        for channel in weeks:
            path = tables / f"path_contacts_{channel}.csv"
            if path.is_file():
                again = pd.read_csv(path).set_index("time")["observed"].reindex(weeks.index)
                for week in weeks.index[weeks[channel].isna() & again.notna()]:
                    yield f"{path.name}, {week}: hidden in volumes.csv and shown here"


def kept_leaks(processed: Path, case: str) -> list[str]:
    """Everything that the search finds in what a study of ``case`` keeps."""
    return list(people_kept(processed, identities_of(load_case_folder(case))))


def leaks(published: Path, case: str) -> list[str]:
    """Everything that the attack finds in a published report of ``case``."""
    folder = load_case_folder(case)
    smallest = folder.case.privacy.minimum_cell
    return [
        *named_people(published, identities_of(folder)), *few_people(published, smallest),
        *given_back(published, smallest),
    ]  # fmt: skip
