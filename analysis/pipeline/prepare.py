"""Notebook 01: exports in, one tidy table of measurements out, and what was found on the way."""

from contextlib import suppress
from functools import partial
from pathlib import Path

import pandas as pd

from analysis.core.artefacts import sha256_file
from analysis.core.errors import StudyError
from analysis.core.redefinitions import table_of
from analysis.core.tasks import map_tasks
from analysis.pipeline.claims import claims_table
from analysis.pipeline.journey_table import journeys_of
from analysis.pipeline.meanings import meaning_notes, vocabulary_of
from analysis.pipeline.quasi_identifiers import without_small_groups
from analysis.pipeline.study import Study
from analysis.sources import Meaning, Reading, meanings_of, personal_of, read_source

CASES = "cases"  # of a desk's log, often a sample: a day without one is no gap
PACKED = (".gz", ".xlsx", ".zip", ".parquet")
LARGE = 100_000_000  # bytes of all exports together
KEYS = ["unit", "channel", "metric", "date"]


def prepare(study: Study) -> pd.DataFrame:
    """Read every source, write measurements, their vocabulary and redefinitions, what was read of persons, sources and
    data quality; returns the sources table."""
    readings = _readings(study)
    meant = {source.id: meanings_of(readings[source.id], source, study.case) for source in study.case.sources}
    frames = [
        reading.measurements.assign(
            source=source.id,
            period=source.period,
            time_zone=source.time_zone or study.case.time_zone,
            kpi=[meant[source.id][metric].kpi for metric in reading.measurements["metric"]],
        )
        for source in study.case.sources
        if len((reading := readings[source.id]).measurements)
    ]
    measurements = pd.concat(frames, ignore_index=True).sort_values(KEYS, kind="stable", ignore_index=True)
    study.store.write_case(study.case)
    study.store.write_table("claims", claims_table(study.case.model_dump(mode="json")))
    study.store.write_measurements(measurements)
    if study.case.care is not None:
        journeys, became = without_small_groups(study.case, journeys_of(study, readings[study.case.care.source]))
        study.store.write_journeys(journeys)
        study.store.write_table("quasi_identifiers", became)
    study.store.write_table("personal_data", _personal(study))
    study.store.write_table("vocabulary", vocabulary_of(study.case, meant, measurements))
    study.store.write_table("redefinitions", table_of(study.case, measurements))
    study.store.write_table("data_quality", _quality(study, readings, meant, measurements))
    return study.store.write_table("sources", _sources(study, readings))


def _readings(study: Study) -> dict[str, Reading]:
    """Every source's reading. Small ones side by side; of logs larger than memory one takes all there is to take."""
    names = [source.id for source in study.case.sources]
    try:
        sizes = {name: sum(map(_unpacked, study.folder.files_of(name))) for name in names}
    except StudyError:
        sizes = dict.fromkeys(names, LARGE)  # the source whose file is not there says so in its turn
    if study.jobs == 1 or sum(sizes.values()) >= LARGE:
        return {name: read_source(study.folder, name) for name in names}
    longest_first = sorted(names, key=sizes.__getitem__, reverse=True)
    with suppress(Exception):
        read = map_tasks(partial(read_source, study.folder), longest_first, jobs=study.jobs, forked=True)
        found = dict(zip(longest_first, read, strict=True))
        return {name: found[name] for name in names}
    # One cannot be read: as one after the other tells it, the first in the case's order, and from where it arose.
    return {name: read_source(study.folder, name) for name in names}


def _unpacked(path: Path) -> int:
    """Bytes of an export, about, once it is no longer compressed."""
    return path.stat().st_size * (10 if path.suffix.lower() in PACKED else 1)


def _personal(study: Study) -> pd.DataFrame:
    """One row a column that tells of persons: source, label, format, column, holds, fate."""
    rows = [
        {"source": source.id, "label": source.label, "format": source.format, **told}
        for source in study.case.sources
        for told in personal_of(source)
    ]
    return pd.DataFrame(rows, columns=["source", "label", "format", "column", "holds", "fate"])


def _sources(study: Study, readings: dict[str, Reading]) -> pd.DataFrame:
    rows = []
    for source in study.case.sources:
        frame = readings[source.id].measurements
        for path in study.folder.files_of(source.id):
            part = frame[frame["file"] == path.name]
            rows.append(
                {
                    "source": source.id,
                    "label": source.label,
                    "format": source.format,
                    "file": path.name,
                    "sha256": sha256_file(path),
                    "rows": part["row"].nunique(),
                    "first": part["date"].min() if len(part) else None,
                    "last": part["date"].max() if len(part) else None,
                }
            )
    return pd.DataFrame(rows)


def _quality(
    study: Study, readings: dict[str, Reading], meant: dict[str, dict[str, Meaning]], measurements: pd.DataFrame
) -> pd.DataFrame:
    rows = [
        {"source": name, "file": note.file, "finding": note.finding, "count": note.count, "detail": note.detail}
        for name, reading in readings.items()
        for note in reading.notes
    ]
    counted = measurements[measurements["metric"] != CASES]
    for (source, period), part in counted.groupby(["source", "period"], sort=True):
        missing = _missing_periods(part, 7 if period == "week" else 1)
        traded = next(item.format for item in study.case.sources if item.id == source).startswith("prices")
        if missing and not traded:
            rows.append(
                {
                    "source": source,
                    "file": "",
                    "finding": f"{period}s without a row between first and last",
                    "count": missing,
                    "detail": "a missing row is not read as zero unless the case says so",
                }
            )
    rows += meaning_notes(study.case, meant, measurements)
    return pd.DataFrame(rows, columns=["source", "file", "finding", "count", "detail"])


def _missing_periods(part: pd.DataFrame, days: int) -> int:
    span = part.groupby(["unit", "channel", "metric"])["date"].agg(["min", "max", "nunique"])
    expected = (span["max"] - span["min"]).dt.days // days + 1
    return int((expected - span["nunique"]).clip(lower=0).sum())
