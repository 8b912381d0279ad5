"""`make accept`: remake a committed report and show what moved, numbers first, then figures side by side."""

import base64
import io
import shutil
import subprocess
import tarfile
import tempfile
from html import escape
from pathlib import Path

from analysis.core import artefacts, paths
from analysis.core.case_loading import load_case_folder
from analysis.core.errors import StudyError
from analysis.core.paths import Layout
from analysis.pipeline.report_differences import Moved, moved
from analysis.pipeline.runner import run_case
from analysis.pipeline.telling import Progress, silent

OWN_HASHES = ("provenance.code_sha256", "provenance.fingerprint")  # move with every change of the code
HEAD = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>
body{{font:16px/1.5 sans-serif;margin:2rem;color:#222;background:#fff}}
table{{border-collapse:collapse}}td,th{{padding:.2rem .8rem;text-align:left;border-bottom:1px solid #ccc}}
.pair{{display:flex;gap:1rem}}.pair figure{{flex:1;margin:0}}img{{width:100%;border:1px solid #ccc}}
</style></head><body><h1>{title}</h1>
"""


def accept(name_or_path: str, *, output: Path | None = None, progress: Progress = silent) -> tuple[list[Moved], Path]:
    """Renew a case's report; returns what moved against the committed one (else the last one) and a page of it.

    The page lies among the processed files, outside what is committed. Raises StudyError without an earlier report.
    """
    root = (output or paths.PROJECT).resolve()
    slug = load_case_folder(name_or_path).case.slug
    with tempfile.TemporaryDirectory() as folder:
        old = _earlier(root, slug, Path(folder))
        page, _ = run_case(name_or_path, output=output, progress=progress)
        found = [item for item in moved(old, page.parent) if item.key not in OWN_HASHES]
        shown = root / "data" / "processed" / f"moved-{slug}.html"
        return found, artefacts.write_text(shown, page_of(f"What moved in {slug}", found, old, page.parent))


def numbers_of(found: list[Moved]) -> list[Moved]:
    """The numbers that moved in the results and in tables, then the words of the results that did."""
    words = [item for item in found if item.numbers is None and item.file == "results.json"]
    return [item for item in found if item.numbers and item.file.endswith((".json", ".csv"))] + words


def page_of(title: str, found: list[Moved], old: Path, new: Path) -> str:
    """Numbers first, then every figure that differs, old and new side by side, then the names of the other files."""
    numbers = numbers_of(found)
    rows = "".join(
        f"<tr><td>{escape(item.file)}</td><td>{escape(item.key)}</td>"
        f"<td>{escape(str(item.old))}</td><td>{escape(str(item.new))}</td></tr>"
        for item in numbers
    )
    table = f"<table><tr><th>file</th><th>key</th><th>old</th><th>new</th></tr>{rows}</table>"
    names = dict.fromkeys(item.file for item in found)
    figures = [name for name in names if name.endswith(".svg")]
    pairs = "".join(
        f"<h3>{escape(name)}</h3><div class='pair'>{_figure(old / name, 'old')}{_figure(new / name, 'new')}</div>"
        for name in figures
    )
    others = "".join(f"<li>{escape(name)}</li>" for name in names if name not in figures)
    parts = (
        f"<h2>Numbers and sentences ({len(numbers)})</h2>{table if numbers else '<p>None.</p>'}",
        f"<h2>Figures ({len(figures)})</h2>{pairs or '<p>None.</p>'}",
        f"<h2>Files</h2><ul>{others}</ul>" if others else "",
    )
    return HEAD.format(title=escape(title)) + "".join(parts) + "</body></html>\n"


def _figure(file: Path, label: str) -> str:
    """As an image: nothing inside a figure can act on the page."""
    if not file.is_file():
        return f"<figure><figcaption>{label}: none</figcaption></figure>"
    content = base64.b64encode(file.read_bytes()).decode()
    return (
        f"<figure><figcaption>{label}</figcaption>"
        f"<img alt='{label}' src='data:image/svg+xml;base64,{content}'></figure>"
    )


def _earlier(root: Path, slug: str, scratch: Path) -> Path:
    """The committed report, unpacked; where none is, a copy of the last one."""
    committed = subprocess.run(
        ["git", "archive", "--format=tar", "HEAD", "--", f"reports/{slug}"], cwd=root, capture_output=True
    )
    if committed.returncode == 0:
        with tarfile.open(fileobj=io.BytesIO(committed.stdout)) as archive:
            archive.extractall(scratch, filter="data")
        return Layout.under(scratch, slug).reports
    last = Layout.under(root, slug).reports
    if not last.is_dir():
        raise StudyError("there is no earlier report", where=f"reports/{slug}", cure=f"{paths.COMMAND} run {slug}")
    target = Layout.under(scratch, slug).reports
    return Path(shutil.copytree(last, target))
