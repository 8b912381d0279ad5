"""The tables of a Google Analytics 4 export: each under lines that begin with # and say its period in any language."""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pandas as pd

from analysis.core.errors import SourceError
from analysis.sources._dates import days
from analysis.sources._headers import with_spelling
from analysis.sources._reading import Note
from analysis.sources._sheet import Sheet, sheet_of
from analysis.sources._windows import ONE_DAY

MARK = "#"
BOUND = re.compile(r"# (?:(?:Start|End) date: (.*)|[^:：]+[:：] ?(\d{8}))\s*")  # the labels are of the interface
SPAN = re.compile(r"# (\d{8}) ?[-–] ?(\d{8})\s*")  # explorations: both days in one line
NTH = re.compile(r"\d{4}")
DATED = re.compile(r"\d{8}")
NTH_DAY = re.compile(r"nth day|día n|dia n|giorno n|tag n|jour n|n日目|n 日目|n-й день", re.I)

# The names of the interface in Spanish, Italian, German, French, Portuguese and Japanese.
WORDS = {
    other: own
    for own, others in {
        "Date": ("Fecha", "Data", "Datum", "日付"),
        "Sessions": ("Sesiones", "Sessioni", "Sitzungen", "Sessões", "セッション"),
        "Engaged sessions": (
            "Sesiones con interacción", "Sessioni con coinvolgimento", "Sitzungen mit Interaktionen",
            "Sessions avec engagement", "Sessões engajadas", "エンゲージのあったセッション数",
        ),
        "Views": ("Vistas", "Visualizzazioni", "Aufrufe", "Vues", "Visualizações", "表示回数"),
        "Event count": (
            "Número de eventos", "Conteggio eventi", "Ereignisanzahl", "Nombre d'événements", "Contagem de eventos",
            "イベント数",
        ),
        "Key events": (
            "Eventos clave", "Eventi chiave", "Schlüsselereignisse", "Wichtige Ereignisse", "Événements clés",
            "Eventos principais", "キーイベント",
        ),
        "Conversions": ("Conversiones", "Conversioni", "Conversões", "コンバージョン"),
        "New users": (
            "Usuarios nuevos", "Nuovi utenti", "Neue Nutzer", "Nouveaux utilisateurs", "Novos usuários",
            "新規ユーザー数",
        ),
    }.items()
    for other in others
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Block:
    """One table: its ``period`` (first and last day), what stands above it, its rows from line ``begins`` on."""

    period: tuple[pd.Timestamp, pd.Timestamp]
    said: tuple[str, ...]
    begins: int
    text: str = field(repr=False)

    @property
    def heading(self) -> str:
        """The table's first row."""
        return next((line.strip() for line in self.text.split("\n") if line.strip()), "")

    @property
    def filled(self) -> bool:
        """Whether a row stands below the header."""
        return sum(bool(line.strip()) for line in self.text.split("\n")) > 1


def bounds_of(lines: Sequence[str]) -> tuple[str, str] | None:
    """First and last day as written in lines that begin with #; None where they do not say both."""
    span = next((found for line in lines if (found := SPAN.fullmatch(line))), None)
    if span:
        return span[1], span[2]
    found = [match[1] or match[2] for line in lines if (match := BOUND.fullmatch(line))]
    return (found[0], found[1]) if len(found) == 2 else None


def blocks_of(file: str, text: str) -> list[Block]:
    """The tables, top to bottom. Raises SourceError for a file that does not begin with the lines of a report.

    Lines that begin with # and name no period belong to the table around them: a page's title may be such.
    """
    lines = [line.rstrip("\r") for line in text.split("\n")]
    found: list[Block] = []
    at = 0
    while at < len(lines):
        after = next((n for n in range(at, len(lines)) if not lines[n].startswith(MARK)), len(lines))
        bounds = bounds_of(lines[at:after])
        if bounds is None:
            raise SourceError(
                "the lines that name the property and the period are missing: this is not a report as exported",
                where=f"{file}, rows {at + 1} to {max(after, at + 1)}",
                cure="export the report as CSV and keep its first nine lines",
            )
        end = after
        while end < len(lines) and not (lines[end].startswith(MARK) and bounds_of(_marked(lines, end))):
            if lines[end].startswith(MARK) and not lines[end - 1].strip():
                raise SourceError(
                    "a second table begins, and nothing says which period it is of",
                    where=f"{file}, row {end + 1}", cure="use the export as received",
                )
            end += 1
        places = [n + 1 for n in range(at, after) if BOUND.fullmatch(lines[n]) or SPAN.fullmatch(lines[n])]
        first, last = days(bounds, [places[0], places[-1]], file, "start and end date", "%Y%m%d")
        said = tuple(line.strip(f"{MARK} ") for line in lines[at:after])
        table = "\n".join(text.split("\n")[after:end]) + ("\n" if end < len(lines) else "")
        found.append(Block((first, last), said, after + 1, table))
        at = end
    return found


def _marked(lines: Sequence[str], at: int) -> Sequence[str]:
    return lines[at : next((n for n in range(at, len(lines)) if not lines[n].startswith(MARK)), len(lines))]


def sheet_of_block(file: str, block: Block) -> Sheet:
    """The block's table, headed in English, without a row of grand totals. Raises SourceError as `sheet_of`."""
    lines = block.text.split("\n")
    kept = [line for number, line in enumerate(lines) if not _is_total(lines, number)]
    sheet = with_spelling(sheet_of(file, "\n".join(kept), begins=block.begins), WORDS)
    if len(kept) == len(lines):
        return sheet
    total = next(number for number in range(len(lines)) if _is_total(lines, number)) + block.begins
    below = tuple(line + 1 if line >= total else line for line in sheet.lines)
    return replace(sheet, lines=below, notes=(*sheet.notes, Note(file, "a row of totals", 1, f"row {total}: left out")))


def _is_total(lines: Sequence[str], number: int) -> bool:
    """Explorations: a row without a date and with one cell more than the header, the word for the grand total."""
    if not lines[number].startswith(","):
        return False
    cells = next(csv.reader([lines[number].rstrip("\r")]))
    header = next((csv_row for csv_row in csv.reader([line for line in lines if line.strip()][:1])), [])
    return len(cells) == len(header) + 1 and bool(re.fullmatch(r"[^\d]+", cells[-1].strip()))


def dates_of(sheet: Sheet, block: Block, date_format: str) -> pd.Series | None:
    """The day of each row: a date, or which day of the period it is, from 0 on. None for a table that is not by day."""
    first, last = block.period
    if "Date" in sheet.header and not _words(sheet.column("Date")):
        return days(sheet.column("Date"), sheet.lines, sheet.file, "Date", date_format)
    cells = [cell.strip() for cell in sheet.cells(0)]
    if all(DATED.fullmatch(cell) for cell in cells):
        return days(cells, sheet.lines, sheet.file, sheet.header[0], "%Y%m%d")
    if not all(NTH.fullmatch(cell) for cell in cells):
        return None
    whole = {int(cell) for cell in cells} == set(range(int((last - first) / ONE_DAY) + 1))
    if not whole and not NTH_DAY.fullmatch(sheet.header[0]):
        return None  # weeks or months of the period
    return pd.Series([first + int(cell) * ONE_DAY for cell in cells])


def _words(cells: Sequence[str]) -> bool:
    """Weeks of a cohort, as "Feb 14 - Feb 20"."""
    return any(" - " in cell for cell in cells)
