"""Every path the project uses, in one place."""

import os
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
RAW = PROJECT / "data" / "raw"
CLAIMS = RAW / "claims.yaml"  # what others who left said, shown in every report
NOTEBOOKS = PROJECT / "notebooks"
CITATION = PROJECT / "CITATION.cff"
LOCK = PROJECT / "requirements.lock"
MATPLOTLIBRC = PROJECT / "matplotlibrc"
SHARED = PROJECT.parent / "shared"

COMPARISON = "comparison"  # the folder of the page that lays cases side by side; no case has this name

COMMAND = ".venv/bin/exit-study"  # as a user types it in the project's folder: it is not on the PATH

CASE_FILE = "case.yaml"
TRUTH_FILE = "truth.json"
LOCK_FILE = "plan.lock.json"  # the registration of a plan
DATA_ROOTS_VARIABLE = "EXIT_STUDY_DATA_ROOTS"


def trusted_data_roots() -> tuple[Path, ...]:
    """Folders outside a case's own that a case may name as data_root: the user's word, never the case's."""
    named = os.environ.get(DATA_ROOTS_VARIABLE, "")
    return (SHARED / "real", *(Path(part).resolve() for part in named.split(os.pathsep) if part))


def cache_under(root: Path) -> Path:
    """What chapters made, kept so that those that nothing changed need not run: one folder a case."""
    return root / "data" / "processed" / ".cache"


@dataclass(frozen=True, slots=True)
class Layout:
    """Where one case's products are: the published folders and the files inside them."""

    processed: Path
    reports: Path

    @classmethod
    def under(cls, root: Path, slug: str) -> "Layout":
        return cls(processed=root / "data" / "processed" / slug, reports=root / "reports" / slug)

    @property
    def case(self) -> Path:
        return self.processed / "case.json"

    @property
    def measurements(self) -> Path:
        return self.processed / "measurements.parquet"

    @property
    def journeys(self) -> Path:
        return self.processed / "journeys.parquet"

    @property
    def drawings(self) -> Path:
        return self.processed / "drawings"

    @property
    def pseudonyms(self) -> Path:
        """Which key the customers' pseudonyms were made with; no file where they are numbers."""
        return self.processed / "pseudonyms.json"

    @property
    def estimates(self) -> Path:
        return self.processed / "estimates"

    @property
    def checks(self) -> Path:
        return self.processed / "checks"

    @property
    def tables(self) -> Path:
        return self.processed / "tables"

    @property
    def paths(self) -> Path:
        return self.processed / "paths"

    @property
    def figures(self) -> Path:
        return self.reports / "figures"

    @property
    def notebooks(self) -> Path:
        return self.reports / "notebooks"

    @property
    def results(self) -> Path:
        return self.reports / "results.json"

    @property
    def manifest(self) -> Path:
        return self.reports / "manifest.json"

    @property
    def page(self) -> Path:
        return self.reports / "index.html"


def inside(root: Path, relative: str) -> Path | None:
    """``root / relative`` if it stays inside root after links are followed, else None."""
    candidate = resolved(root / relative)
    return candidate if candidate is not None and candidate.is_relative_to(root.resolve()) else None


def resolved(path: Path) -> Path | None:
    """The path with links followed; None for what no file can be called, and for links that lead in a circle."""
    try:
        found = path.resolve()
        found.exists()  # raises for a name that no file can have
        return found
    except (OSError, ValueError, RuntimeError):
        return None
