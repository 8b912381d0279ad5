"""Everything that can be found wrong before a notebook runs: names, options, files, formats."""

from collections.abc import Iterator
from types import ModuleType

import pandas as pd

from analysis.core.assembly import build_panel
from analysis.core.case import Outcome
from analysis.core.case_loading import CaseFolder
from analysis.core.discovery import pick
from analysis.core.errors import CaseError, StudyError
from analysis.estimators import DEFAULT, check_options
from analysis.estimators import available as estimators
from analysis.pipeline.estimates import module_for
from analysis.pipeline.prepare import prepare
from analysis.pipeline.study import Study
from analysis.sources import available as readers
from analysis.sources import read_source


def check_declarations(folder: CaseFolder) -> list[StudyError]:
    """Problems of case.yaml against what the suite offers and what lies in the folder; nothing is parsed."""
    problems: list[StudyError] = []
    for source in folder.case.sources:
        problems += _caught(lambda source=source: pick(readers(), source.format, "export format"))
        problems += _caught(lambda source=source: folder.files_of(source.id))
    for outcome in folder.case.outcomes:
        problems += _caught(lambda outcome=outcome: _check_estimator(outcome))
    return problems


def check_inputs(folder: CaseFolder) -> Iterator[tuple[str, list[StudyError]]]:
    """Read every source, yielding its id and what is wrong with it (nothing, when it is sound)."""
    for source in folder.case.sources:
        yield source.id, _caught(lambda source=source: read_source(folder, source.id))


def check_panels(study: Study) -> list[StudyError]:
    """Primary outcomes that the data, once read, cannot carry."""
    prepare(study)
    measurements = study.store.measurements()
    return [
        error
        for outcome in study.case.outcomes
        if outcome.role == "primary"
        for error in _caught(lambda outcome=outcome: _check_panel(study, outcome, measurements))
    ]


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


def _caught(step: object) -> list[StudyError]:
    try:
        step()
    except StudyError as error:
        return [error]
    return []
