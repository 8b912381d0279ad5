"""The one reader of a case's sealed truth. Only what compares finished estimates with the truth may call it."""

from pathlib import Path
from typing import Any

from analysis.core import paths
from analysis.core.artefacts import read_json
from analysis.core.errors import SourceError


def read_truth(folder: Path) -> dict[str, Any]:
    """The truth of a simulated case: seed, outcomes, diversion. Raises SourceError when it is absent or not a truth."""
    path = folder / paths.TRUTH_FILE
    cure = f"write it with the case's simulator, or leave the comparison with the truth out for {folder.name}"
    if not path.is_file():
        raise SourceError("this case has no known truth", where=f"{folder.name}/{paths.TRUTH_FILE}", cure=cure)
    try:
        content = read_json(path)
    except ValueError as error:
        raise SourceError("the truth is not JSON", where=f"{folder.name}/{path.name}", cure=cure) from error
    if not isinstance(content, dict) or not {"seed", "outcomes", "diversion"} <= set(content):
        raise SourceError(
            "the truth lacks seed, outcomes or diversion", where=f"{folder.name}/{path.name}", cure=cure
        )
    return content
