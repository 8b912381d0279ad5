"""What a report was made from and by: hashes of inputs and code, versions, the command that remakes it."""

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from analysis.core import artefacts, paths
from analysis.core.case_loading import CaseFolder
from analysis.core.paths import LOCK_FILE

SHOWN_PACKAGES = (
    "jupyterlab",
    "matplotlib",
    "nbconvert",
    "numpy",
    "pandas",
    "papermill",
    "scipy",
    "seaborn",
    "statsmodels",
)


def code_files() -> list[Path]:
    """Everything that can change a report, apart from its inputs."""
    package = [
        item for item in (paths.PROJECT / "analysis").rglob("*") if item.is_file() and "__pycache__" not in item.parts
    ]
    single = [paths.CITATION, paths.CLAIMS, paths.LOCK, paths.MATPLOTLIBRC]
    return sorted([*package, *paths.NOTEBOOKS.glob("*.ipynb"), *single])


def input_hashes(folder: CaseFolder) -> dict[str, str]:
    """sha256 of case.yaml, of every export, of the register of accounts, of a simulated case's sealed truth."""
    hashes = {paths.CASE_FILE: artefacts.sha256_file(folder.case_file)}
    for source in folder.case.sources:
        for path in folder.files_of(source.id):
            hashes[path.relative_to(folder.data_root).as_posix()] = artefacts.sha256_file(path)
    if accounts := folder.accounts_file:
        hashes[accounts.relative_to(folder.folder.resolve()).as_posix()] = artefacts.sha256_file(accounts)
    if (lock := folder.folder / LOCK_FILE).is_file():
        hashes[LOCK_FILE] = artefacts.sha256_file(lock)
    if folder.truth_file.is_file():
        hashes[paths.TRUTH_FILE] = artefacts.sha256_file(folder.truth_file)
    return dict(sorted(hashes.items()))


def provenance(folder: CaseFolder, parameters: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Everything that determines the published bytes. The same on every machine."""
    return recorded(folder.case.slug, f"exit-study run {_shown_case(folder)}", input_hashes(folder), parameters)


def recorded(
    name: str, command: str, inputs: Mapping[str, str], parameters: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """The record of a publication made from ``inputs`` (name -> sha256) by ``command``, with its fingerprint."""
    code = {item.relative_to(paths.PROJECT).as_posix(): artefacts.sha256_file(item) for item in code_files()}
    record = {
        "case": name,
        "command": command,
        "inputs": dict(inputs),
        "code_sha256": artefacts.sha256_bytes(artefacts.canonical_json(code).encode()),
        "lock_sha256": artefacts.sha256_file(paths.LOCK),
        "parameters": {name: dict(values) for name, values in parameters.items()},
        "python": "3.11",
        "versions": {name: version(name) for name in SHOWN_PACKAGES},
    }
    return record | {"fingerprint": artefacts.sha256_bytes(artefacts.canonical_json(record).encode())}


def _shown_case(folder: CaseFolder) -> str:
    place = folder.folder
    if place.parent == paths.RAW:
        return place.name
    return place.relative_to(paths.PROJECT).as_posix() if place.is_relative_to(paths.PROJECT) else place.name


def output_hashes(reports: Path) -> dict[str, str]:
    """sha256 of every published file but the manifest itself, by path inside the report."""
    return {
        item.relative_to(reports).as_posix(): artefacts.sha256_file(item)
        for item in sorted(reports.rglob("*"))
        if item.is_file() and item.name != "manifest.json"
    }


def is_current(manifest: Path, fingerprint: str) -> bool:
    """True when the published report was made from exactly these inputs and code and is still whole."""
    if not manifest.is_file():
        return False
    try:
        record = artefacts.read_json(manifest)
        return record["fingerprint"] == fingerprint and output_hashes(manifest.parent) == record["outputs"]
    except (ValueError, KeyError, TypeError, OSError):
        return False
