"""A look at XML before anything is built from it: document types, nesting and the number of elements, in one pass."""

from typing import IO, Any
from xml.parsers import expat

from analysis.core.errors import SourceError
from analysis.sources._text import CHUNK

MOST_ELEMENTS = 1_000_000  # of a whole workbook: about half as many cells; reading it then takes seconds
DEEPEST = 100


def elements_in(stream: IO[bytes], before: int, file: str) -> int:
    """How many elements a part holds together with the ``before`` of others; what is no XML is read to its end.

    Raises SourceError for a document type (entities grow without bound, and may name files and addresses), for more
    than MOST_ELEMENTS elements and for elements nested deeper than DEEPEST.
    """
    count, depth = before, 0

    def begins(*_: Any) -> None:
        nonlocal count, depth
        count, depth = count + 1, depth + 1
        if count > MOST_ELEMENTS:
            raise too_many_elements(file)
        if depth > DEEPEST:
            raise too_deep(file)

    def ends(_: str) -> None:
        nonlocal depth
        depth -= 1

    def declared(*_: Any) -> None:
        raise declares(file, "in a part of the workbook")

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = begins, ends
    parser.StartDoctypeDeclHandler = declared
    sound = True
    while chunk := stream.read(CHUNK):
        try:
            if sound:
                parser.Parse(chunk)
        except expat.ExpatError:  # a picture, or XML that is refused where it is needed
            sound = False
    return count


def declares(file: str, how: str) -> SourceError:
    return SourceError(
        f"the XML declares a document type or entities ({how}), which no export does",
        where=file, cure="do not use this file; export it again",
    )  # fmt: skip


def too_deep(file: str) -> SourceError:
    return SourceError(
        f"the XML is nested more than {DEEPEST} deep, which no export is",
        where=file, cure="do not use this file; export it again",
    )  # fmt: skip


def too_many_elements(file: str) -> SourceError:
    return SourceError(
        f"the workbook is too large to be an export: more than {MOST_ELEMENTS:,} elements of XML",
        where=file, cure="export shorter periods, or as CSV",
    )  # fmt: skip
