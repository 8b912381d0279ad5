"""Ways in which a file comes to harm, drawn by seed: bytes, cuts, columns, rows, encodings."""

import csv
import io
from collections.abc import Callable
from datetime import date

import numpy as np
import openpyxl

HOSTILE = ("", "nan", "1e999", "-1", "=1+1", "9" * 400, "1,234", "31/02/2019", "2019-13-45", "\u0663", "0x10", "\x00",
           "inf", "0001-01-01", "99999-01-01", "2019-05-28T99:99", "\ud7ff", '"', "a\nb", "1_000", "{}", "[]", "null",
           "true", "+00:00", "２", "1" + "0" * 30)  # fmt: skip
Damage = Callable[[bytes, np.random.Generator], bytes]


def _flip(data: bytes, draw: np.random.Generator) -> bytes:
    changed = bytearray(data)
    for at in draw.integers(0, len(data), draw.integers(1, 9)):
        changed[at] = draw.integers(0, 256)
    return bytes(changed)


def _cut(data: bytes, draw: np.random.Generator) -> bytes:
    return data[: draw.integers(0, len(data))]


def _middle(data: bytes, draw: np.random.Generator) -> bytes:
    first, second = sorted(draw.integers(0, len(data), 2))
    return data[:first] + data[second:]


def _double(data: bytes, draw: np.random.Generator) -> bytes:
    return data + data[draw.integers(0, len(data)) :]


def _mixed(data: bytes, draw: np.random.Generator) -> bytes:
    first, second = data[: len(data) // 2], data[len(data) // 2 :]
    word = "à€\u0441日"
    added = word.encode(("utf-8", "utf-16-le", "utf-16", "cp1251")[draw.integers(4)], "replace")
    return first + added + second


def _recoded(data: bytes, draw: np.random.Generator) -> bytes:
    return data.decode("latin-1").encode(("utf-8", "utf-16", "utf-16-be", "utf-8-sig")[draw.integers(4)])


def _digits(data: bytes, draw: np.random.Generator) -> bytes:
    """Only digits change, so that the file stays what it is and says something else."""
    places = [at for at, byte in enumerate(data) if 48 <= byte <= 57]
    changed = bytearray(data)
    for at in draw.choice(places, min(len(places), 6)) if places else ():
        changed[at] = draw.integers(48, 58)
    return bytes(changed)


def _table(data: bytes, draw: np.random.Generator) -> bytes:
    """A column dropped, doubled or moved, rows shuffled, a cell made hostile: in whatever the table's text is."""
    if data.startswith(b"PK"):
        return _workbook(data, draw)
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "latin-1"
    try:
        rows = [row for row in csv.reader(io.StringIO(data.decode(encoding), newline="")) if row]
    except (csv.Error, UnicodeDecodeError):
        return _flip(data, draw)
    if len(rows) < 2:
        return _flip(data, draw)
    width = max(map(len, rows))
    at, other = draw.integers(0, width, 2)
    kind = draw.integers(7)
    if kind == 0:
        rows = [row[:at] + row[at + 1 :] for row in rows]
    elif kind == 1:
        rows = [row[: at + 1] + row[at : at + 1] + row[at + 1 :] for row in rows]
    elif kind == 2:
        order = draw.permutation(width)
        rows = [[row[i] for i in order if i < len(row)] for row in rows]
    elif kind == 3:
        below = rows[1:]
        draw.shuffle(below)
        rows = [rows[0], *below]
    elif kind == 4:
        rows.insert(draw.integers(len(rows)), list(rows[draw.integers(len(rows))]))
    elif kind == 5:
        rows = [[row[other] if i == at and other < len(row) else cell for i, cell in enumerate(row)] for row in rows]
    else:
        row = rows[draw.integers(len(rows))]
        row[draw.integers(len(row))] = HOSTILE[draw.integers(len(HOSTILE))]
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows(rows)
    return stream.getvalue().encode(encoding, "replace")


def _workbook(data: bytes, draw: np.random.Generator) -> bytes:
    """The same inside an .xlsx, whose bytes seldom survive a change."""
    try:
        book = openpyxl.load_workbook(io.BytesIO(data))
    except Exception:
        return _flip(data, draw)
    sheet = book.worksheets[draw.integers(len(book.worksheets))]
    row, column = int(draw.integers(1, sheet.max_row + 1)), int(draw.integers(1, sheet.max_column + 1))
    kind = draw.integers(5)
    if kind == 0:
        sheet.delete_cols(column)
    elif kind == 1:
        sheet.insert_cols(column)
    elif kind == 2:
        sheet.delete_rows(row)
    else:
        values = [text for text in HOSTILE if text.isprintable()]
        values += [-1, 1.5, 1e300, 10**20, True, None, date(1850, 1, 1)]
        sheet.cell(row, column).value = values[draw.integers(len(values))]
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


KINDS: tuple[Damage, ...] = (_flip, _cut, _middle, _double, _mixed, _recoded, _digits, _table, _table, _table)


def damaged(data: bytes, draw: np.random.Generator) -> bytes:
    """One or two harms."""
    for _ in range(draw.integers(1, 3)):
        data = KINDS[draw.integers(len(KINDS))](data, draw) if data else data
    return data
