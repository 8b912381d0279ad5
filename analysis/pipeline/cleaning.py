"""Remove what a run made; raw data are never touched."""

import shutil
from pathlib import Path

from analysis.core import paths
from analysis.core.errors import CaseError, nearest
from analysis.pipeline.front_page import write_front_page


def clean_case(case: str | None, output: Path | None = None) -> list[Path]:
    """Remove one case's products, or every case's with None, and what is kept of chapters; returns what was removed."""
    root = (output or paths.PROJECT).resolve()
    places = [root / "data" / "processed", root / "reports"]
    kept = paths.cache_under(root)
    places.append(kept)
    present = {item.name for place in places if place.is_dir() for item in place.iterdir() if item.is_dir()}
    present -= {kept.name}
    if case is not None and case not in present:
        raise CaseError(f'nothing was built for "{case}"', where="exit-study clean", cure=nearest(case, present))
    removed = []
    for place in places:
        for item in sorted(place.iterdir()) if place.is_dir() else []:
            if item.is_dir() and item != kept and (case is None or item.name == case):
                shutil.rmtree(item)
                removed.append(item)
            elif item.name.startswith("failed-") and (case is None or item.name.startswith(f"failed-{case}-")):
                item.unlink()
                removed.append(item)
    write_front_page(root)
    return removed
