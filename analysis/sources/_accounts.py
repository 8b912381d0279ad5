"""accounts.csv: one row an account of the brand or of a competitor, checked cell by cell."""

import re
from collections.abc import Iterator
from datetime import date

from analysis.core.accounts import Account, register_problems
from analysis.core.artefacts import FORMULA_STARTS, INVISIBLE
from analysis.core.case import Case
from analysis.core.case_loading import CaseFolder
from analysis.core.errors import CaseError, nearest
from analysis.sources._sheet import Sheet, read_sheet

COLUMNS = ("brand", "country", "platform", "handle", "opened", "closed", "carries_service")
YES_OR_NO = {"yes": True, "no": False}
COUNTRY = re.compile(r"([A-Z]{2})?")
ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
LONGEST_CELL = 200


def read_accounts(folder: CaseFolder) -> tuple[Account, ...]:
    """The register that the case names, in the order of its rows; empty when it names none.

    Raises SourceError for a file that is not a sound table, and CaseError naming every row that is wrong and every
    channel whose closing the register contradicts.
    """
    path = folder.accounts_file
    if path is None:
        return ()
    sheet, case = read_sheet(path, "utf-8"), folder.case
    if sorted(sheet.header) != sorted(COLUMNS):
        raise CaseError(
            f"the columns are {', '.join(sheet.header)[:300]}",
            where=f"{path.name}, row {sheet.header_line}",
            cure=f"write these, separated by commas: {', '.join(COLUMNS)}",
        )
    problems = [error for number in range(len(sheet.rows)) for error in _wrong_cells(sheet, number, case)]
    _raise(problems, path.name)
    accounts = tuple(_account(sheet, number) for number in range(len(sheet.rows)))
    if not any(item.brand == case.brand for item in accounts):
        raise CaseError(f'no account is of "{case.brand}"', where=path.name, cure="list the brand's own accounts")
    _raise([*_doubles(accounts), *register_problems(case, accounts)], path.name)
    return accounts


def _cells(sheet: Sheet, number: int) -> dict[str, str]:
    return {name: cell.strip() for name, cell in zip(sheet.header, sheet.rows[number], strict=True)}


def _account(sheet: Sheet, number: int) -> Account:
    cells = _cells(sheet, number)
    days = {name: date.fromisoformat(cells[name]) if cells[name] else None for name in ("opened", "closed")}
    texts = {name: cells[name] for name in ("brand", "country", "platform", "handle")}
    service = YES_OR_NO[cells["carries_service"]]
    return Account(**texts, **days, carries_service=service, file=sheet.file, row=sheet.lines[number])


def _wrong_cells(sheet: Sheet, number: int, case: Case) -> Iterator[CaseError]:
    """What is wrong with each cell of a row, then with its dates together."""
    place = f"{sheet.file}, row {sheet.lines[number]}"
    wrong = False
    for name, raw in zip(sheet.header, sheet.rows[number], strict=True):
        if problem := _wrong(name, raw, case):
            wrong = True
            yield CaseError(problem[0], where=f'{place}, column "{name}"', cure=problem[1])
    cells = _cells(sheet, number)
    if not wrong and cells["opened"] and cells["closed"] and cells["closed"] < cells["opened"]:
        yield CaseError(
            f"closed ({cells['closed']}) is before opened ({cells['opened']})", where=place, cure="correct one of them"
        )


def _wrong(name: str, raw: str, case: Case) -> tuple[str, str] | None:
    """What is wrong with a cell and what to do; None when nothing is."""
    cell = raw.strip()
    if any(ord(sign) < 32 or ord(sign) in INVISIBLE for sign in raw) or len(raw) > LONGEST_CELL:
        return "the cell holds control characters, or is too long", "write plain text on one line"
    if cell.startswith(FORMULA_STARTS):
        return f'"{cell}" would be run as a formula by a spreadsheet', f"take the {cell[0]} off (handles without @)"
    if name in ("brand", "platform", "handle") and not cell:
        return "the cell is empty", "fill it"
    brands = {case.brand, *case.competitors}
    if name == "brand" and cell not in brands:
        return f'"{cell}" is neither the brand nor a competitor of the case', nearest(cell, brands)
    channels = {channel.id for channel in case.channels}
    if name == "platform" and cell not in channels:
        return f'"{cell}" is not one of the channels of case.yaml', f"{nearest(cell, channels)} Or add it to channels:."
    if name == "country" and not COUNTRY.fullmatch(cell):
        return f'"{cell}" is not a country', "write two capital letters, like IT, or nothing"
    if name in ("opened", "closed") and cell and not _is_day(cell):
        return f'"{cell}" is not a date', "write YYYY-MM-DD, like 2019-06-01, or nothing"
    if name == "carries_service" and cell not in YES_OR_NO:
        return f'"{cell}" is neither yes nor no', "write yes or no"
    return None


def _is_day(cell: str) -> bool:
    try:
        return bool(ISO_DAY.fullmatch(cell) and date.fromisoformat(cell))
    except ValueError:
        return False


def _doubles(accounts: tuple[Account, ...]) -> Iterator[CaseError]:
    """A handle is one account: it may come back after it closed, and is not there twice at a time."""
    latest: dict[tuple[str, str], Account] = {}
    for item in sorted(accounts, key=lambda account: account.begins):
        key = (item.platform, item.handle.casefold())
        other = latest.get(key)
        if other and (other.closed is None or item.begins < other.closed):
            yield CaseError(
                f'the handle "{item.handle}" is there twice on "{item.platform}"',
                where=f"{other.place} and row {item.row}",
                cure="keep one row; an account that came back opens on or after the day it closed",
            )
        latest[key] = item


def _raise(problems: list[CaseError], file: str) -> None:
    if len(problems) == 1:
        raise problems[0]
    if problems:
        listed = [str(item) for item in problems]
        raise CaseError(f"{len(problems)} problems", where=file, cure="correct each of these", problems=listed)
