"""Rebuild elsewhere and compare byte for byte with what the manifest promises."""

import tempfile
from pathlib import Path

from analysis.core import artefacts, paths
from analysis.core.case_loading import load_case_folder
from analysis.core.errors import StudyError
from analysis.core.paths import Layout
from analysis.pipeline.provenance import output_hashes, provenance
from analysis.pipeline.registration import hand_over
from analysis.pipeline.report_differences import by_file, moved
from analysis.pipeline.runner import run_case
from analysis.pipeline.telling import Progress, silent


def differences(name_or_path: str, *, output: Path | None = None, progress: Progress = silent) -> list[str]:
    """One line for each published file that a rebuild does not reproduce, with what differs and by how much.

    Raises StudyError without a report.
    """
    slug = load_case_folder(name_or_path).case.slug
    published = Layout.under((output or paths.PROJECT).resolve(), slug)
    if not published.manifest.is_file():
        raise StudyError("there is no report to compare with", where=slug, cure=f"exit-study run {name_or_path}")
    record = artefacts.read_json(published.manifest)
    with tempfile.TemporaryDirectory() as folder:
        hand_over(published, Layout.under(Path(folder), slug))
        page, _ = run_case(name_or_path, output=Path(folder), parameters=record["parameters"], progress=progress)
        rebuilt = output_hashes(page.parent)
        found = by_file(moved(published.reports, page.parent))
    now = provenance(load_case_folder(name_or_path), record["parameters"])
    lines = [
        f"made from {what} than there {'are' if what.endswith('s') else 'is'} now"
        for key, what in (("code_sha256", "other code"), ("lock_sha256", "other versions"), ("inputs", "other inputs"))
        if now[key] != record[key]
    ]
    expected, present = record["outputs"], output_hashes(published.reports)
    lines += [f"missing from the published report: {name}" for name in sorted(set(expected) - set(present))]
    lines += [
        f"changed after publication: {name}"
        for name in sorted(expected)
        if present.get(name, expected[name]) != expected[name]
    ]
    if expected != rebuilt and not found:
        lines.append("the manifest promises other bytes than those beside it")
    return lines + [f"differs: {line}" for line in found]
