"""The line of a large file on which a record begins: the database counts records, people look for lines.

Only for places that an error tells: the file is read up to there, one line at a time, which takes Python about a minute
for a hundred million rows.
"""

import csv
from pathlib import Path

from analysis.sources._large_refusals import LONGEST_ROW, opened


def line_of_record(path: Path, encoding: str, delimiter: str, number: int, *, blanks: bool) -> int:
    """The line on which the ``number``th record (from 1, a header is the first) of a CSV file begins; ``blanks``
    counts blank lines as records too. What cannot be cut into so many records leaves the number as it is."""
    with opened(path, "utf-8-sig" if encoding == "utf-8" else encoding) as stream:
        records = csv.reader(iter(lambda: stream.readline(LONGEST_ROW), ""), delimiter=delimiter)
        found, begins, usual = 0, 1, csv.field_size_limit(LONGEST_ROW)
        try:
            for cells in records:
                found += bool(cells) or blanks
                if found == number:
                    return begins
                begins = records.line_num + 1
        except csv.Error:  # the record asked for may be the broken one; what is broken earlier settles nothing
            return begins if found == number - 1 else number
        finally:
            csv.field_size_limit(usual)
    return number


def line_of_object(path: Path, number: int) -> int:
    """The line of the ``number``th record of a file of JSON lines: blank ones are no records."""
    found = 0
    with opened(path, "utf-8-sig") as stream:
        for line, text in enumerate(stream, start=1):
            found += bool(text.strip())
            if found == number:
                return line
    return number
