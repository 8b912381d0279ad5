"""Files made to exhaust, to mislead or to lead outside: each small to make, and worse than damage happens to be."""

import io
import json
import zipfile
from collections.abc import Callable

import numpy as np
import pandas as pd
from workbook_files import spreadsheetml, xlsx

MANY = 100_000  # columns
DEEP = 200_000
LONG = 50_000_000  # bytes of one line
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
DAYS = [f"2019-05-{day:02d}" for day in range(1, 21)]
PLAIN = "date,channel,engagements\n" + "".join(f"{day},facebook,{i}\n" for i, day in enumerate(DAYS))
SHEETS = {"Sheet": [["Date", "Likes"], ["04/01/2020", 7]]}

LAUGHS = "<!DOCTYPE x [<!ENTITY a0 'ha'>" + "".join(
    f"<!ENTITY a{i} '{f'&a{i - 1};' * 10}'>" for i in range(1, 12)
) + "]>"  # fmt: skip
QUADRATIC = f"<!DOCTYPE x [<!ENTITY q '{'q' * 100_000}'>]>"
EXTERNAL = "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/hostname'>]>"
REMOTE = "<!DOCTYPE x SYSTEM 'http://127.0.0.1:9/x.dtd'>"
DECLARATIONS = {"laughs": (LAUGHS, "&a11;"), "quadratic": (QUADRATIC, "&q;" * 20_000), "external": (EXTERNAL, "&e;"),
                "remote": (REMOTE, "x")}  # fmt: skip


def with_parts(changes: dict[str, Callable[[str], str] | bytes], level: int = 1) -> bytes:
    """An .xlsx in which some parts are others: changed by a function of their text, replaced or added."""
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(xlsx(SHEETS))) as old,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as new,
    ):
        for name in dict.fromkeys([*old.namelist(), *changes]):
            change = changes.get(name, lambda text: text)
            new.writestr(name, change if isinstance(change, bytes) else change(old.read(name).decode()))
    return packed.getvalue()


def sheet_part(rows: str) -> bytes:
    return f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'.encode()


def in_spreadsheetml(declared: str, used: str) -> bytes:
    text = spreadsheetml({"S": [["Date"], ["here"]]}, before="").decode()
    return text.replace("\n", f"\n{declared}", 1).replace(">here<", f">{used}<").encode()


def in_part(part: str, declared: str, used: str) -> bytes:
    """The declaration in front of a part's root element, used in its first text."""

    def change(text: str) -> str:
        at = text.index("?>") + 2 if text.startswith("<?xml") else 0
        return text[:at] + declared + text[at:].replace("Date", used, 1)

    return with_parts({part: change})


def wide_csv(rows: int = 2) -> bytes:
    row = ",".join(["1"] * MANY)
    return ("date," + ",".join(f"c{i}" for i in range(MANY)) + "\n" + f"2019-05-01,{row}\n" * rows).encode()


def wide_spreadsheetml() -> bytes:
    return spreadsheetml({"S": [["Date", *range(MANY)]]})


def wide_xlsx() -> bytes:
    cells = "<c><v>1</v></c>" * MANY
    return with_parts({"xl/worksheets/sheet1.xml": sheet_part(f"<row>{cells}</row>")})


def wide_jsonl() -> bytes:
    record = json.dumps({"time": "2019-05-01 10:00:00"} | {f"k{i}": i for i in range(MANY)})
    return f"{record}\n{record}\n".encode()


def growing_jsonl() -> bytes:
    """Every line with columns of its own."""
    lines = ({"time": "2019-05-01 10:00:00"} | {f"k{n}_{i}": i for i in range(100)} for n in range(1_000))
    return "".join(json.dumps(line) + "\n" for line in lines).encode()


def wide_parquet() -> bytes:
    content = io.BytesIO()
    names = [f"c{i}" for i in range(MANY // 10)]
    pd.DataFrame(np.zeros((1, len(names)), dtype="int8"), columns=names).to_parquet(content)
    return content.getvalue()


def sound_parquet() -> bytes:
    content = io.BytesIO()
    pd.DataFrame({"time": [f"{day} 10:00:00" for day in DAYS]}).to_parquet(content)
    return content.getvalue()


def damaged_footers() -> dict[str, bytes]:
    sound = sound_parquet()
    size = int.from_bytes(sound[-8:-4], "little")
    flipped = bytearray(sound)
    for at in range(len(sound) - 8 - size, len(sound) - 8, 7):
        flipped[at] ^= 0x55
    huge = sound[:-8] + (2**31 - 1).to_bytes(4, "little") + b"PAR1"
    zeroed = sound[: -8 - size] + bytes(size) + sound[-8:]
    pages = b"PAR1" + bytes(len(sound) - 12 - size) + sound[-8 - size :]
    return {"flipped.parquet": bytes(flipped), "huge.parquet": huge, "zeroed.parquet": zeroed,
            "pages.parquet": pages, "cut.parquet": sound[: len(sound) // 2],
            "nothing.parquet": b"PAR1PAR1"}  # fmt: skip


def zip_bomb() -> bytes:
    """Zeros, about a thousandfold: what is declared is true."""
    return with_parts({"xl/media/image1.bin": bytes(60_000_000)}, level=9)


def sizes_in(packed: bytes) -> list[int]:
    return [part.file_size for part in zipfile.ZipFile(io.BytesIO(packed)).infolist()]


def cells_bomb(rows: int) -> bytes:
    """A well-formed sheet of a few kilobytes that unpacks to a great many rows of one empty cell."""
    return with_parts({"xl/worksheets/sheet1.xml": sheet_part("<row><c/></row>" * rows)})


def strings_bomb(count: int) -> bytes:
    text = f'<sst xmlns="{MAIN}">{"<si><t/></si>" * count}</sst>'.encode()
    kinds = '<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.' \
            'spreadsheetml.sharedStrings+xml"/></Types>'  # fmt: skip
    return with_parts({"xl/sharedStrings.xml": text,
                       "[Content_Types].xml": lambda old: old.replace("</Types>", kinds)})  # fmt: skip


def deep_xlsx() -> bytes:
    return with_parts({"xl/worksheets/sheet1.xml": sheet_part("<row>" * 100_000)})


def deep_xml() -> bytes:
    return b'<?xml version="1.0"?>' + b"<a>" * 1_000_000


def mixed_encodings() -> bytes:
    head, *rows = PLAIN.splitlines(keepends=True)
    rows[3] = rows[3].replace("facebook", "città")
    rows[9] = rows[9].replace("facebook", "perché")
    parts = [row.encode("utf-8" if i < 6 else "cp1252") for i, row in enumerate(rows)]
    return head.encode() + b"".join(parts)


def two_files_in_one() -> bytes:
    return PLAIN.encode("utf-8") + PLAIN.encode("utf-16-le")
