"""Workbooks: told by their first bytes, read as text, refused when they unpack to too much or bring entities."""

import io
import struct
import zipfile
from collections.abc import Callable
from datetime import datetime

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from workbook_files import biff, spreadsheetml, xlsx

from analysis.core.errors import SourceError
from analysis.sources import _spreadsheetml, _workbook
from analysis.sources._workbook import dates_as_text, read_workbook, sheet_of, text_of

SHEETS = {
    "Key Metrics": [["Date", "Likes", "Name"], ["04/01/2020", 7, "Perú & Co"], [], ["04/02/2020", 2.5, None]],
    "Second": [["a", None, "b"], [44008, datetime(2020, 6, 26, 9, 30)]],
}
ROWS = [["Date", "Likes", "Name"], ["04/01/2020", "7", "Perú & Co"], ["04/02/2020", "2.5"]]


@pytest.mark.parametrize("write", [spreadsheetml, xlsx, biff])
def test_three_kinds_of_file_hold_the_same_cells_and_rows(write):
    book = read_workbook(write(SHEETS), "no_suffix")
    assert [grid.name for grid in book.grids] == ["Key Metrics", "Second"]
    assert [[cell for cell in row if cell] for row in book.grids[0].rows] == ROWS
    assert book.grids[0].lines == (1, 2, 4)
    second = [[cell.removesuffix(".000") for cell in row] for row in book.grids[1].rows]
    assert second == [["a", "", "b"], ["44008", "2020-06-26T09:30:00"]]
    sheet = sheet_of(book.grid("key metrics"), "a", first="Date")
    assert sheet.column("Name") == ["Perú & Co", ""]


def test_text_is_no_workbook():
    assert read_workbook(b"Date,Likes\n2020-01-01,3\n", "a.xls") is None
    assert read_workbook(b"", "a.xlsx") is None


def test_numbers_too_large_to_be_exact_do_not_pass_as_whole():
    assert text_of(12.0) == "12"
    assert text_of(0.25) == "0.25"
    assert text_of(123456789012345678) == "1.234568e+17"
    assert text_of(1.2345678901234568e17) == "1.234568e+17"


def test_day_numbers_count_from_the_file_s_own_epoch():
    assert dates_as_text(["44008", "2020-06-26T00:00:00", "06/26/2020"], _workbook.EPOCHS[False], "%m/%d/%Y") == [
        "06/26/2020"
    ] * 3
    assert dates_as_text(["42546"], _workbook.EPOCHS[True], "%m/%d/%Y") == ["06/26/2020"]


def test_a_zip_bomb_is_refused_before_it_is_unpacked(monkeypatch):
    content = xlsx(SHEETS)
    sizes = sum(part.file_size for part in zipfile.ZipFile(io.BytesIO(content)).infolist())
    monkeypatch.setattr(_workbook, "LARGEST_UNPACKED", sizes - 1)
    with pytest.raises(SourceError, match=rf"unpack to {sizes:,}[\s\S]*a\.xlsx"):
        read_workbook(content, "a.xlsx")
    monkeypatch.setattr(_workbook, "LARGEST_UNPACKED", sizes)
    assert read_workbook(content, "a.xlsx") is not None


def test_a_zip_that_lies_about_its_sizes_is_refused_before_it_is_read_as_a_workbook(monkeypatch):
    reached = []
    monkeypatch.setattr(_workbook.openpyxl, "load_workbook", lambda *_, **__: reached.append(1))
    content = bytearray(xlsx(SHEETS))
    at = content.find(b"PK\x01\x02")
    while at >= 0:
        content[at + 24 : at + 28] = struct.pack("<I", 1)
        at = content.find(b"PK\x01\x02", at + 4)
    with pytest.raises(SourceError, match="cannot be read as one"):
        read_workbook(bytes(content), "a.xlsx")
    assert not reached


@pytest.mark.parametrize("write", [spreadsheetml, xlsx, biff])
def test_too_many_cells_are_refused(write, monkeypatch):
    for module in (_workbook, _spreadsheetml):
        monkeypatch.setattr(module, "LARGEST_GRID", 7)
    with pytest.raises(SourceError, match=r'more than .* cells[\s\S]*a\.xls, sheet "Key Metrics"'):
        read_workbook(write(SHEETS), "a.xls")


def test_a_row_that_stands_far_below_is_refused(monkeypatch):
    monkeypatch.setattr(_workbook, "MOST_ROWS", 50)
    content = with_sheet(lambda part: part.replace('r="4"', 'r="999999999"').replace('"A4"', '"A999999999"'))
    with pytest.raises(SourceError, match=r'too large to be an export[\s\S]*a\.xlsx, sheet "Key Metrics"'):
        read_workbook(content, "a.xlsx")


def test_what_a_sheet_says_of_its_own_size_is_not_believed():
    content = with_sheet(lambda part: part.replace("<sheetData>", '<dimension ref="A1:XFD9"/><sheetData>'))
    assert max(len(row) for row in read_workbook(content, "a.xlsx").grids[0].rows) == 3


def test_a_workbook_may_count_its_days_from_1904():
    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904
    book.active.append(["Date"])
    content = io.BytesIO()
    book.save(content)
    assert read_workbook(content.getvalue(), "a.xlsx").epoch == _workbook.EPOCHS[True]


def with_sheet(change: Callable[[str], str]) -> bytes:
    """An .xlsx whose first sheet's XML is another one."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(xlsx(SHEETS))) as old, zipfile.ZipFile(packed, "w") as new:
        for name in old.namelist():
            part = old.read(name).decode()
            new.writestr(name, change(part) if "sheet1.xml" in name else part)
    return packed.getvalue()


ENTITY = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'


def test_entities_are_refused_wherever_they_are():
    content = spreadsheetml({"S": [["Date"], ["x"]]}, before="").decode()
    for declared in (ENTITY, "<!DOCTYPE x>"):
        with pytest.raises(SourceError, match=r"declares a document type[\s\S]*a\.xml"):
            read_workbook(content.replace("\n", f"\n{declared}", 1).replace(">x<", ">&b;<").encode(), "a.xml")
    content = with_sheet(lambda part: ENTITY.replace("x [", "worksheet [") + part)
    with pytest.raises(SourceError, match=r"declares a document type[\s\S]*a\.xlsx"):
        read_workbook(content, "a.xlsx")


@pytest.mark.parametrize("index", ["0", "1", "999999999999", "99999999", "-1", "x"])
def test_a_cell_that_says_it_stands_nowhere_is_refused(index):
    content = spreadsheetml({"S": [["Date", "Likes"]]}).replace(b'ss:Index="2"', f'ss:Index="{index}"'.encode())
    with pytest.raises(SourceError, match=r'said to stand at[\s\S]*a\.xls, sheet "S", row 1'):
        read_workbook(content, "a.xls")


def test_broken_letters_are_shown_and_told():
    content = spreadsheetml({"S": [["Date", "Perú"], ["x", 5]]}).replace("ú".encode(), b"\xc3?")
    book = read_workbook(content, "a.xls")
    assert book.grids[0].rows[0] == ["Date", "Per\ufffd?"]
    assert [(note.finding, note.count) for note in book.notes] == [("broken letters", 1)]


def test_another_encoding_is_the_one_that_the_first_line_declares():
    content = spreadsheetml({"S": [["Date", "Perú"]]}).decode()
    latin = content.replace('"1.0"?>', '"1.0" encoding="ISO-8859-1"?>').encode("latin-1")
    book = read_workbook(latin, "a.xls")
    assert (book.grids[0].rows[0], book.notes) == (["Date", "Perú"], ())
    with pytest.raises(SourceError, match="is not klingon"):
        read_workbook(latin.replace(b"ISO-8859-1", b"klingon"), "a.xls")


@pytest.mark.parametrize("write", [spreadsheetml, xlsx, biff])
def test_a_cut_file_is_refused(write):
    content = write(SHEETS)
    for size in (len(content) // 2, len(content) - 20 if write is not biff else 700):
        with pytest.raises(SourceError, match=r"cut short or malformed|cannot be read as one"):
            read_workbook(content[:size], "a.xls")


def test_other_xml_is_refused():
    with pytest.raises(SourceError, match="no SpreadsheetML workbook"):
        read_workbook(b'<?xml version="1.0"?><html><body/></html>', "a.xls")


def test_missing_and_ambiguous_sheets_and_headers():
    book = read_workbook(xlsx(SHEETS), "a.xlsx")
    with pytest.raises(SourceError, match=r'no sheet "Key Metric"[\s\S]*a\.xlsx[\s\S]*Did you mean "Key Metrics"'):
        book.grid("Key Metric")
    with pytest.raises(SourceError, match=r'first column is "a", not "Date"[\s\S]*sheet "Second", row 1'):
        sheet_of(book.grid("Second"), "a.xlsx", first="Date")
    wide = read_workbook(xlsx({"S": [["Date"], ["x", "y"]]}), "a.xlsx")
    with pytest.raises(SourceError, match=r'more cells than the header[\s\S]*sheet "S", row 2'):
        sheet_of(wide.grid("S"), "a.xlsx", first="Date")


def test_a_formula_is_not_computed():
    book = read_workbook(xlsx({"S": [["Date"], ["=1+1"]]}), "a.xlsx")
    assert book.grids[0].rows[1] == ["=1+1"]
