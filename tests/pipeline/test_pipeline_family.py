"""Adjusted p-values over the declared family: which adjustment, for whom, and that it is the right one."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from analysis.core.paths import Layout
from analysis.core.seeds import generator_for
from analysis.core.store import Store
from analysis.inference.multiplicity import benjamini_hochberg, holm
from analysis.pipeline.family import DRAWS, family_table, joint_draws, shared_correlation

ROLES = {"one": "primary", "two": "primary", "three": "secondary", "four": "secondary", "five": "secondary"}


def path_of(residuals, first="2020-01-06"):
    times = pd.date_range(first, periods=len(residuals), freq="W-MON").strftime("%Y-%m-%d")
    return pd.DataFrame({"time": times, "period": "pre", "observed": 100 + residuals, "expected": 100.0})


class FakeStore(Store):
    """Effects and paths without files; tables are written."""

    def __init__(self, layout, records, paths):
        super().__init__(layout)
        self.records, self.gaps = records, paths

    @property
    def outcomes(self):
        return list(self.records)

    def effect(self, outcome):
        return self.records[outcome]

    def path(self, outcome):
        return self.gaps[outcome]


def study_of(tmp_path, p_values, paths=None, roles=ROLES):
    records = {name: {"p_value": p} for name, p in p_values.items()}
    outcomes = [SimpleNamespace(id=name, role=role) for name, role in roles.items()]
    noise = generator_for("family tests").normal(size=(60, len(roles)))
    paths = paths or {name: path_of(noise[:10, place]) for place, name in enumerate(roles)}
    store = FakeStore(Layout.under(tmp_path, "demo"), records, paths)
    return SimpleNamespace(case=SimpleNamespace(slug="demo", outcomes=outcomes), store=store)


def adjusted(table, *names):
    return table.set_index("outcome").loc[list(names), "adjusted"].to_numpy()


def test_primary_outcomes_by_holm_and_secondary_by_benjamini_hochberg(tmp_path):
    values = {"one": 0.02, "two": 0.04, "three": 0.01, "four": 0.03, "five": 0.5}
    table = family_table(study_of(tmp_path, values))
    assert list(table.columns) == ["outcome", "role", "p_value", "adjusted", "method"]
    assert list(table["method"]) == ["Holm", "Holm", *["Benjamini-Hochberg"] * 3]
    assert adjusted(table, "one", "two") == pytest.approx(holm([0.02, 0.04]))
    assert adjusted(table, "three", "four", "five") == pytest.approx(benjamini_hochberg([0.01, 0.03, 0.5]))


def test_outcomes_that_share_their_past_keep_their_dependence(tmp_path):
    common = generator_for("family common").normal(size=60)
    paths = {"one": path_of(common), "two": path_of(common + 1e-9 * np.arange(60))}
    roles = {"one": "primary", "two": "primary"}
    table = family_table(study_of(tmp_path, {"one": 0.03, "two": 0.03}, paths, roles))
    assert set(table["method"]) == {"Romano-Wolf"}
    assert adjusted(table, "one", "two") == pytest.approx([0.03, 0.03], abs=0.006)  # one hypothesis told twice
    assert (adjusted(table, "one", "two") < holm([0.03, 0.03])).all()


def test_independent_outcomes_are_adjusted_as_sidak_would():
    draws = joint_draws(np.eye(2), generator_for("family independent"))
    share = (np.abs(draws).max(axis=1) > 2.2414).mean()  # each exceeds it with probability .025
    assert draws.shape == (DRAWS, 2)
    assert share == pytest.approx(1 - 0.975**2, abs=4 * np.sqrt(0.05 * 0.95 / DRAWS))


def test_a_p_value_too_small_to_be_drawn_stays_small(tmp_path):
    noise = generator_for("family small").normal(size=(60, 2))
    paths = {"one": path_of(noise[:, 0]), "two": path_of(noise[:, 1])}
    roles = {"one": "primary", "two": "primary"}
    table = family_table(study_of(tmp_path, {"one": 1e-9, "two": 0.5}, paths, roles))
    assert adjusted(table, "one")[0] <= 2e-9


def test_what_has_no_p_value_says_why_and_is_not_counted(tmp_path):
    study = study_of(tmp_path, {"one": 0.03, "three": 0.02, "four": None})
    study.store.records["five"] = {"refused": {"what": "too short"}}
    table = family_table(study)
    assert dict(zip(table["outcome"], table["method"], strict=True)) == {
        "one": "the only primary outcome",
        "two": "not estimated",
        "three": "the only secondary outcome",
        "four": "no p-value",
        "five": "refused",
    }
    assert adjusted(table, "one", "three") == pytest.approx([0.03, 0.02])
    assert table["adjusted"].notna().sum() == 2


def test_correlation_needs_periods_in_common():
    noise = generator_for("family correlation").normal(size=60)
    apart = {"one": path_of(noise), "two": path_of(noise, first="2025-01-06")}
    assert shared_correlation(apart) is None
    together = shared_correlation({"one": path_of(noise), "two": path_of(-noise)})
    assert together[0, 1] == pytest.approx(-1, abs=0.01)


def test_counting_the_family_never_makes_a_p_value_smaller(tmp_path):
    common = generator_for("never smaller").normal(size=60)
    paths = {name: path_of(common + 1e-9 * place * np.arange(60)) for place, name in enumerate(("one", "two", "three"))}
    roles = dict.fromkeys(paths, "primary")
    for value in (0.02, 0.05, 0.0938, 0.3, 0.8):
        values = dict.fromkeys(paths, value)
        table = family_table(study_of(tmp_path, values, paths, roles))
        assert set(table["method"]) == {"Romano-Wolf"}
        assert (table["adjusted"] >= table["p_value"]).all()
