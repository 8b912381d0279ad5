"""A published report sent to an object store through papermill's own handlers, the same that notebooks use."""

from pathlib import Path
from typing import TYPE_CHECKING

from analysis.core import artefacts
from analysis.core.errors import CaseError, StudyError

if TYPE_CHECKING:
    from analysis.pipeline.telling import Progress

MANIFEST = "manifest.json"
NO_STORES = ("local", "-", "http://", "https://", "http://github.com/", "https://github.com/")  # or of JSON alone


def send(reports: Path, address: str, progress: "Progress") -> int:
    """Write every published file below ``address`` (like s3://bucket/folder) and return how many.

    The manifest goes last: a report without one was not sent whole. Raises CaseError when no handler writes there,
    StudyError when one does not manage to, naming the file.
    """
    from analysis.pipeline.engine import papermill  # slow to import

    papermill_io = papermill.iorw.papermill_io
    stores = sorted({scheme for scheme, _ in papermill_io._handlers} - set(NO_STORES))
    scheme = next((scheme for scheme in stores if address.startswith(scheme)), None)
    if scheme is None:
        raise CaseError("no store is written to at such an address", where=f"--to {address}", cure=", ".join(stores))
    names = [*artefacts.read_json(reports / MANIFEST)["outputs"], MANIFEST]
    for name in names:
        progress(name, "running")
        try:
            papermill_io.write((reports / name).read_text("utf-8"), f"{address.rstrip('/')}/{name}", extensions=[])
        except Exception as error:  # each store has errors of its own
            progress(name, "failed")
            raise StudyError(
                f"{scheme} did not take the file: {type(error).__name__}: {error}",
                where=name,
                cure="see that its library is installed and that you may write there, then send again",
            ) from error
        progress(name, "done")
    return len(names)
