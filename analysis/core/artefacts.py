"""Where numbers are rounded and files are written: the only place that does either.

Everything published is made from what was written here, never from live objects, so the last bits that
differ between processors never reach a reader.
"""

import hashlib
import json
import math
import os
import re
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

SIGNIFICANT_DIGITS = 6
# Characters that no reader sees but that reverse or hide what is written: bidirectional controls, C0 controls.
INVISIBLE = dict.fromkeys(
    [*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C, *(set(range(32)) - {9, 10, 13}), 127]
)
# In a table that is opened with semicolons between cells, what follows one (or a new line) is a cell of its own.
# The full-width forms are signs too where a spreadsheet is set to East Asian text.
LATER_CELL = re.compile(r"([;\n][\s\"]*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def rounded(value: float) -> float | None:
    """To six significant digits; None for what is not finite; zero is never negative."""
    number = float(value)
    if not math.isfinite(number):
        return None
    return float(f"{number:.{SIGNIFICANT_DIGITS}g}") + 0.0


def plain(value: Any) -> Any:
    """JSON-ready copy of a value, numbers rounded. Raises TypeError for a type nobody declared."""
    if isinstance(value, str):
        return value.translate(INVISIBLE)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return rounded(float(value))
    if value is pd.NaT:
        return None
    if isinstance(value, datetime | pd.Timestamp):
        return value.strftime("%Y-%m-%d") if value == value.normalize() else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray | pd.Index | pd.Series | list | tuple | set | frozenset):
        items = sorted(value) if isinstance(value, set | frozenset) else value
        return [plain(item) for item in items]
    raise TypeError(f"no rule for writing a {type(value).__name__}")


def canonical_json(value: Any) -> str:
    """The one JSON text of a value: sorted keys, two spaces, no NaN, a final newline."""
    return json.dumps(plain(value), sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def neutral_cell(value: Any) -> Any:
    """A text cell that no spreadsheet runs as a formula, whatever it takes for the separator; others unchanged."""
    if not isinstance(value, str):
        return value
    runs = value.startswith(FORMULA_STARTS) or value.lstrip().startswith(FORMULA_STARTS)
    return LATER_CELL.sub(r"\1'", f"'{value}" if runs else value)


def _cell(value: Any) -> Any:
    if value is None or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return ""
    value = plain(value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return "" if value is None else neutral_cell(value)


def canonical_csv(table: pd.DataFrame) -> str:
    """The one CSV text of a table: UTF-8, LF, rounded numbers, neutralised formulae; the index is not written."""
    cells = {str(name): [_cell(value) for value in table[name].tolist()] for name in table.columns}
    clean = pd.DataFrame(cells, columns=[str(name) for name in table.columns], dtype=object)
    clean.columns = [neutral_cell(name) for name in clean.columns]
    return clean.to_csv(index=False, lineterminator="\n")


def write_bytes(path: Path, content: bytes) -> Path:
    """Write beside, then rename: a reader never sees half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(content)
    os.replace(part, path)
    return path


def write_text(path: Path, text: str) -> Path:
    return write_bytes(path, text.encode("utf-8"))


def write_json(path: Path, value: Any) -> Path:
    return write_text(path, canonical_json(value))


def write_csv(path: Path, table: pd.DataFrame) -> Path:
    return write_text(path, canonical_csv(table))


def read_json(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def sha256_bytes(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def sha256_file(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
