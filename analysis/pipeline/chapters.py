"""One chapter: taken from what is kept when nothing it is made from changed, else run in a folder of its own.

Chapters of one step run side by side. Each sees what the steps before made and nothing of its neighbours, so what it
made is what its folder holds more, whatever ran beside it.
"""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.core import artefacts, paths
from analysis.core.case_loading import CaseFolder
from analysis.core.errors import StudyError
from analysis.core.paths import Layout
from analysis.core.privacy import key_mark
from analysis.pipeline import chapter_cache as cache
from analysis.pipeline import parameters as strict
from analysis.pipeline import study as names
from analysis.pipeline.chain import READS_RECORD, READS_SOURCES, READS_TRUTH
from analysis.pipeline.execution import execute
from analysis.pipeline.ingredients import changes, ingredients
from analysis.pipeline.registration import FIRST_READ_FILE
from analysis.pipeline.storage import storage_error
from analysis.pipeline.telling import Options, Telling

PROVENANCE_FILE = "provenance.json"
SHOWN = 5  # changes told of one chapter


@dataclass(frozen=True, slots=True)
class Build:
    """One run of a case: ``site`` holds what its chapters made so far, ``root`` the last report, ``inputs`` hashes."""

    folder: CaseFolder
    root: Path
    site: Path
    sockets: Path
    inputs: Mapping[str, str]
    options: Options
    telling: Telling

    @property
    def slug(self) -> str:
        return self.folder.case.slug

    @property
    def executed(self) -> Path:
        return self.site / "executed"

    @property
    def record(self) -> str:
        """Where the site holds what the report is made from, relative to it."""
        layout = Layout.under(Path(), self.slug)
        return (layout.processed / PROVENANCE_FILE).as_posix()


@dataclass(frozen=True, slots=True)
class Made:
    """What a chapter made: the files ``names`` below ``folder``, kept from before or not; or why it could not."""

    folder: Path
    names: Mapping[str, str]
    kept: bool = False
    error: StudyError | None = None


def make(build: Build, notebook: Path, given: Mapping[str, Any], before: Mapping[str, str]) -> Made:
    """A chapter's products, kept or made anew. ``before`` are the hashes of what the site holds. Never raises
    StudyError: those beside it may end first."""
    name = notebook.stem
    values = {**strict.declared(notebook), **given, "case": build.slug}
    seen = {item: digest for item, digest in before.items() if item != build.record or name == READS_RECORD}
    inputs = {item: digest for item, digest in build.inputs.items() if item != paths.TRUTH_FILE or name == READS_TRUTH}
    record = seen.get(build.record, "")
    earlier = {item.replace(f"/{build.slug}/", "/", 1): seen[item] for item in seen if item != build.record}
    key = key_mark() if name == READS_SOURCES and build.folder.case.care is not None else ""
    now = ingredients(notebook, values, inputs, earlier, record, key)
    place, carried = cache.shelf(build.root, build.slug, name), _carried(build.root, build.slug)
    if not build.options.force and (entry := cache.find(place, now, carried)):
        build.telling.explain(f"{name}: kept, nothing it is made from changed")
        build.telling.progress(name, "kept")
        return Made(entry.files, entry.made, kept=True)
    build.telling.explain(f"{name}: run, {_why(build, cache.entries(place), now)}")
    build.telling.progress(name, "running")
    try:
        made = _run(build, notebook, {**given, "case": build.slug}, seen)
    except (StudyError, OSError) as error:
        build.telling.progress(name, "failed")
        told = storage_error(error, f"notebook {notebook.name}") if isinstance(error, OSError) else error
        return Made(_own_site(build, name), {}, error=told)
    if any(Path(item).name == FIRST_READ_FILE for item in made.names):
        cache.keep(place, now, made.folder, made.names, (carried, _carried(made.folder, build.slug)))
    else:
        cache.keep(place, now, made.folder, made.names)
    build.telling.progress(name, "done")
    return made


def _why(build: Build, kept: Sequence[cache.Entry], now: Mapping[str, str]) -> str:
    """What changed since the kept result that is nearest."""
    if build.options.force:
        return "--force"
    if not kept:
        return "nothing is kept of it"
    told = min((changes(entry.ingredients, now) for entry in kept), key=len)
    more = f" and {len(told) - SHOWN} more" if len(told) > SHOWN else ""
    return "; ".join(told[:SHOWN]) + more or "what was kept of it is damaged or from another first reading"


def _run(build: Build, notebook: Path, values: Mapping[str, Any], seen: Mapping[str, str]) -> Made:
    """Execute in a folder of its own that holds what was made before."""
    site = _own_site(build, notebook.stem)
    cache.copy_files(build.site, site, seen)
    surroundings = {
        names.FOLDER_VARIABLE: str(build.folder.folder),
        names.OUTPUT_VARIABLE: str(site),
        names.JOBS_VARIABLE: str(build.options.jobs),
        "MATPLOTLIBRC": str(paths.MATPLOTLIBRC),
        "IPYTHONDIR": str(build.sockets / "ipython"),
    }
    target = site / "executed" / notebook.name
    target.parent.mkdir(parents=True)
    execute(notebook, target, values, surroundings, build.options.cell_seconds)
    after = cache.hashes_of(site)
    return Made(site, {name: digest for name, digest in after.items() if seen.get(name) != digest})


def join(build: Build, made: list[Made]) -> None:
    """Put what the chapters of a step made together. Raises StudyError when two made the same file differently."""
    owned: dict[str, str] = {}
    for part in made:
        clash = [name for name in part.names if owned.get(name, part.names[name]) != part.names[name]]
        if clash:
            raise StudyError(
                "two chapters of one step make the same file", where=clash[0], cure="let one of them make it"
            )
        owned |= part.names
        cache.copy_files(part.folder, build.site, part.names)
    shutil.rmtree(build.site / "chapters", ignore_errors=True)


def keep_failed(build: Build, notebook: Path) -> None:
    """The failed notebook, with its traceback, where a researcher can open it; not when there is no room for it."""
    executed = _own_site(build, notebook.stem) / "executed" / notebook.name
    kept = build.root / "data" / "processed" / f"failed-{build.slug}-{notebook.name}"
    try:
        if executed.is_file():
            shutil.copy(executed, kept)
    except OSError:
        kept.unlink(missing_ok=True)


def _own_site(build: Build, name: str) -> Path:
    return build.site / "chapters" / name


def _carried(root: Path, slug: str) -> str:
    """Hash of what was planned at the first reading, as it stands under ``root``; "" for none."""
    file = Layout.under(root, slug).processed / FIRST_READ_FILE
    return artefacts.sha256_file(file) if file.is_file() else ""
