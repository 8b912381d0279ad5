"""One new file is a new capability: found, contract-tested, usable; a broken one is raised, never hidden."""

from pathlib import Path

import pandas as pd
import pytest

from analysis import Panel, Windows, estimate, estimators, sources
from analysis.core.case import Source
from analysis.core.discovery import discover, pick
from analysis.core.errors import StudyError

ESTIMATOR = '''"""Mean after less mean before: a toy."""
from analysis.core.effect import Effect, Interval
from analysis.core.panel import Panel
from analysis.inference.effects import build_effect

NAME = "before_after_toy"
LABEL = "Before and after (toy)"
REFERENCE = "none"
NEEDS_DONORS = 0
ESTIMAND = "difference of means"
ASSUMPTIONS = ("Nothing else happened.",)


def estimate(panel: Panel, *, seed: int = 0, level: float = 0.95) -> Effect:
    """Difference of means, no inference."""
    path = panel.frame[[panel.treated]].rename(columns={panel.treated: "observed"})
    mean = path["observed"][panel.pre].mean()
    path = path.assign(expected=mean, lower=float("nan"), upper=float("nan"))
    point = float(path["observed"][panel.post].mean() - mean)
    return Effect(panel.outcome, NAME, ESTIMAND, panel.unit, point, None, None, "none", path, panel.n_pre, panel.n_post)
'''

READER = '''"""One number a line: a toy."""
from pathlib import Path

from analysis.core.case import Case, Source, Strict
from analysis.sources._reading import Reading, measurements_frame

NAME = "one_number_toy"
LABEL = "One number a line (toy)"
REFERENCE = "none"


class Options(Strict):
    metric: str = "engagements"


def read(files: tuple[Path, ...], source: Source, case: Case, options: Options) -> Reading:
    """Nothing is read."""
    raise NotImplementedError
'''


def write(folder: Path, name: str, text: str, package: object, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / f"{name}.py").write_text(text, "utf-8")
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(folder)])


def test_a_new_estimator_is_one_new_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "before_after_toy", ESTIMATOR, estimators, monkeypatch)
    assert "before_after_toy" in estimators.available()
    wide = pd.DataFrame({"y": [1.0] * 10 + [3.0] * 5}, index=range(15))
    panel = Panel.from_wide(wide, treated="y", windows=Windows.split(first=0, event=10, last=14))
    assert estimate("before_after_toy", panel).point == 2.0


def test_a_new_reader_is_one_new_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "one_number_toy", READER, sources, monkeypatch)
    assert "one_number_toy" in sources.available()
    source = Source(id="x", format="one_number_toy", files=("a",), label="x", options={"metric": "likes"})
    assert sources.options_of(source).metric == "likes"


def test_a_broken_file_is_raised_not_hidden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "broken_toy", "import a_package_that_is_not_there\n", estimators, monkeypatch)
    with pytest.raises(ModuleNotFoundError):
        estimators.available()


def test_a_half_declared_file_says_what_it_lacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "half_toy", 'NAME = "half_toy"\n', estimators, monkeypatch)
    with pytest.raises(StudyError, match="does not declare LABEL, REFERENCE, estimate"):
        estimators.available()


def test_a_name_is_taken_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "again_toy", ESTIMATOR.replace("before_after_toy", "synthetic_control"), estimators, monkeypatch)
    with pytest.raises(StudyError, match="two modules"):
        estimators.available()


def test_a_misspelt_name_gets_the_nearest() -> None:
    with pytest.raises(StudyError, match='Did you mean "synthetic_control"'):
        pick(discover(estimators, "estimate"), "synthetic_contrl", "estimator")
