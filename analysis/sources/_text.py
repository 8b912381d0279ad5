"""From a file on disk to text: unpacked within limits, decoded strictly, never guessed."""

import codecs
import gzip
import re
import zlib
from pathlib import Path

from analysis.core.errors import SourceError

LARGEST = 500_000_000
LARGEST_RATIO = 200  # plain-text tables shrink 5 to 50 times; deflate's ceiling, about 1000, is reached by padding
RATIO_APPLIES_FROM = 10_000_000
CHUNK = 1 << 20

SINGLE_BYTE = ("cp1252", "iso8859-1", "iso8859-15")
# An accented letter in UTF-8 after a plain one: in these encodings a capital A with tilde and a sign, as no word has.
GARBLED = re.compile(rb"[A-Za-z][\xc2\xc3][\x80-\xbf](?![\x80-\xff])")

UTF8_MARK = codecs.BOM_UTF8
OTHER_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read_bytes(path: Path) -> bytes:
    """The file's bytes, ``.gz`` unpacked. Raises SourceError for a cut, damaged or oversized file, or no name."""
    shown = path.name.encode("utf-8", "backslashreplace").decode()
    if shown != path.name:  # bytes that no table of results could hold
        raise SourceError("the file's name is not text", where=shown, cure="rename it with letters and digits")
    try:
        packed = path.stat().st_size
        if packed > LARGEST:
            raise _too_large(path, f"{packed:,} bytes")
        if path.suffix.lower() != ".gz":
            return path.read_bytes()
        return _unpack(path, packed)
    except EOFError as error:
        raise SourceError(
            "the file is cut short: its compressed data end too early", where=path.name, cure="fetch or export it again"
        ) from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise SourceError(
            f"the file is not sound gzip ({error})",
            where=path.name,
            cure="fetch it again, or take .gz off the name if it is not compressed",
        ) from error
    except OSError as error:
        raise SourceError(
            f"the file cannot be opened ({error.strerror})", where=path.name, cure="allow reading it"
        ) from error


def _unpack(path: Path, packed: int) -> bytes:
    parts, size = [], 0
    with gzip.open(path) as stream:
        while part := stream.read(CHUNK):
            parts.append(part)
            size += len(part)
            if size > LARGEST:
                raise _too_large(path, f"over {LARGEST:,} bytes unpacked")
            if size > RATIO_APPLIES_FROM and size > LARGEST_RATIO * packed:
                raise _too_large(path, f"{packed:,} bytes unpack to more than {LARGEST_RATIO} times that")
    return b"".join(parts)


def _too_large(path: Path, size: str) -> SourceError:
    return SourceError(
        f"the file is too large to be an export ({size})",
        where=path.name,
        cure="split it, check what it holds, or read a log of events with `format: large_log`",
    )


def decode(content: bytes, encoding: str, file: str) -> str:
    """The text of ``content``, a UTF-8 byte-order mark removed. Raises SourceError when the encoding is another one.

    A UTF-8 mark is the file's own word and is believed where a single-byte encoding was declared: no such file
    begins with these three characters. Every other disagreement is refused.
    """
    wide = codecs.lookup(encoding).name.replace("_", "-").startswith(("utf-16", "utf-32"))
    _check_mark(content, encoding, wide, file)
    if wide:
        return _strictly(content, encoding, file).removeprefix("\ufeff")
    if (at := content.find(b"\0")) >= 0:
        raise SourceError(
            "the file holds NUL bytes: it is UTF-16, or it is damaged",
            where=_place(content, at, file),
            cure="export it again, or declare `encoding: utf-16-le` in the source's options",
        )
    if content.startswith(UTF8_MARK):
        return _strictly(content, "utf-8-sig", file)
    text = _strictly(content, encoding, file)
    if codecs.lookup(encoding).name != "utf-8" and not content.isascii() and _is_utf8(content):
        at = next(position for position, byte in enumerate(content) if byte > 127)
        raise SourceError(
            f"the file is UTF-8, not {encoding}: read as {encoding} its letters come out garbled",
            where=_place(content, at, file),
            cure="declare `encoding: utf-8` in the source's options",
        )
    if codecs.lookup(encoding).name in SINGLE_BYTE and (found := GARBLED.search(content)):
        raise SourceError(
            f"the file mixes two encodings: it is not all UTF-8, and parts of it are, which read as {encoding} come "
            "out garbled",
            where=_place(content, found.start(), file),
            cure="save that part in the encoding of the rest, or all of it as UTF-8",
        )
    return text


def _check_mark(content: bytes, encoding: str, wide: bool, file: str) -> None:
    found = next((name for mark, name in OTHER_MARKS if content.startswith(mark)), None)
    if content.startswith(UTF8_MARK) and wide:
        found = "utf-8"
    if found and not encoding.replace("_", "-").startswith(found):
        raise SourceError(
            f"the file is {found.upper()}, as its first bytes say, not {encoding}",
            where=f"{file}, byte 0",
            cure=f"declare `encoding: {found}` in the source's options",
        )
    if encoding in ("utf-16", "utf-32") and not found:
        raise SourceError(
            f"the file has no byte-order mark, so it is not plain {encoding}",
            where=f"{file}, byte 0",
            cure=f"declare its real encoding, or `encoding: {encoding}-le` if it has none",
        )


def _strictly(content: bytes, encoding: str, file: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        other = "cp1252" if codecs.lookup(encoding).name.startswith("utf-8") else "utf-8 or latin-1"
        raise SourceError(
            f"the file is not {encoding.removesuffix('-sig')}: it cannot be decoded",
            where=_place(content, error.start, file),
            cure=f"declare its real encoding in the source's options (often {other}), or save it again as UTF-8",
        ) from error


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _place(content: bytes, at: int, file: str) -> str:
    line = content.count(b"\n", 0, at) + 1
    return f"{file}, line {line}, byte {at}"
