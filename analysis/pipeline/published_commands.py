"""The commands on many cases and on reports that are published: batch, compare, verify, accept, share."""

from pathlib import Path
from typing import Annotated

import typer

from analysis.core import paths
from analysis.core.errors import CaseError, StudyError
from analysis.pipeline.terminal import CasesArgument, OutputOption, line, out, shown

SHOWN_NUMBERS = 60  # on the terminal; the page has them all
commands = typer.Typer(rich_markup_mode=None)


@commands.command()
def batch(
    cases: CasesArgument,
    jobs: Annotated[int, typer.Option(min=1, help="Cases run side by side on this machine.")] = 2,
    scheduler: Annotated[str | None, typer.Option(help="Run on the Dask cluster at tcp://HOST:PORT instead.")] = None,
    output: OutputOption = None,
) -> None:
    """Run many cases, here or on a cluster, publish those that can be, and name the others."""
    from analysis.pipeline.batch import run_cases

    pages, failed = run_cases(
        cases, output=output, jobs=jobs, scheduler=scheduler,
        progress=lambda done, total: line(f"{done} of {total} cases are run"),
    )  # fmt: skip
    for page in pages:
        out.print(f"Report: {shown(page)}", markup=False)
    if failed:
        raise StudyError(
            f"{len(failed)} of {len(failed) + len(pages)} cases were not published",
            where=", ".join(failed),
            cure="correct each; their last reports are untouched",
            problems=[f"{case}: {error}" for case, error in failed.items()],
        )


@commands.command()
def compare(
    cases: Annotated[list[str] | None, typer.Argument(help="Cases with a report; all when none is named.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Make it again even when nothing changed.")] = False,
    output: OutputOption = None,
) -> None:
    """Lay the published cases side by side and pool what may be pooled: real and simulated never together."""
    from analysis.pipeline.comparison_run import compare_cases
    from analysis.pipeline.progress import shown_progress

    with shown_progress(out) as progress:
        page, ran = compare_cases(cases or [], output=output, force=force, progress=progress)
    out.print("Nothing changed since the last comparison; --force makes it again." if not ran else "Done.")
    out.print(f"Comparison: {shown(page)}", markup=False)


@commands.command()
def verify(cases: CasesArgument, output: OutputOption = None) -> None:
    """Rebuild cases elsewhere and compare every published file with its manifest: what differs, by how much."""
    from analysis.pipeline.progress import shown_progress
    from analysis.pipeline.verification import differences

    differing = []
    for case in cases:
        with shown_progress(out) as progress:
            found = differences(case, output=output, progress=progress)
        for difference in found or ["every file is the same"]:
            line(f"{case}: {difference}")
        differing += [case] if found else []
    if differing:
        cure = f"`{paths.COMMAND} accept {' '.join(differing)}` if the change is intended"
        raise StudyError("a rebuild differs from what is published", where=", ".join(differing), cure=cure)


@commands.command()
def accept(cases: CasesArgument, output: OutputOption = None) -> None:
    """Renew reports after an intended change, and show what moved: numbers first, then figures side by side."""
    from analysis.pipeline.acceptance import accept, numbers_of
    from analysis.pipeline.progress import shown_progress

    for case in cases:
        with shown_progress(out) as progress:
            found, page = accept(case, output=output, progress=progress)
        numbers, files = numbers_of(found), len({item.file for item in found})
        for item in numbers[:SHOWN_NUMBERS]:
            line(f"{item.file}, {item}")
        out.print(f"{case}: {len(numbers)} numbers or sentences moved, {files} files: {shown(page)}", markup=False)


@commands.command()
def share(
    case: Annotated[str, typer.Argument(help="The name of a case that has a report.")],
    pdf: Annotated[bool, typer.Option("--pdf", help="The page printed on A4 instead (needs Chromium).")] = False,
    page: Annotated[str, typer.Option(help="Which page to print.")] = "index.html",
    target: Annotated[Path | None, typer.Option(help="The file to write; CASE.zip or CASE.pdf here if none.")] = None,
    to: Annotated[str | None, typer.Option(help="Send every file to s3://BUCKET/FOLDER, gs://… or abs://…")] = None,
    output: OutputOption = None,
) -> None:
    """Pack a report, its numbers, tables, figures and provenance into one zip, print it to PDF, or send it away."""
    from analysis.pipeline.progress import shown_progress
    from analysis.pipeline.sending import send
    from analysis.pipeline.sharing import pack, print_page, published

    reports = published(case, output)
    if to is not None:
        with shown_progress(out) as progress:
            sent = send(reports, to, progress)
        out.print(f"Sent: {sent} files to {to}", markup=False)
        return
    wanted = target or Path(f"{reports.name}.{'pdf' if pdf else 'zip'}")
    if pdf and (paths.inside(reports, page) is None or not (reports / page).is_file()):
        raise CaseError(f'there is no page "{page}"', where=f"reports/{reports.name}", cure="--page index.html")
    written = print_page(reports / page, wanted) if pdf else pack(reports, wanted)
    out.print(f"Written: {shown(written)}", markup=False)
