"""Kinds of option that several readers share."""

import codecs
from datetime import UTC, datetime
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field

KNOWN_MOMENT = datetime(2019, 11, 23, 17, 45, 31, tzinfo=UTC)


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f'"{name}" is not a time zone; write it like Europe/Rome') from error
    return name


def _known_encoding(name: str) -> str:
    try:
        "date".encode(name)
        return codecs.lookup(name).name
    except (LookupError, UnicodeError) as error:
        raise ValueError(f'"{name}" is not a text encoding; write utf-8, cp1252, utf-16') from error


def _readable_format(pattern: str) -> str:
    """A format that does not give back the day it wrote would lose part of every date."""
    try:
        back = datetime.strptime(KNOWN_MOMENT.strftime(pattern), pattern)
    except ValueError as error:
        raise ValueError(f'"{pattern}" is not a date format; write it like %Y-%m-%d') from error
    if back.date() != KNOWN_MOMENT.date():
        raise ValueError(f'"{pattern}" leaves out the day, the month or the year; write it like %Y-%m-%d')
    if "%Z" in pattern:
        raise ValueError(f'"{pattern}": names of time zones are ambiguous; declare `time_zone:` on the source')
    if "%I" in pattern and "%p" not in pattern:
        raise ValueError(f'"{pattern}": %I needs %p, or mornings and afternoons are mixed up')
    return pattern


def _readable_day_format(pattern: str) -> str:
    if "%z" in pattern:
        raise ValueError(f'"{pattern}": a day label has no time zone')
    return _readable_format(pattern)


Encoding = Annotated[str, AfterValidator(_known_encoding)]
DayFormat = Annotated[str, AfterValidator(_readable_day_format)]
MomentFormat = Annotated[str, AfterValidator(_readable_format)]
Zone = Annotated[str, AfterValidator(_known_zone)]
Delimiter = Annotated[str, Field(min_length=1, max_length=1, pattern=r'^[^"\r\n]$')]
DecimalMark = Literal[".", ","]
Heading = Annotated[str, Field(min_length=1, max_length=500)]
