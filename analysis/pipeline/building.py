"""One build of a case: its chapters in a folder beside, side by side where they can be, then one publication."""

import threading
import time
import warnings
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any, TypeVar

from analysis.core import artefacts
from analysis.core.case_loading import CaseFolder
from analysis.core.errors import StudyError
from analysis.core.paths import Layout
from analysis.core.tasks import map_tasks
from analysis.pipeline.chain import STEPS
from analysis.pipeline.chapters import PROVENANCE_FILE, Build, join, keep_failed, make
from analysis.pipeline.crate import FILE as CRATE_FILE
from analysis.pipeline.crate import run_crate
from analysis.pipeline.kernels import runtime_in
from analysis.pipeline.preflight import check_coverage, check_declarations, raise_all
from analysis.pipeline.provenance import output_hashes
from analysis.pipeline.publication import building_site, private_sockets, publish
from analysis.pipeline.spending import Spent, times_of
from analysis.pipeline.storage import storage_error
from analysis.pipeline.study import Study
from analysis.pipeline.telling import Options, Telling

PREPARE = "01_prepare"  # the step after which the data are known
LISTENING_SECONDS = 0.2  # between two looks for Ctrl-C
Result = TypeVar("Result")


def build_case(
    folder: CaseFolder,
    root: Path,
    notebooks: Mapping[str, Path],
    parameters: Mapping[str, Mapping[str, Any]],
    record: Mapping[str, Any],
    options: Options,
    telling: Telling,
) -> list[Spent]:
    """Make every chapter that is not kept and publish the report under ``root``; returns where the time went.

    Raises CaseError or StudyError; whatever is raised, the last published report is as it was.
    """
    _raise_all(check_declarations(folder))
    slug = folder.case.slug
    try:
        with building_site(root, slug) as site, private_sockets(root, slug) as sockets:
            layout = Layout.under(site, slug)
            artefacts.write_json(layout.processed / PROVENANCE_FILE, record)
            build = Build(folder, root, site, sockets, record["inputs"], options, telling)
            importing = threading.Thread(target=_import_what_publishes, daemon=True)
            importing.start()
            ran = interruptible(lambda: _run_chain(build, notebooks, parameters))
            begun = time.monotonic()
            importing.join()  # nothing else goes on in this process when it is copied
            from analysis.pipeline.annex import publish_notebooks

            publish_notebooks(build.executed, list(notebooks), folder.case, layout, options.jobs)
            crate = run_crate(record, output_hashes(layout.reports), folder.case.model_dump(mode="json"))
            artefacts.write_json(layout.reports / CRATE_FILE, crate)
            artefacts.write_json(layout.manifest, {**record, "outputs": output_hashes(layout.reports)})
            times = times_of(build.executed, ran)
            publish(site, root, slug)
            return [*times, Spent("publication", publishing=time.monotonic() - begun)]
    except OSError as error:
        raise storage_error(error, "data/processed or reports") from error


def _import_what_publishes() -> None:
    """Slow to import, and this process has nothing to do while its kernels work: the first waits for papermill."""
    import analysis.pipeline.engine  # noqa: I001  the first waits for it
    import analysis.pipeline.annex
    import analysis.pipeline.front_page  # noqa: F401


def interruptible(step: Callable[[], Result]) -> Result:
    """Run beside the main thread: the notebook client would otherwise swallow Ctrl-C and end as if all were well.

    The system may hand Ctrl-C to another thread, and Python acts on it in the main thread only when that one wakes: a
    wait without end would miss it.
    """
    pool = ThreadPoolExecutor(max_workers=1)
    task = pool.submit(step)
    try:
        while not wait([task], timeout=LISTENING_SECONDS).done:
            pass
        return task.result()
    except KeyboardInterrupt:
        warnings.simplefilter("ignore")  # what still runs beside finds its folders gone; nobody waits for it
        raise
    finally:
        pool.shutdown(wait=task.done(), cancel_futures=True)


def _raise_all(problems: list[StudyError]) -> None:
    raise_all(
        problems,
        what="problems before anything was estimated",
        where="case.yaml and its files",
        cure="correct each; the last report is untouched",
    )


def _run_chain(build: Build, notebooks: Mapping[str, Path], parameters: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Every chapter, step by step, into the site; returns the names of those that were run, not kept."""
    made_so_far = {build.record: artefacts.sha256_file(build.site / build.record)}
    ran: list[str] = []
    with runtime_in(build.sockets):
        for step in STEPS:
            chosen = [name for name in step if name in notebooks]
            made = map_tasks(
                lambda name, before=made_so_far: make(build, notebooks[name], parameters.get(name, {}), before),
                chosen,
                jobs=build.options.jobs,
                threads=True,
            )
            for name, part in zip(chosen, made, strict=True):
                if part.error is not None:
                    keep_failed(build, notebooks[name])
            for error in (part.error for part in made if part.error is not None):
                raise error
            join(build, made)
            ran += [name for name, part in zip(chosen, made, strict=True) if not part.kept]
            for part in made:
                made_so_far |= {name: digest for name, digest in part.names.items() if not name.startswith("executed/")}
            if PREPARE in chosen:  # what the data lack is known only now, and no later step may find it out
                _raise_all(check_coverage(Study(build.folder, Layout.under(build.site, build.slug))))
    return ran
