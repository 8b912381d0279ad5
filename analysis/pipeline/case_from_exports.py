"""`exit-study new CASE --from FILE…`: a case folder around a pile of exports, what only its author knows left to do."""

import os
import re
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from textwrap import fill

import pandas as pd

from analysis.core import artefacts, paths
from analysis.core.case import WEEKDAYS
from analysis.core.case_loading import parse_case
from analysis.core.errors import CaseError, StudyError
from analysis.pipeline.detect import BRAND, UNNAMED, Export, examine, one_line
from analysis.pipeline.new_case import PLACEHOLDERS, free_folder
from analysis.pipeline.source_block import Joined, block_of, sources_of, yaml_of
from analysis.sources._recognising import TODO

TAKEN = frozenset((paths.CASE_FILE, paths.TRUTH_FILE, "source.md", "plan.lock.json"))
LONGEST_NAME = 150
LONGEST_LIST = 3_000  # characters
OWNED = frozenset(("website", "app", "email", "mail", "phone", "call", "chat", "branch", "web_form", "sms"))
MARKET = "market"
# What an engagement outcome is measured by, the first that the files have; then what else may be studied, each question
# by an outcome of its own.
ENGAGEMENT = ("engagements", "interactions", "reactions", "likes", "clicks", "comments", "views", "video_views",
              "sessions", "page_views", "posts")  # fmt: skip
SERVICE, REPUTATION = ("contacts", "cases"), ("search_interest", "adjusted_close")
QUESTIONS = ((ENGAGEMENT, "engagement"), (SERVICE, "service"), (REPUTATION, "reputation"))
MOST_METRICS = 30  # named beside those that became outcomes
WEEKS_FOR_WEEKLY = 8
FOLDER_TEXT = """\
# Made from the exports beside it. What no file says stands as TODO; `{command} check {slug}` tells what is left.
slug: {slug}
# Write your own three texts: `check` minds those of the template.
{texts}data_status: real            # real, simulated or mixed; the report's banner says so
time_zone: TODO              # TODO: in which days are counted, like Europe/Rome
frequency: {frequency}
week_starts: {week_starts}

stages:                      # TODO: what the brand did and when, in order of time; which channels it closed
  - {{id: exit, date: TODO, kind: channels_closed, label: Channel closed, channels: [TODO]}}

# {covered}
# TODO: pre_last and event, the last {period} before the exit and the first after it; what lies between is left out.
windows: {{first: {first}, pre_last: TODO, event: TODO, last: {last}}}
{channels}
{sources}
outcomes:                    # one for each question that the files can answer, as a total over channels
{outcomes}{others}  # A total falls with the channel that closes. For what people did on one that stays, copy an outcome
  # and name that channel alone under `channels:`.
"""
SOURCE_TEXT = """\
# {slug}: origin and rights of the data

TODO: for each file, who exported it, from where, when and under which rights. The files are kept as received.

| file | received as | sha256 |
|---|---|---|
{rows}"""


@dataclass(frozen=True, slots=True)
class Made:
    """The new folder, the exports in it and the sentences that say what is still missing."""

    folder: Path
    exports: tuple[Export, ...]
    missing: tuple[str, ...]


def make_case_from(name: str, files: Sequence[Path], into: Path | None = None) -> Made:
    """Copy the files into a new folder and write its case.yaml as far as the files say.

    The folder appears whole or not at all. Raises CaseError for a name that is taken, and StudyError when none of the
    files is of a known format.
    """
    folder = free_folder(name, into)
    exports = tuple(examine(path) for path in dict.fromkeys(files))
    if not any(item.source for item in exports):
        told = [f"{item.problem.what} ({one_line(item.path.name)})" for item in exports if item.problem]
        raise StudyError(
            "none of the files is of a known format: nothing was made", where=name,
            cure=f"see what `{paths.COMMAND} detect FILE` says of each", problems=[one_line(text) for text in told],
        )
    kept = [item for item in exports if item.path.is_file()]
    names = safe_names([item.path for item in kept])
    joined, apart = sources_of(kept, names)
    text = _case_text(name, joined, kept, names)
    folder.parent.mkdir(parents=True, exist_ok=True)
    part = Path(mkdtemp(prefix=f".{name}-", dir=folder.parent))
    try:
        for path, own in names.items():
            shutil.copyfile(path, part / own)
        artefacts.write_text(part / paths.CASE_FILE, text)
        artefacts.write_text(part / "SOURCE.md", _origin(name, part, names))
        part.chmod(0o755)
        os.rename(part, free_folder(name, into))
    except BaseException as error:
        shutil.rmtree(part, ignore_errors=True)
        if isinstance(error, OSError):
            raise CaseError(
                f"the folder cannot be made ({error.strerror})", where=name, cure="see that there is room and leave"
            ) from error
        raise
    return Made(folder, exports, tuple(_missing(name, text, exports, apart)))


def safe_names(files: Iterable[Path]) -> dict[Path, str]:
    """A name of its own for each file inside the folder: no path, no pattern, none of the case's own files."""
    taken: set[str] = set(TAKEN)
    names: dict[Path, str] = {}
    for path in files:
        plain = re.sub(r"[^\w .,()&+@%=-]", "_", path.name).lstrip(". ") or "export"
        stem, dot, ending = plain.partition(".")
        candidate, number = plain, 2
        if len(plain) > LONGEST_NAME:
            stem, ending = stem[: LONGEST_NAME // 2], ending[-LONGEST_NAME // 4 :]
            candidate = f"{stem}{dot}{ending}"
        while candidate.casefold() in taken:
            candidate, number = f"{stem}-{number}{dot}{ending}", number + 1
        taken.add(candidate.casefold())
        names[path] = candidate
    return names


def _case_text(
    name: str, joined: Sequence[Joined], exports: Sequence[Export], names: dict[Path, str]
) -> str:
    frame = _measured(joined)
    own = frame[frame["unit"] == BRAND]  # the outcome and its window are the brand's, not a competitor's
    own = frame if own.empty else own
    found = _outcomes_of(own)
    chosen = own[own["metric"] == next(iter(found))]
    frequency, starts = _frequency(joined, chosen)
    first, last = _window(chosen["date"], frequency, starts)
    units = sorted(set(frame["unit"]) - {BRAND, TODO})
    alone = len(units) == 1 and BRAND not in set(frame["unit"])  # every file is about one brand, and names it
    texts = dict(PLACEHOLDERS) | ({"brand": units[0]} if alone else {})
    covered = f"The files give {_covered(own, found)}."
    if frame.empty:
        covered = "No file could be read yet: first and last are the first and last days that the study compares."
    said = [item.source.get("channel") for item in joined]
    said += [name for item in joined for name in item.source.get("options", {}).get("channel_map", {}).values()]
    channels = sorted({*frame["channel"], *said} - {UNNAMED, MARKET, TODO, None})
    return FOLDER_TEXT.format(
        command=paths.COMMAND, slug=name, frequency=frequency, week_starts=starts, covered=covered, first=first,
        last=last, period=frequency.replace("_", " "), texts=_texts(texts, [] if alone else units),
        channels=_channels(channels), sources=block_of(joined, exports, names),
        outcomes="".join(_outcome(metric, question, _channels_of(own, metric)) for metric, question in found.items()),
        others=_others(own, found),
    )


def _measured(joined: Sequence[Joined]) -> pd.DataFrame:
    """Everything that could be read, columns date, unit, channel, metric, format."""
    frames = [
        export.reading.measurements[["date", "unit", "channel", "metric"]]
        for item in joined for export in item.exports if export.reading is not None
    ]  # fmt: skip
    empty = pd.DataFrame({"date": pd.Series(dtype="datetime64[ns]"), "unit": [], "channel": [], "metric": []})
    return pd.concat(frames, ignore_index=True) if frames else empty


def _outcomes_of(frame: pd.DataFrame) -> dict[str, str]:
    """Metric and question of each outcome: for every question the first metric that the files have."""
    there = list(dict.fromkeys(frame["metric"]))
    found = {}
    for names, question in QUESTIONS:
        if metric := next((name for name in names if name in there), None):
            found[metric] = question
    return found or {(there[0] if there else "engagements"): "engagement"}


def _channels_of(frame: pd.DataFrame, metric: str) -> list[str]:
    return sorted(set(frame.loc[frame["metric"] == metric, "channel"]) - {UNNAMED, MARKET})


def _covered(frame: pd.DataFrame, metrics: Iterable[str]) -> str:
    """From when to when the files have each metric; those of one period together."""
    periods: dict[str, list[str]] = {}
    for metric in metrics:
        dates = frame.loc[frame["metric"] == metric, "date"]
        if not dates.empty:
            periods.setdefault(f"from {dates.min():%Y-%m-%d} to {dates.max():%Y-%m-%d}", []).append(metric)
    return "; ".join(f"{', '.join(names)} {period}" for period, names in periods.items())


def _others(frame: pd.DataFrame, taken: Iterable[str]) -> str:
    """What else the files measure, and on which channels: as many outcomes as its author asks questions of."""
    left = [name for name in dict.fromkeys(frame["metric"]) if name not in set(taken)]
    if not left:
        return ""
    named = [f"{name} ({', '.join(_channels_of(frame, name)) or 'no channel named'})" for name in left[:MOST_METRICS]]
    more = [f"and {len(left) - MOST_METRICS} more, as `detect` lists them"] if len(left) > MOST_METRICS else []
    words = one_line("; ".join([*named, *more]), most=LONGEST_LIST)
    shown = fill(f"Also in the files: {words}.", width=110, initial_indent="  # ", subsequent_indent="  # ")
    how = "For one of these too, copy an outcome and change its id, label, metric, channels, unit and estimand."
    return f"{shown}\n  # {how}\n"


def _frequency(joined: Sequence[Joined], chosen: pd.DataFrame) -> tuple[str, str]:
    if set(chosen["channel"]) == {MARKET}:
        return "trading_day", "monday"
    weekly = {item.source.get("period") for item in joined} == {"week"}
    if weekly and not chosen.empty:
        return "week", WEEKDAYS[int(chosen["date"].dt.day_of_week.mode().iloc[0])]
    span = (chosen["date"].max() - chosen["date"].min()).days if not chosen.empty else 0
    return ("day" if 0 < span < 7 * WEEKS_FOR_WEEKLY else "week"), "monday"


def _window(dates: pd.Series, frequency: str, starts: str) -> tuple[str, str]:
    """First and last day, in weekly studies the first days of the first and the last whole week."""
    if dates.empty:
        return TODO, TODO
    first, last = dates.min(), dates.max()
    if frequency == "week":
        begins = WEEKDAYS.index(starts)
        weekly = bool((dates.dt.day_of_week == begins).all())
        first += pd.Timedelta(days=(begins - first.day_of_week) % 7)
        last -= pd.Timedelta(days=0 if weekly else (last.day_of_week - begins + 1) % 7 + 6)
    return f"{first:%Y-%m-%d}", f"{last:%Y-%m-%d}"


def _texts(texts: dict[str, str], units: Sequence[str]) -> str:
    lines = yaml_of(texts)
    if units:
        shown = one_line(", ".join(units[:20]))
        lines += f"# TODO: brand may be one of these units of the files, the others may be competitors: {shown}\n"
    return lines


def _channels(found: Iterable[str]) -> str:
    lines = []
    for name in found:
        owned = name in OWNED
        item = f"id: {name}, label: {name.replace('_', ' ').capitalize()}, role: {'owned' if owned else TODO}"
        lines.append(f"  - {{{item}}}" + ("" if owned else "   # TODO: retained, or exited and `closed: DATE`"))
    return "\nchannels:\n" + "\n".join(lines) + "\n" if lines else ""


def _outcome(metric: str, question: str, channels: Sequence[str]) -> str:
    """The total over every channel that has the metric; the author adds one for each channel that stays."""
    words = metric.replace("_", " ")
    outcome = {
        "id": f"{metric[:34]}_total", "label": f"Total {words}", "question": question, "role": "primary",
        "metric": metric, **({"channels": list(channels)} if channels else {}), "unit": words,
        "estimand": f"average change in {words} over all channels", "estimator": "default",
        "scale": "log_return" if metric == "adjusted_close" else "log",
    }  # fmt: skip
    lines = [f"  {line}" for line in yaml_of([outcome]).splitlines()]
    lines.append("    # smallest_effect: 0.10   # TODO: the smallest change that matters, declared before looking")
    return "\n".join(lines) + "\n"


def _origin(name: str, part: Path, names: dict[Path, str]) -> str:
    rows = [
        f"| {own} | {one_line(path.name).replace('|', chr(92) + '|')} | {artefacts.sha256_file(part / own)} |"
        for path, own in names.items()
    ]
    return SOURCE_TEXT.format(slug=name, rows="\n".join(rows) + "\n")


def _missing(name: str, text: str, exports: Sequence[Export], apart: Sequence[str]) -> list[str]:
    """What `check` will ask for, then what the files themselves leave open."""
    told: list[str] = []
    try:
        parse_case(text.encode(), where=f"{name}/{paths.CASE_FILE}")
    except CaseError as error:
        told += error.problems or [error.what]
    told += [f"{key}: the template's text" for key, words in PLACEHOLDERS.items() if words in text]
    for item in exports:
        shown = item.path.name
        if item.problem is not None:
            told.append(f"{shown}: {item.problem.what}. {item.problem.cure}")
        told += [f"{shown}: {doubt}" for doubt in item.doubts]
    return [one_line(line) for line in (*told, *apart)]
