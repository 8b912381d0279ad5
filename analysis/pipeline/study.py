"""A study being run: its case, its files, where its products go. The notebooks' only handle."""

import os
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from analysis.core import paths
from analysis.core.case import WEEKDAYS, Case, Outcome
from analysis.core.case_loading import CaseFolder, load_case_folder
from analysis.core.paths import Layout
from analysis.core.store import Store

OUTPUT_VARIABLE = "EXIT_STUDY_OUTPUT"
FOLDER_VARIABLE = "EXIT_STUDY_CASE_FOLDER"
PRESELECTED_VARIABLE = "EXIT_STUDY_CASE"
JOBS_VARIABLE = "EXIT_STUDY_JOBS"
DEFAULT_CASE = "unicredit"


@dataclass(frozen=True, slots=True)
class Study:
    """A checked case with its store of artefacts."""

    folder: CaseFolder
    layout: Layout

    @property
    def case(self) -> Case:
        return self.folder.case

    @property
    def store(self) -> Store:
        return Store(self.layout)

    @property
    def jobs(self) -> int:
        """How many copies of itself a chapter may work in; one where nobody said so, as in JupyterLab."""
        return int(os.environ.get(JOBS_VARIABLE, "1"))

    def outcomes(self, *questions: str, only: list[str] | None = None) -> list[Outcome]:
        """The outcomes of the questions, or those of them named in ``only``."""
        wanted = [item for item in self.case.outcomes if item.question in questions]
        return [item for item in wanted if item.id in only] if only else wanted


def open_study(case: str = "") -> Study:
    """The study of a case, by name or folder; with no name, the one preselected by `make lab`.

    The pipeline says through the environment where the case's folder is and where products go, so that no path of
    a machine stands in a published notebook.
    """
    name = case or os.environ.get(PRESELECTED_VARIABLE) or DEFAULT_CASE
    folder = load_case_folder(os.environ.get(FOLDER_VARIABLE) or name)
    root = Path(os.environ.get(OUTPUT_VARIABLE) or paths.PROJECT)
    return Study(folder, Layout.under(root, folder.case.slug))


def _bin_of(case: Case, day: date) -> date:
    """The label of the bin a day falls into: an event on a Saturday touches the week that began before it."""
    if case.frequency != "week":
        return day
    return day - timedelta(days=(day.weekday() - WEEKDAYS.index(case.week_starts)) % 7)


def estimator_options(case: Case, outcome: Outcome, known: set[str]) -> dict[str, Any]:
    """The outcome's declared options, with the co-interventions to leave out where the estimator can do that."""
    options = {key: value for key, value in outcome.options.items() if key != "market"}
    if "exclude" in known and "exclude" not in options:
        windows = [
            (_bin_of(case, event.first), event.last)
            for event in case.events
            if event.adjust
            and (not event.channels or not outcome.channels or set(event.channels) & set(outcome.channels))
        ]
        if windows:
            options["exclude"] = windows
    return options
