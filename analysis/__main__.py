"""The command line: run, batch, compare, check, plan, verify, accept, detect, new, fetch, share, list, clean."""

import gc
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from analysis.core import paths
from analysis.core.errors import CaseError, StudyError
from analysis.pipeline.published_commands import commands
from analysis.pipeline.terminal import CaseArgument, OutputOption, err, line, out, shown

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="What does leaving a platform do to engagement and to service volume?",
)
app.add_typer(commands)
DONE, NOT_COMPLETED, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130


@app.command()
def run(
    case: CaseArgument,
    jobs: Annotated[int, typer.Option(min=1, help="Notebooks run side by side, and copies each works in.")] = 2,
    force: Annotated[bool, typer.Option("--force", help="Run every chapter even when nothing changed.")] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Tell why each chapter is run or kept.")] = False,
    cell_seconds: Annotated[
        int, typer.Option(min=1, envvar="EXIT_STUDY_CELL_SECONDS", help="How long one cell may take.")
    ] = 1800,
    parameter: Annotated[
        list[str] | None, typer.Option("--parameter", "-p", help="NOTEBOOK.NAME=VALUE, e.g. 03_engagement.level=0.9")
    ] = None,
    output: OutputOption = None,
) -> None:
    """Run a case's study and publish its report."""
    from analysis.pipeline.warm_process import warm_up

    warm_up()  # while this process imports the rest
    from analysis.pipeline.parameters import parse_assignment
    from analysis.pipeline.progress import shown_progress
    from analysis.pipeline.runner import run_case
    from analysis.pipeline.spending import spending_text
    from analysis.pipeline.telling import silent

    given: dict[str, dict[str, object]] = {}
    for text in parameter or []:
        notebook, name, value = parse_assignment(text)
        given.setdefault(notebook, {})[name] = value
    rows: list = []
    with shown_progress(out) as progress:
        page, ran = run_case(
            case, output=output, jobs=jobs, force=force, cell_seconds=cell_seconds, parameters=given,
            progress=progress, explain=line if explain else silent, spent=rows.extend,
        )  # fmt: skip
    if rows:
        out.print(spending_text(rows), markup=False)
    out.print("Nothing changed since the last run; --force runs it again." if not ran else "Done.")
    out.print(f"Report: {shown(page)}", markup=False)


@app.command()
def check(case: CaseArgument) -> None:
    """Check case.yaml and every export, and tell every problem at once. Runs nothing."""
    from analysis.core.case_loading import load_case_folder
    from analysis.core.paths import Layout
    from analysis.pipeline.preflight import every_problem, raise_all
    from analysis.pipeline.study import Study

    folder = load_case_folder(case)
    with TemporaryDirectory() as scratch:
        study = Study(folder, Layout.under(Path(scratch), folder.case.slug))
        problems = every_problem(study, lambda line: out.print(f"  {line}", markup=False))
    raise_all(problems, what="problems found", where=folder.case.slug, cure="correct each of these")
    out.print("Everything can be read, and every outcome can be estimated or is refused as noted.")


@app.command()
def plan(
    case: CaseArgument,
    register: Annotated[bool, typer.Option("--register", help="Write plan.lock.json into the case folder.")] = False,
    date: Annotated[str, typer.Option(help="The day of registration, like 2019-04-30.")] = "",
) -> None:
    """Show the plan, what it could detect before any effect is seen, and its hash."""
    from analysis.core.case_loading import load_case_folder
    from analysis.core.paths import Layout
    from analysis.pipeline.plan import plan_record, plan_text
    from analysis.pipeline.plan import register as write_lock
    from analysis.pipeline.preflight import check_declarations
    from analysis.pipeline.prepare import prepare
    from analysis.pipeline.staffing_study import planned_staffing, planned_text
    from analysis.pipeline.study import Study

    if register != bool(date):
        cure = f"{paths.COMMAND} plan CASE --register --date 2019-04-30"
        raise CaseError("a registration needs its date, and a date a registration", where="--register", cure=cure)
    folder = load_case_folder(case)
    for problem in check_declarations(folder):
        raise problem
    with TemporaryDirectory() as scratch:
        study = Study(folder, Layout.under(Path(scratch), folder.case.slug))
        prepare(study)
        record = plan_record(study)
        people = planned_text(planned_staffing(study, study.store.measurements()))
    out.print(plan_text(record) + people, markup=False)
    if register:
        written = write_lock(folder.folder, record["sha256"], date)
        out.print(f"Registered: {shown(written)}. The next report says so.", markup=False)


@app.command()
def detect(
    files: Annotated[list[Path], typer.Argument(help="Export files as received.", show_default=False)],
    output: Annotated[Path | None, typer.Option(help="Also write the sources block into this new file.")] = None,
) -> None:
    """Name the format, the period, the metrics and the doubts of exports, and print their block for case.yaml."""
    from analysis.pipeline.detect import ZONE, examine, failures, report_of
    from analysis.pipeline.source_block import block_of, sources_of, write_block

    exports = []
    for file in dict.fromkeys(files):
        exports.append(examine(file))
        out.print(report_of(exports[-1]), markup=False)
    joined, apart = sources_of(exports)
    for note in apart:
        out.print(f"note: {note}", markup=False)
    out.print(f"Days are counted in {ZONE} here; in a study the case's `time_zone:` decides.\n", markup=False)
    block = block_of(joined, exports)
    out.print(block, markup=False)
    if output is not None and block:
        out.print(f"Written: {shown(write_block(block, output))}", markup=False)
    if failed := failures(exports):
        raise StudyError(
            f"{len(failed)} of {len(exports)} files could not be named or read",
            where=", ".join(item.path.name for item in failed[:5]), cure="see above what is wrong with each",
        )


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="The new case's name: lower case letters, digits, dashes.")],
    more: Annotated[list[Path] | None, typer.Argument(help="More files after --from.", show_default=False)] = None,
    into: Annotated[Path | None, typer.Option(help="The folder to make it in; data/raw unless given.")] = None,
    first: Annotated[list[Path] | None, typer.Option("--from", help="Exports to copy in and begin with.")] = None,
) -> None:
    """Make a commented case folder to start from: empty, or around the exports named after --from."""
    from analysis.pipeline.case_from_exports import make_case_from
    from analysis.pipeline.detect import report_of
    from analysis.pipeline.new_case import make_case

    if more and not first:
        raise CaseError("files are named after --from", where="--from", cure=f"{paths.COMMAND} new {name} --from FILE")
    if first:
        made = make_case_from(name, [*first, *(more or [])], into)
        for export in made.exports:
            out.print(report_of(export), markup=False)
        out.print(f"Made {shown(made.folder)}. Still missing in its case.yaml:", markup=False)
        for line in made.missing:
            out.print(f"  - {line}", markup=False)
        out.print(f"Then: {paths.COMMAND} check {name if into is None else shown(made.folder)}", markup=False)
        return
    folder = make_case(name, into)
    out.print(
        f"Made {shown(folder)}. Now fill engagement.csv there (or put your own exports in that folder and name them "
        f"in case.yaml), then: {paths.COMMAND} check {name if into is None else shown(folder)}",
        markup=False,
    )


@app.command()
def fetch(
    case: CaseArgument,
    force: Annotated[bool, typer.Option("--force", help="Fetch again what is there (not what you changed).")] = False,
    contact: Annotated[
        str, typer.Option(help="Where you can be reached (an address or URL), told to the service as it asks.")
    ] = "",
) -> None:
    """Download the public page views that case.yaml asks for under fetch. No other command uses the network."""
    from analysis.core.case_loading import load_case_folder
    from analysis.pipeline.fetch import fetch_case
    from analysis.pipeline.progress import shown_count

    with shown_count(out) as progress:
        fetched, kept = fetch_case(load_case_folder(case), force=force, contact=contact, progress=progress)
    where = shown((fetched + kept)[0].parent)
    out.print(f"{len(fetched)} fetched, {len(kept)} there already: {where}. Sources name them as", markup=False)
    out.print(f"files: [{(fetched + kept)[0].parent.name}/*.json], format: wikimedia_pageviews.", markup=False)


@app.command("list")
def list_cases() -> None:
    """The cases under data/raw and whether they have a report."""
    from analysis.core.paths import Layout

    for file in sorted(paths.RAW.glob(f"*/{paths.CASE_FILE}")):
        page = Layout.under(paths.PROJECT, file.parent.name).page
        out.print(f"{file.parent.name:24} {shown(page) if page.is_file() else 'no report yet'}", markup=False)


@app.command()
def clean(
    case: Annotated[str | None, typer.Argument(help="A case's name.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every case.")] = False,
    output: OutputOption = None,
) -> None:
    """Remove built reports and processed tables (never raw data)."""
    from analysis.pipeline.cleaning import clean_case

    if bool(case) == everything:
        cure = f"{paths.COMMAND} clean unicredit"
        raise CaseError("name one case, or give --all", where="exit-study clean", cure=cure)
    for path in clean_case(case, output):
        out.print(f"removed {shown(path)}", markup=False)


def main() -> None:
    """Entry point: a clear error on standard error and the exit code that says whose turn it is."""
    try:
        code = app(standalone_mode=False)  # typer gives back 130 for Ctrl-C and raises nothing
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except StudyError as error:
        err.print(f"error: {error}", style=None, markup=False)
        wrong_usage = isinstance(error, CaseError) and error.where.startswith(
            ("data/raw", "--", "exit-study", "parameter", "notebook p")
        )
        raise SystemExit(WRONG_USAGE if wrong_usage else NOT_COMPLETED) from None
    except Exception as error:
        if type(error).__module__.startswith("click") or type(error).__module__.startswith("typer"):
            error.show()
            raise SystemExit(WRONG_USAGE) from None
        raise
    if code == INTERRUPTED:
        err.print("Interrupted. The last report is untouched.")
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(INTERRUPTED)  # a notebook may still be running beside; its kernel ends with this process
    gc.freeze()  # what is still held goes with the process: walking through all that was imported takes half a second
    raise SystemExit(code or DONE)


if __name__ == "__main__":
    main()
