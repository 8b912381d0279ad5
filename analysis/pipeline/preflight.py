"""Everything that can be found wrong before a notebook runs: names, options, files, formats, how far the data reach."""

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from types import ModuleType

import pandas as pd

from analysis.core import paths
from analysis.core.accounts import closed_before
from analysis.core.assembly import build_panel
from analysis.core.case import WEEKDAYS, Outcome, StudyWindows
from analysis.core.case_loading import CaseFolder
from analysis.core.coverage import merged, shortfalls
from analysis.core.discovery import pick
from analysis.core.errors import CaseError, StructurallyAbsentOutcome, StudyError
from analysis.estimators import DEFAULT, check_options
from analysis.estimators import available as estimators
from analysis.pipeline.chain import notebooks_for
from analysis.pipeline.estimates import module_for
from analysis.pipeline.new_case import EXPORT_TEXT, PLACEHOLDERS
from analysis.pipeline.parameters import checked
from analysis.pipeline.prepare import prepare
from analysis.pipeline.registration import registered
from analysis.pipeline.study import Study
from analysis.sources import options_of, read_accounts, read_source
from analysis.sources._recognising import TODO


def check_declarations(folder: CaseFolder) -> list[StudyError]:
    """Problems of case.yaml against what the suite offers and what lies in the folder; no export is parsed."""
    problems = [error for source in folder.case.sources for error in check_source(folder, source.id)]
    problems += _caught(lambda: read_accounts(folder))
    problems += _caught(lambda: registered(folder.folder, ""))
    for outcome in folder.case.outcomes:
        problems += _caught(lambda outcome=outcome: _check_estimator(outcome))
    return problems + list(_weeks_out_of_step(folder)) + list(_truth_missing(folder))


def _truth_missing(folder: CaseFolder) -> Iterator[CaseError]:
    """A simulated world is shown with what was put into it, or a reader would take its answer for a finding."""
    if folder.case.data_status == "simulated" and not folder.truth_file.is_file():
        yield CaseError(
            f"there is no {paths.TRUTH_FILE}",
            where="data_status: simulated",
            cure="put the truth that the simulation knows beside case.yaml (docs/example/truth.json shows how)",
        )


def check_source(folder: CaseFolder, source_id: str) -> list[StudyError]:
    """Problems of one source's declaration: its format, its options, its files."""
    source = next(item for item in folder.case.sources if item.id == source_id)
    return _caught(lambda: options_of(source)) + _caught(lambda: folder.files_of(source_id))


def _weeks_out_of_step(folder: CaseFolder) -> Iterator[CaseError]:
    """In a weekly study a period begins with a week: half a week before the event would belong to neither side."""
    case = folder.case
    if case.frequency != "week":
        return
    named: list[tuple[str, StudyWindows]] = [("windows", case.windows)]
    named += [
        (f"outcomes, {item.id}, windows", item.windows)
        for item in case.outcomes
        if item.windows and item.scale != "log_return"  # prices keep their own days
    ]
    if case.diversion and case.diversion.windows:
        named.append(("diversion, windows", case.diversion.windows))
    for place, windows in named:
        for key in ("first", "event"):
            day = getattr(windows, key)
            late = (day.weekday() - WEEKDAYS.index(case.week_starts)) % 7
            if late:
                before, after = day - timedelta(days=late), day + timedelta(days=7 - late)
                yield CaseError(
                    f"{key} ({day}) is not a {case.week_starts.capitalize()}; did you mean {before} or {after}?",
                    where=f"{folder.case_file.name}, {place}, {key}",
                    cure="in a weekly study these are the first days of weeks (week_starts says which day that is)",
                )


def untouched(folder: CaseFolder) -> list[StudyError]:
    """What still stands in the case as `new` wrote it."""
    problems: list[StudyError] = [
        CaseError(
            f'{key} is still the template\'s text, "{text}"',
            where=f"{folder.case_file.name}, {key}",
            cure="write your own",
        )
        for key, text in PLACEHOLDERS.items()
        if getattr(folder.case, key) == text
    ]
    problems += [
        CaseError(
            f"{key} still says {TODO}", where=f"{folder.case_file.name}, sources, {source.id}, options, {key}",
            cure=f"say which: `{paths.COMMAND} detect FILE` shows the choices",
        )
        for source in folder.case.sources for key, value in source.options.items() if value == TODO
    ]  # fmt: skip
    columns = EXPORT_TEXT.strip().replace(",", ", ")
    problems += [
        CaseError(
            f"{path.name} is still the empty template; columns: {columns}",
            where=path.name,
            cure="fill it (one row a day and channel), or put your own exports there and name them in case.yaml",
        )
        for path in dict.fromkeys(path for item in folder.case.sources for path in _empty_templates(folder, item.id))
    ]
    return problems


def _empty_templates(folder: CaseFolder, source_id: str) -> list[Path]:
    try:
        files = folder.files_of(source_id)
    except StudyError:
        return []
    empty = EXPORT_TEXT.encode()
    return [path for path in files if path.stat().st_size == len(empty) and path.read_bytes() == empty]


def warnings_of(folder: CaseFolder) -> list[str]:
    """What is allowed but will surprise."""
    register = () if _caught(lambda: read_accounts(folder)) else read_accounts(folder)
    early = closed_before(folder.case, register)
    if folder.case.slug == folder.folder.name:
        return early
    return [
        *early,
        f'the slug is "{folder.case.slug}" and the folder "{folder.folder.name}": the report will be under '
        f"reports/{folder.case.slug}",
    ]


def check_inputs(folder: CaseFolder) -> Iterator[tuple[str, list[StudyError]]]:
    """Read every source that can be read, yielding its id and what is wrong with it (nothing, when it is sound)."""
    for source in folder.case.sources:
        if not check_source(folder, source.id) and not _empty_templates(folder, source.id):
            yield source.id, _caught(lambda source=source: read_source(folder, source.id))


def every_problem(study: Study, say: Callable[[str], None]) -> list[StudyError]:
    """All of the above and the outcomes, as far as each can be known while others are wrong; ``say`` hears how it
    goes."""
    folder = study.folder
    for warning in warnings_of(folder):
        say(f"note: {warning}")
    problems = untouched(folder) + check_declarations(folder)
    problems += _caught(lambda: checked(notebooks_for(folder.case), folder.case.notebooks))
    sound = set()
    for source, found in check_inputs(folder):
        say(f"{source}: {'PROBLEM' if found else 'sound'}")
        problems += found
        sound |= set() if found else {source}
    if sound == {source.id for source in folder.case.sources}:
        found, refused = check_panels(study)
        problems += found
        for line in refused:
            say(f"note: {line}")
    else:
        say("outcomes: not checked, because not every source can be read yet")
    return list({str(item): item for item in problems}.values())


def check_coverage(study: Study) -> list[StudyError]:
    """What the prepared data lack of what outcomes and the diversion ask for: one error a lack, with who needs it."""
    return list(merged(shortfalls(study.case, study.store.measurements())))


def check_panels(study: Study) -> tuple[list[StudyError], list[str]]:
    """Outcomes that the data, once read, cannot carry, and what a run will refuse by rule without ending for it."""
    prepare(study)
    measurements = study.store.measurements()
    found, refused = shortfalls(study.case, measurements), []
    problems: list[StudyError] = list(merged(found))
    short = {item.needs for item in found}
    for outcome in (item for item in study.case.outcomes if item.id not in short):
        for error in _caught(lambda outcome=outcome: _check_panel(study, outcome, measurements)):
            if outcome.role == "secondary" and isinstance(error, StructurallyAbsentOutcome):
                refused.append(f"{outcome.id} will be refused: {error.what}")
            else:
                problems.append(error)
    return problems, refused


def _check_panel(study: Study, outcome: Outcome, measurements: pd.DataFrame) -> None:
    _check_options(outcome, module_for(outcome, build_panel(study.case, outcome, measurements)))


def _check_estimator(outcome: Outcome) -> None:
    """The default is known only once the data are read; its options are checked then."""
    if outcome.estimator != DEFAULT:
        _check_options(outcome, pick(estimators(), outcome.estimator, "estimator"))


def _check_options(outcome: Outcome, module: ModuleType) -> None:
    options = {key: value for key, value in outcome.options.items() if key != "market"}
    try:
        check_options(module, options)
    except CaseError as error:
        raise CaseError(error.what, where=f"outcomes, {outcome.id}, options", cure=error.cure) from error


def _caught(step: Callable[[], object]) -> list[StudyError]:
    try:
        step()
    except StudyError as error:
        return [error]
    return []


def raise_all(problems: Iterable[StudyError], *, what: str, where: str, cure: str) -> None:
    """One problem as it is, several as one error that lists them."""
    problems = list(problems)
    if len(problems) == 1:
        raise problems[0]
    if problems:
        listed = [text for item in problems for text in (item.problems or [str(item)])]
        raise CaseError(f"{len(listed)} {what}", where=where, cure=cure, problems=listed)
