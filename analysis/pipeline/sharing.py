"""A published report as one file to hand on: a zip that is the same whenever it is made, or a PDF."""

import os
import shutil
import subprocess
import tempfile
import zipfile
from pathlib import Path

from analysis.core import artefacts, paths
from analysis.core.errors import CaseError, StudyError
from analysis.core.paths import Layout

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
LONGEST_PRINT_SECONDS = 120
QUIET = (
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-pdf-header-footer",
)
EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest a zip can say: when it was packed is nobody's business


def published(slug: str, root: Path | None = None) -> Path:
    """The folder of a case's report. Raises CaseError when there is none, StudyError when it is not as it was made."""
    layout = Layout.under((root or paths.PROJECT).resolve(), slug)
    if not layout.manifest.is_file():
        cure = f"{paths.COMMAND} run {slug}"
        raise CaseError("there is no report of this case to share", where=f"reports/{slug}", cure=cure)
    for name, digest in artefacts.read_json(layout.manifest)["outputs"].items():
        file = paths.inside(layout.reports, name)
        if file is None or not file.is_file() or artefacts.sha256_file(file) != digest:
            raise StudyError(
                "a file is not as the study left it",
                where=f"reports/{slug}/{name}",
                cure=f"{paths.COMMAND} run {slug} --force makes the report anew; nothing was packed",
            )
    return layout.reports


def pack(reports: Path, target: Path) -> Path:
    """Everything published, under one folder, the same bytes for the same report; ``target`` is replaced whole."""
    names = [*artefacts.read_json(reports / "manifest.json")["outputs"], "manifest.json"]
    beside = target.with_name(f".{target.name}.part")
    with zipfile.ZipFile(beside, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for name in sorted(names):
            entry = zipfile.ZipInfo(f"{reports.name}/{name}", EPOCH)
            entry.compress_type, entry.external_attr, entry.create_system = zipfile.ZIP_DEFLATED, 0o644 << 16, 3
            packed.writestr(entry, (reports / name).read_bytes())
    return beside.replace(target)


def print_page(page: Path, target: Path) -> Path:
    """The page on A4 as Chromium prints it: everything unfolded, the status of the data on every sheet.

    Raises StudyError without a Chromium, or when it does not print; ``target`` is then as it was.
    """
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        cure = "install it (apt-get install chromium), or open the page and print it from your browser"
        raise StudyError("a PDF needs Chromium, and there is none here", where="--pdf", cure=cure)
    with tempfile.TemporaryDirectory() as scratch:
        made = Path(scratch) / "page.pdf"
        unboxed = ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium makes no sandbox for root
        command = [program, *QUIET, *unboxed, f"--user-data-dir={scratch}/profile", f"--print-to-pdf={made}"]
        try:
            done = subprocess.run([*command, page.as_uri()], capture_output=True, timeout=LONGEST_PRINT_SECONDS)
        except subprocess.TimeoutExpired:
            done = None
        if done is None or done.returncode or not made.is_file():
            cure = "try again, or open the page and print it from your browser"
            raise StudyError("Chromium did not print the page", where=page.name, cure=cure)
        beside = target.with_name(f".{target.name}.part")
        shutil.copyfile(made, beside)
    return beside.replace(target)
