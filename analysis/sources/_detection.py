"""Which format a file is of: every reader is asked, one answer is a name, several are a doubt, none is said so."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import ModuleType
from typing import Any

from analysis.core.errors import SourceError
from analysis.sources import available
from analysis.sources._doubts import doubts_of_table
from analysis.sources._recognising import TODO, Doubt, Recognition, Sample

MOST_SHOWN = 8
MOST_NEAR = 3
SINGLE_BYTE = ("cp1252", "iso8859-1")
WIDE = ("utf-16", "utf-32")
DESCRIBE = "; the block holds each of them, to be filled in"
BLANK, JSON = "\ufeff \t\r\n", ("{", "[")
# What each format that takes any table has to be told, where the table itself says nothing of it.
ASKED = {"measurements_csv": ("date", "metrics"), "service_cases_csv": ("id", "opened"),
         "event_log_csv": ("id", "event", "time")}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Detection:
    """``found``: the formats that claim the file, by name; ``near``: those that come near, and how; ``offers``: options
    under which a format that takes any table would read it, TODO for what only its author knows."""

    sample: Sample
    found: Mapping[str, Recognition] = field(default_factory=dict)
    near: Mapping[str, str] = field(default_factory=dict)
    doubts: tuple[Doubt, ...] = ()
    offers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def format(self) -> str | None:
        """The one format that claims the file."""
        return next(iter(self.found)) if len(self.found) == 1 else None


def readers_that_recognise() -> dict[str, ModuleType]:
    """The readers that declare ``recognise(sample)``."""
    return {name: module for name, module in available().items() if hasattr(module, "recognise")}


def detect(sample: Sample) -> Detection:
    """Ask every reader. A platform's own format counts before the general ones that read whatever a case maps."""
    said = {name: module.recognise(sample) for name, module in readers_that_recognise().items()}
    answers = {name: answer for name, answer in said.items() if answer is not None}
    claims = {name: answer for name, answer in answers.items() if not answer.missing}
    own = {name: answer for name, answer in claims.items() if not answer.general} or claims
    near = {name: f"once `{'`, `'.join(item.missing)}` are mapped" for name, item in answers.items() if item.missing}
    if not own:
        near |= _alike(sample)
    if len(own) != 1:
        return Detection(sample, own, near, _undecided(own), {} if own else _offers(sample, answers))
    [(name, answer)] = own.items()
    reader = available()[name]
    proved, doubts = doubts_of_table(sample, answer)
    options, more = _written(sample, reader)
    answer = replace(answer, options={**answer.options, **options, **proved})
    return Detection(sample, {name: answer}, near, (*answer.doubts, *more, *doubts))


def _offers(sample: Sample, answers: Mapping[str, Recognition]) -> dict[str, dict[str, Any]]:
    """What a table's author would fill in: under each general format what the table does say of it, what is asked else.
    """
    if len(sample.header) < 2 or sample.head.lstrip(BLANK).startswith(JSON):
        return {}
    offers = {}
    for name, reader in readers_that_recognise().items():
        answer = answers.get(name)
        if answer is not None and answer.general:
            options, _ = doubts_of_table(sample, answer)
            offers[name] = {**answer.options, **options, **_written(sample, reader)[0]}
    return offers or {name: dict.fromkeys(keys, TODO) for name, keys in ASKED.items()}


def _alike(sample: Sample) -> dict[str, str]:
    """Formats of which the file has some columns and not those that tell them, the most alike first."""
    header = {*sample.header, *(cell for rows in sample.sheets.values() for row in rows[:3] for cell in row)} - {""}
    found = []
    for name, module in readers_that_recognise().items():
        tables = [item for item in vars(module).values() if isinstance(item, dict)]
        known = {text for table in tables for text in table.values() if isinstance(text, str)}
        if len(shared := known & header) > 1:
            found.append((-len(shared), name, f"{len(shared)} of its columns are there"))
    return {name: how for _, name, how in sorted(found)[:MOST_NEAR]}


def _undecided(claims: Mapping[str, Recognition]) -> tuple[Doubt, ...]:
    if not claims:
        return ()
    return (Doubt(f"{len(claims)} formats fit: {', '.join(claims)}", "format", tuple(claims)),)


def _written(sample: Sample, reader: ModuleType) -> tuple[dict[str, str], list[Doubt]]:
    """Encoding and delimiter, where they are not what the reader takes without being told."""
    fields, options, doubts = reader.Options.model_fields, {}, []
    if sample.encoding and "encoding" in fields:
        default = fields["encoding"].default
        wide = default.startswith(WIDE)
        believed = sample.encoding in ("ascii", "utf-8-sig") and not wide
        if not believed and sample.encoding != default:
            options["encoding"] = sample.encoding.removesuffix("-sig").replace("ascii", "utf-8")
            if sample.encoding in SINGLE_BYTE:
                about = "the file is not UTF-8, and nothing in it says which single-byte encoding it is"
                doubts.append(Doubt(f"{about}; {sample.encoding} is taken", "encoding", SINGLE_BYTE))
    if "delimiter" in fields and sample.records and sample.delimiter != fields["delimiter"].default:
        options["delimiter"] = sample.delimiter
    return options, doubts


def unknown(detection: Detection) -> SourceError:
    """What is said of a file that no reader, or more than one, claims."""
    sample = detection.sample
    if detection.found:
        told = "; ".join(f"{name}: {answer.because}" for name, answer in detection.found.items())
        return SourceError(
            f"{len(detection.found)} formats fit this file ({told})", where=sample.file,
            cure=f"write a source with `format:` {' or '.join(detection.found)} into case.yaml",
        )
    near = "; ".join(f"{name} ({how})" for name, how in detection.near.items())
    if sample.head.lstrip(BLANK).startswith(JSON) and not sample.log and not near:
        return SourceError(
            "no format is like this file: it is one JSON document", where=sample.file,
            cure="write its records as JSON lines, one object a line in a file that ends in .jsonl, which large_log "
            "reads; or export them as CSV",
        )
    if sample.flaw is not None:
        what, line = sample.flaw
        return SourceError(
            f"no format is like this file. {what}", where=f"{sample.file}, row {line}",
            cure="check what stands there and take it out, or export the file again",
        )
    if not near and detection.offers:
        near = ", ".join(f"{name} ({', '.join(options)})" for name, options in detection.offers.items())
    written, again = DESCRIBE if detection.offers else "", "export it again as CSV or as the platform's own workbook"
    if sample.sheets:
        again = f"save the sheet that is meant as CSV: {', '.join(ASKED)} read one as you map it"
    return SourceError(
        f"no format is like this file. {_seen(sample)}", where=sample.file,
        cure=f"the nearest: {near}{written}" if near else again,
    )


def _seen(sample: Sample) -> str:
    if sample.sheets:
        names = list(sample.sheets)[:MOST_SHOWN]
        return f"Its sheets: {', '.join(_short(name) for name in names)}"
    if not sample.encoding:
        return "It is neither text nor a workbook"
    if not sample.header:
        return "It is empty"
    shown = ", ".join(_short(name) for name in sample.header[:MOST_SHOWN])
    more = len(sample.header) - MOST_SHOWN
    return f"Its first row: {shown}" + (f" and {more} more" if more > 0 else "")


def _short(cell: str) -> str:
    return f'"{cell if len(cell) <= 40 else cell[:40] + "…"}"'
