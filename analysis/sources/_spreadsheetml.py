"""SpreadsheetML 2003, the XML that some exports call .xls: read with entities forbidden and within limits."""

import io
import re
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from analysis.core.errors import SourceError
from analysis.sources._reading import Note
from analysis.sources._xml_parts import DEEPEST, declares, too_deep

NAMESPACE = "{urn:schemas-microsoft-com:office:spreadsheet}"
LARGEST_GRID = 10_000_000  # cells of one sheet, blank ones before the last filled one included
MOST_ROWS, MOST_COLUMNS = 1_048_576, 16_384
UTF8_MARK = b"\xef\xbb\xbf"
REPLACEMENT = "\ufffd"
BLANK = b" \t\r\n"
DECLARATION = re.compile(r"""<\?xml[^>]*?\?>""")
DECLARED = re.compile(r"""encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")

Rows = list[tuple[int, list[str]]]


def is_spreadsheetml(content: bytes) -> bool:
    """Blanks before the declaration, which XML forbids and some exports write, are allowed for."""
    start = content[:400].removeprefix(UTF8_MARK).lstrip(BLANK)
    return start.startswith((b"<?xml", b"<Workbook", b"<ss:Workbook"))


def rows_of_sheets(content: bytes, file: str) -> tuple[list[tuple[str, Rows]], tuple[Note, ...]]:
    """Each sheet's name and its rows, (row, cells as text), in order.

    A byte that is not valid UTF-8 is shown as a replacement mark and told in a note. Raises SourceError for XML that
    is cut, malformed or declares entities, that is no workbook, and for a sheet of more than LARGEST_GRID cells.
    """
    text, notes = _decoded(content, file)
    sheets: list[tuple[str, Rows]] = []
    cells = depth = 0
    try:
        for event, element in iterparse(io.BytesIO(text.encode()), events=("start", "end"), forbid_dtd=True):
            tag = element.tag.removeprefix(NAMESPACE)
            depth += 1 if event == "start" else -1
            if depth > DEEPEST:
                raise too_deep(file)
            if event == "start" and tag == "Worksheet":
                sheets.append((element.get(f"{NAMESPACE}Name", f"Sheet{len(sheets) + 1}"), []))
                cells = 0
            elif event == "end" and tag == "Row" and sheets:
                name, rows = sheets[-1]
                line, row = _row(element, rows[-1][0] if rows else 0, f'{file}, sheet "{name}"')
                rows.append((line, row))
                cells += len(row)
                if cells > LARGEST_GRID:
                    raise too_many_cells(file, name)
                element.clear()
    except DefusedXmlException as error:
        raise declares(file, type(error).__name__) from error
    except ParseError as error:
        raise SourceError(
            "the XML is cut short or malformed", where=f"{file}, line {error.position[0]}", cure="export it again"
        ) from error
    if not sheets:
        raise SourceError(
            "the file is XML, but no SpreadsheetML workbook", where=file,
            cure="export it again, or name another file; a log in XES is read once it is written as CSV, by "
            "event_log_csv",
        )
    return sheets, notes


def too_many_cells(file: str, sheet: str) -> SourceError:
    """The refusal of a sheet that would fill the memory."""
    return SourceError(
        f"the sheet is too large to be an export: more than {LARGEST_GRID:,} cells, {MOST_ROWS:,} rows or "
        f"{MOST_COLUMNS:,} columns",
        where=f'{file}, sheet "{sheet}"',
        cure="export shorter periods, or check what the file holds",
    )


def _row(element: Element, before: int, place: str) -> tuple[int, list[str]]:
    line = _index(element, before, MOST_ROWS, f"{place}, row {before + 1}")
    cells: list[str] = []
    for cell in element.iter(f"{NAMESPACE}Cell"):
        column = _index(cell, len(cells), MOST_COLUMNS, f"{place}, row {line}")
        cells += [""] * (column - 1 - len(cells))
        data = cell.find(f"{NAMESPACE}Data")
        cells.append("" if data is None else "".join(data.itertext()))
        merged = cell.get(f"{NAMESPACE}MergeAcross", "0")[:6]
        cells += [""] * min(int(merged) if merged.isdecimal() else 0, MOST_COLUMNS - len(cells))
    return line, cells


def _index(element: Element, before: int, most: int, where: str) -> int:
    """Rows and cells may say where they stand, so that blank ones need not be written."""
    given = element.get(f"{NAMESPACE}Index", str(before + 1))
    if given.isdecimal() and len(given) < 9 and before < int(given) <= most:
        return int(given)
    raise SourceError(
        f'a row or cell is said to stand at "{given[:20]}", after {before} and of at most {most:,}',
        where=where,
        cure="export it again",
    )


def _decoded(content: bytes, file: str) -> tuple[str, tuple[Note, ...]]:
    content = content.removeprefix(UTF8_MARK).lstrip(BLANK)
    head = DECLARATION.match(content[:400].decode("latin-1"))
    declared = DECLARED.search(head.group()) if head else None
    encoding = declared.group(1).lower() if declared else "utf-8"
    try:
        text = content.decode(encoding, "strict" if encoding != "utf-8" else "replace")
    except (LookupError, UnicodeError) as error:
        raise SourceError(
            f"the file is not {encoding}, as its first line says", where=file, cure="export it again"
        ) from error
    text = DECLARATION.sub("", text, count=1)
    if encoding != "utf-8":
        return text, ()
    return text, _broken(content, text, file)


def _broken(content: bytes, text: str, file: str) -> tuple[Note, ...]:
    count = text.count(REPLACEMENT) - content.count(REPLACEMENT.encode())
    if not count:
        return ()
    try:
        content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
    detail = f"first on line {line}: shown as {REPLACEMENT}; a number with one would be refused"
    return (Note(file, "broken letters", count, detail),)
