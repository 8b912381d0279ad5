"""Small workbooks for the tests of readers: SpreadsheetML 2003, .xlsx and .xls (BIFF8 in its compound file)."""

import io
import struct
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from xml.sax.saxutils import escape

import openpyxl

Sheets = Mapping[str, Sequence[Sequence[object]]]
SECTOR = 512


def spreadsheetml(sheets: Sheets, *, before: str = "  ") -> bytes:
    """Blank cells and rows are left out and the next one says where it stands, as the exports do."""
    parts = [f'{before}<?xml version="1.0"?>\n<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" ',
             'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">\n']
    for name, rows in sheets.items():
        parts.append(f'<Worksheet ss:Name="{escape(name)}"><Table>\n')
        for line, row in enumerate(rows, start=1):
            cells = [_cell(column, value) for column, value in enumerate(row, start=1) if value is not None]
            parts.append(f'<Row ss:Index="{line}">{"".join(cells)}</Row>\n' if cells else "")
        parts.append("</Table></Worksheet>\n")
    return "".join([*parts, "</Workbook>\n"]).encode()


def _cell(column: int, value: object) -> str:
    kind = "DateTime" if isinstance(value, datetime) else "String" if isinstance(value, str) else "Number"
    text = value.strftime("%Y-%m-%dT%H:%M:%S.000") if isinstance(value, datetime) else escape(str(value))
    return f'<Cell ss:Index="{column}"><Data ss:Type="{kind}">{text}</Data></Cell>'


def xlsx(sheets: Sheets) -> bytes:
    book = openpyxl.Workbook(write_only=True)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def biff(sheets: Sheets) -> bytes:
    """Texts, numbers and times, which are numbers under the second of two formats."""
    bodies = [_sheet(rows) for rows in sheets.values()]
    begin = _record(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 1997, 0, 6)) + _record(0x42, struct.pack("<H", 1200))
    begin += b"".join(_record(0xE0, struct.pack("<HHHBBBBIIH", 0, form, 0, 0, 0, 0, 0, 0, 0, 0)) for form in (0, 14))
    names = [struct.pack("<BB", len(name), 1) + name.encode("utf-16-le") for name in sheets]
    at = len(begin) + sum(4 + 6 + len(name) for name in names) + 4
    index = b""
    for name, body in zip(names, bodies, strict=True):
        index += _record(0x85, struct.pack("<IH", at, 0) + name)
        at += len(body)
    return _compound(begin + index + _record(0x0A, b"") + b"".join(bodies))


def _record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def _sheet(rows: Sequence[Sequence[object]]) -> bytes:
    parts = [_record(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0, 1997, 0, 6))]
    for y, row in enumerate(rows):
        for x, value in enumerate(row):
            if isinstance(value, str):
                text = struct.pack("<HHHHB", y, x, 0, len(value), 1) + value.encode("utf-16-le")
                parts.append(_record(0x204, text))
            elif isinstance(value, datetime):
                days = (value - datetime(1899, 12, 30)) / timedelta(days=1)
                parts.append(_record(0x203, struct.pack("<HHHd", y, x, 1, days)))
            elif value is not None:
                parts.append(_record(0x203, struct.pack("<HHHd", y, x, 0, value)))
    return b"".join([*parts, _record(0x0A, b"")])


def _compound(stream: bytes) -> bytes:
    """One stream called Workbook: header, allocation table, directory, then the stream's sectors in order."""
    stream = stream.ljust(max(4096, -(-len(stream) // SECTOR) * SECTOR), b"\0")
    count = len(stream) // SECTOR
    chain = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, 2 + count), 0xFFFFFFFE]
    assert len(chain) <= 128
    table = struct.pack("<128I", *chain, *[0xFFFFFFFF] * (128 - len(chain)))
    head = bytes.fromhex("D0CF11E0A1B11AE1") + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(10)
    head += struct.pack("<IIIIIIII", 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    head += struct.pack("<109I", 0, *[0xFFFFFFFF] * 108)
    entries = _entry("Root Entry", 5, 1, 0xFFFFFFFE, 0) + _entry("Workbook", 2, 0xFFFFFFFF, 2, len(stream))
    return head + table + entries.ljust(SECTOR, b"\0") + stream


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    text = (name + "\0").encode("utf-16-le")
    links = struct.pack("<HBBIII", len(text), kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, child)
    return text.ljust(64, b"\0") + links + bytes(36) + struct.pack("<III", start, size, 0)
