"""`exit-study detect`: what each export is, what it covers, what it leaves open, and the block for case.yaml."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from analysis.core.case import Case
from analysis.core.errors import CaseError, SourceError, StudyError
from analysis.core.kpis import KPIS, UNKNOWN, kind_of
from analysis.sources import Meaning, Note, Reading, available, meanings_of, read_files
from analysis.sources._detection import Detection, detect, unknown
from analysis.sources._recognising import TODO, Doubt, Recognition, sample_of
from analysis.sources._series import step_of

BRAND = "the brand"  # the unit of what the files do not say whose it is
UNNAMED = "channel_not_named"
ZONE = "UTC"
LONGEST_LINE = 400
MOST_LISTED = 12


@dataclass(frozen=True, slots=True)
class Export:
    """One file: the source that would read it (None when no single format claims it) and what reading gave.

    ``periods``: first and last day, once a way of reading dates that can be read in several. ``offers``: sources that
    would read a table no format claims once its author has filled in their TODOs, ``columns`` what it has.
    """

    path: Path
    source: Mapping[str, Any] | None = None
    because: str = ""
    label: str = ""
    general: bool = False
    reading: Reading | None = field(default=None, repr=False)
    periods: tuple[tuple[str, str, str], ...] = ()
    doubts: tuple[Doubt, ...] = ()
    problem: StudyError | None = None
    offers: tuple[Mapping[str, Any], ...] = ()
    columns: tuple[str, ...] = ()


def examine(path: Path) -> Export:
    """Name one file's format and read it under a case that says nothing. What is wrong is told, never raised."""
    try:
        detection = detect(sample_of(path))
    except StudyError as error:
        return Export(path, problem=error)
    if detection.format is None:
        offers = tuple({"format": name, "options": options} for name, options in detection.offers.items())
        columns = detection.sample.header if offers else ()
        return Export(path, doubts=detection.doubts, problem=unknown(detection), offers=offers, columns=columns)
    return _read(path, detection)


def _read(path: Path, detection: Detection) -> Export:
    name, answer = next(iter(detection.found.items()))
    source: dict[str, Any] = {"format": name, "channel": answer.channel, "options": dict(answer.options)}
    export = Export(
        path, source, answer.because, available()[name].LABEL, answer.general, doubts=detection.doubts
    )
    ways = next((item for item in detection.doubts if item.choices and source["options"].get(item.key) == TODO), None)
    readings: dict[str, Reading] = {}
    try:
        for choice in ways.choices if ways else ("",):
            chosen = {ways.key: choice.strip('"')} if ways else {}
            reading, source = _probed(path, source, answer, chosen)
            readings[f"{ways.key}: {choice}" if ways else ""] = reading
    except StudyError as error:
        return replace(export, source=source, problem=error)
    if source["channel"] == TODO:
        export = replace(export, doubts=(Doubt("the file does not say which channel it is about", "channel"),
                                         *export.doubts))  # fmt: skip
    periods = tuple((choice, *_period(reading)) for choice, reading in readings.items())
    return replace(export, source=source, reading=next(iter(readings.values())), periods=periods)


def _probed(
    path: Path, source: Mapping[str, Any], answer: Recognition, chosen: Mapping[str, str]
) -> tuple[Reading, dict[str, Any]]:
    """The reading, and the source with its channel marked where the file needs one named and its period."""
    try:
        return _in_period((path,), source, answer, chosen)
    except CaseError as error:
        if source["channel"] is not None or not error.where.endswith("channel"):
            raise
    return _in_period((path,), {**source, "channel": TODO}, answer, chosen)


def _in_period(
    files: tuple[Path, ...], source: Mapping[str, Any], answer: Recognition, chosen: Mapping[str, str]
) -> tuple[Reading, dict[str, Any]]:
    weekly = {**source, "period": "week"}
    try:
        reading = read_as(files, source, chosen)
    except SourceError as error:
        if not answer.regular or "period: week" not in error.cure:
            raise
        return read_as(files, weekly, chosen), weekly
    if answer.regular and "period" not in source and step_of(reading.measurements["date"]) == "week":
        return read_as(files, weekly, chosen), weekly
    return reading, dict(source)


def read_as(files: tuple[Path, ...], source: Mapping[str, Any], chosen: Mapping[str, str] | None = None) -> Reading:
    """Read files under a case that says nothing but this source. Raises CaseError and SourceError as the readers do."""
    case = _case_of(files, source, chosen)
    return read_files(files, case.sources[0], case)


def _case_of(files: Sequence[Path], source: Mapping[str, Any], chosen: Mapping[str, str] | None = None) -> Case:
    options = {key: value for key, value in source["options"].items() if value != TODO or key == "ticker"}
    channel = UNNAMED if source["channel"] == TODO else source["channel"]
    item = {**source, "id": source["format"], "label": "export", "files": [one_line(file.name) for file in files],
            "channel": channel, "options": {**options, **(chosen or {})}}  # fmt: skip
    case = _probe(item)
    if "decimal" not in (chosen or {}):
        return case
    # Tried out, a mark shows what the file covers. That it cannot begin the decimals of a count is told by `check`.
    names = {*KPIS, *available()[source["format"]].KPIS, *(options.get("metrics") or ())}
    return case.model_copy(update={"kpis": dict.fromkeys(names, "index")})


def _probe(source: Mapping[str, Any]) -> Case:
    """The least that a reader must be told."""
    return Case.model_validate(
        {
            "slug": "detect", "title": "-", "brand": BRAND, "summary": "-", "data_status": "real", "time_zone": ZONE,
            "stages": [{"id": "exit", "date": "2000-01-02", "kind": "channels_closed", "label": "-"}],
            "windows": {"first": "2000-01-01", "pre_last": "2000-01-01", "event": "2000-01-02", "last": "2000-01-02"},
            "sources": [dict(source)],
            "outcomes": [{"id": "o", "label": "-", "question": "service", "metric": "m", "unit": "-",
                          "estimand": "-", "estimator": "none"}],
        }
    )  # fmt: skip


def _period(reading: Reading) -> tuple[str, str]:
    dates = reading.measurements["date"]
    return f"{dates.min():%Y-%m-%d}", f"{dates.max():%Y-%m-%d}"


def report_of(export: Export) -> str:
    """The lines that `detect` prints of one file."""
    lines = [one_line(export.path.name)]
    if export.source is not None:
        lines.append(f"  format: {export.source['format']} ({export.label})")
        lines.append(f"  told by: {export.because}")
    if export.reading is not None:
        case = _case_of((export.path,), export.source or {})
        lines += _found(export.reading, export.periods, meanings_of(export.reading, case.sources[0], case))
    lines += [f"  note: {_note(item)}" for item in (export.reading.notes if export.reading else ())]
    lines += [f"  doubt: {item}" for item in export.doubts]
    if export.problem is not None:
        lines.append(f"  {'cannot be read yet' if export.source else 'not named'}: {export.problem.what}")
        lines += [f"    {text}" for problem in export.problem.problems for text in problem.splitlines()[:1]]
        lines.append(f"    where: {export.problem.where}")
        lines.append(f"    what to do: {export.problem.cure}")
    return "\n".join(one_line(line) for line in lines) + "\n"


def _found(
    reading: Reading, periods: Sequence[tuple[str, str, str]], meant: Mapping[str, Meaning]
) -> list[str]:
    frame = reading.measurements
    rows = len(frame[["file", "row"]].drop_duplicates()) if reading.cases is None else len(reading.cases)
    lines = [
        f"  covers: {first} to {last}" + (f", with `{choice}`" if choice else "")
        for choice, first, last in periods
    ]
    lines.append(f"  {'rows behind the measurements' if reading.cases is None else 'cases'}: {rows}")
    for name, column in (("metrics", "metric"), ("channels", "channel"), ("units", "unit")):
        found = [item for item in sorted(frame[column].unique()) if item not in (BRAND, UNNAMED, TODO)]
        found = [_with_kpi(item, meant[item]) if column == "metric" else item for item in found]
        if found:
            more = f" and {len(found) - MOST_LISTED} more" if len(found) > MOST_LISTED else ""
            lines.append(f"  {name}: {', '.join(found[:MOST_LISTED])}{more}")
    return lines


def _with_kpi(metric: str, meaning: Meaning) -> str:
    """The metric with its KPI where that has another name, and how it adds up where it does not simply."""
    kind = kind_of(meaning.kpi)
    said = [meaning.kpi] if meaning.kpi not in ("", metric, kind) else []
    said += [kind] if kind != UNKNOWN else []
    said += ["no known KPI"] if not meaning.kpi else []
    return f"{metric} ({', '.join(said)})" if said else metric


def _note(note: Note) -> str:
    return f"{note.finding} ({note.count}): {note.detail}"


def one_line(text: str, most: int = LONGEST_LINE) -> str:
    """What a hostile file may have put into a text, without line breaks and signs that a terminal obeys or hides."""
    indent = len(text) - len(text.lstrip(" "))
    plain = "".join(letter if letter.isprintable() else "?" for letter in " ".join(text.split()))
    return " " * indent + (plain if len(plain) <= most else f"{plain[:most]}…")


def failures(exports: Sequence[Export]) -> list[Export]:
    """The files that could not be named, or not be read as what they are."""
    return [item for item in exports if item.problem is not None]
