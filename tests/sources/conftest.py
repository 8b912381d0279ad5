"""A case folder around a few files, so that a reader is tested as a study calls it."""

import csv
import gzip
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from analysis.core import paths
from analysis.core.case import Case
from analysis.core.case_loading import CaseFolder
from analysis.sources import Reading, read_source

FIXTURES = Path(__file__).parent / "fixtures"


def folder_of(root: Path, reader: str, files: list[str], options: dict, **source) -> CaseFolder:
    settings = {"time_zone": source.pop("case_zone", "Europe/Rome"), "channels": source.pop("channels", ())}
    case = Case.model_validate(
        {
            "slug": "example", "title": "Example", "brand": "Example Bank", "summary": "Invented.",
            "data_status": "simulated",
            "stages": [{"id": "exit", "date": "2019-06-01", "kind": "channels_closed", "label": "Exit"}],
            "windows": {"first": "2018-01-01", "pre_last": "2019-05-31", "event": "2019-06-01", "last": "2019-12-31"},
            "sources": [
                {"id": "export", "format": reader, "files": files, "label": "Export", "options": options, **source}
            ],
            "outcomes": [
                {"id": "o", "label": "O", "question": "service", "metric": "contacts", "unit": "contacts",
                 "estimand": "none", "estimator": "none"}
            ],
            **settings,
        }
    )  # fmt: skip
    return CaseFolder(case, root, root)


@pytest.fixture
def read_fixture() -> Callable[..., Reading]:
    """Read files kept beside the tests."""

    def read(reader: str, files: list[str], options: dict, **source) -> Reading:
        return read_source(folder_of(FIXTURES, reader, files, options, **source), "export")

    return read


@pytest.fixture
def read_bytes(tmp_path: Path) -> Callable[..., Reading]:
    """Read files written from {name: content}; names ending in .gz are packed unless the content is bytes."""

    def read(reader: str, contents: dict[str, str | bytes], options: dict, **source) -> Reading:
        for name, content in contents.items():
            if isinstance(content, str):
                content = gzip.compress(content.encode()) if name.endswith(".gz") else content.encode()
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(content)
        return read_source(folder_of(tmp_path, reader, list(contents), options, **source), "export")

    return read


@pytest.fixture
def real() -> Callable[..., Reading]:
    """Read one of the real sets, where they are."""
    if not paths.SHARED.is_dir():
        pytest.skip("the shared benchmarks are not beside the project")

    def read(folder: str, reader: str, files: list[str], options: dict, **source) -> Reading:
        return read_source(folder_of(paths.SHARED / "real" / folder, reader, files, options, **source), "export")

    return read


@pytest.fixture
def plain() -> Callable[..., list[list[str]]]:
    """A file's records by the csv module alone: another way to the expected numbers."""

    def rows(path: Path, encoding: str = "utf-8", delimiter: str = ",") -> list[list[str]]:
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        return list(csv.reader(content.decode(encoding).splitlines(keepends=True), delimiter=delimiter))

    return rows


@pytest.fixture
def export() -> Callable[..., str]:
    """The text of an export from its header and {column: cell} a row; what a row does not name is empty."""

    def text(header: list[str], rows: list[dict[str, str]], *, line_end: str = "\n") -> str:
        stream = io.StringIO()
        writer = csv.DictWriter(stream, header, restval="", lineterminator=line_end)
        writer.writeheader()
        writer.writerows(rows)
        return stream.getvalue()

    return text


@pytest.fixture
def case_folder() -> Callable[..., CaseFolder]:
    return folder_of


@pytest.fixture
def fixtures() -> Path:
    return FIXTURES


@pytest.fixture
def real_folder() -> Path:
    return paths.SHARED / "real"
