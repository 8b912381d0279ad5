"""What tests of faults share: whether a report is whole, what a run left behind, disks that fill up."""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from analysis.pipeline.provenance import output_hashes

LEVEL = "03_engagement.level"


def assert_whole(reports: Path) -> str:
    """Every file that the manifest names is there as it says, and no other; returns the report's fingerprint."""
    record = json.loads((reports / "manifest.json").read_text("utf-8"))
    assert output_hashes(reports) == record["outputs"]
    page = (reports / "index.html").read_text("utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert page.rstrip().endswith("</html>")
    assert record["fingerprint"][:12] in (reports / "results.json").read_text("utf-8")
    front = (reports.parent / "index.html").read_text("utf-8")
    assert f'href="{reports.name}/index.html"' in front
    assert front.rstrip().endswith("</html>")
    return record["fingerprint"]


def processes_writing_to(root: Path) -> list[int]:
    """Kernels whose products would go under ``root``."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            surroundings = (entry / "environ").read_bytes()
        except OSError:
            continue
        if b"EXIT_STUDY_OUTPUT=" + os.fsencode(root) in surroundings:
            found.append(int(entry.name))
    return found


@contextmanager
def small_disk(place: Path, size: int) -> Iterator[Path]:
    """A disk of its own of so many bytes, mounted at ``place``; skips where it cannot be mounted."""
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)]
    if os.geteuid() or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("a small disk can be mounted by root alone, and only where mounting is allowed")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)
