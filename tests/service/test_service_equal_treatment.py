"""Equal treatment: verdicts follow the interval, known ratios come back, censoring, ties at zero, small groups."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from scipy.sparse import csr_array
from scipy.stats import norm

from analysis.core.case_service import Care, EqualTreatment
from analysis.core.errors import CaseError, DesignError
from analysis.core.seeds import generator_for
from analysis.service.equal_treatment import (
    SHORTEST,
    attribute_verdicts,
    equal_treatment,
    fit_lognormal,
    verdict,
)
from analysis.service.journeys import Journeys, prepare

MARGIN = 0.25
DECLARED = EqualTreatment(attributes=("language",), margin=MARGIN)
CARE = Care(source="log", horizon_hours=48, equal_treatment=DECLARED)
WEEKS, EXIT_WEEK = 60, 36


def cases(size: int = 6000, *, before: float = 1.0, after: float = 1.0, name: str = "cases") -> pd.DataFrame:
    """First responses of median 2 hours; Germans' times are multiplied by ``before`` and ``after``."""
    draw = generator_for("equal treatment", name, size)
    week = np.sort(draw.integers(0, WEEKS, size))
    signal = pd.Timestamp("2018-09-03") + pd.to_timedelta(7 * 24 * week + draw.integers(3, 7 * 24, size), unit="h")
    signal = pd.Series(signal).dt.tz_localize("Europe/Rome", ambiguous=True, nonexistent="shift_forward")
    language = draw.choice(["it", "en", "de"], size, p=[0.6, 0.25, 0.15])
    channel = np.where(draw.random(size) < np.where(language == "en", 0.8, 0.3), "email", "chat")
    ratio = np.where(week < EXIT_WEEK, before, after)
    hours = (
        2 * np.exp(draw.normal(size=size)) * np.where(language == "de", ratio, 1) * np.where(channel == "chat", 1, 3)
    )
    taken = signal + pd.to_timedelta(np.round(3600 * hours), unit="s")
    frame = pd.DataFrame({"case": range(size), "channel": channel, "signal": signal, "taken_in_charge": taken})
    return frame.assign(language=pd.Series(language, dtype="str"), tone=draw.choice(["calm", "angry"], size))


def ready(frame: pd.DataFrame) -> Journeys:
    early = (frame["signal"] < pd.Timestamp("2018-09-03", tz="Europe/Rome") + pd.Timedelta(weeks=EXIT_WEEK)).to_numpy()
    return prepare(frame, early, ~early, CARE, frame["signal"].max() + pd.Timedelta(days=7))


def result(frame: pd.DataFrame, declared: EqualTreatment = DECLARED, **options: int) -> pd.DataFrame:
    return equal_treatment(ready(frame), declared, **options).set_index(["group", "period"])


@pytest.mark.parametrize(
    ("lower", "upper", "p_value", "said"),
    [
        (0.9, 1.1, 1.0, "alike"),
        (0.8, 1.25, 0.99, "alike"),  # the margin itself belongs to it
        (0.79, 1.1, 0.9, "unsettled"),
        (0.9, 1.26, 0.9, "unsettled"),
        (0.5, 2.0, 0.5, "unsettled"),  # no difference found, and nothing settled
        (1.1, 1.4, 0.5, "unsettled"),  # a difference found, perhaps a small one
        (1.26, 1.4, 0.04, "not alike"),
        (0.5, 0.79, 0.04, "not alike"),
        (1.26, 1.4, 0.06, "unsettled"),  # one of many groups: by chance, one of them would be
        (np.nan, np.nan, np.nan, "unsettled"),
    ],
)
def test_the_verdict_is_read_off_interval_and_p_value(lower: float, upper: float, p_value: float, said: str) -> None:
    assert verdict(lower, upper, MARGIN, p_value) == said


def test_the_p_value_and_the_interval_are_of_one_test() -> None:
    """The 90 % interval excludes the margin exactly where the one-sided p-value is below 5 %."""
    table = pd.concat([result(cases(size=2500, before=0.7, after=size)) for size in (1.3, 1.8)])
    outside = (table["lower"] > 1 + MARGIN) | (table["upper"] < 1 / (1 + MARGIN))
    assert ((table["p_not_alike"] < 0.05) == outside).all()
    assert 0 < outside.sum() < len(table)
    assert (table.loc[table["verdict"] == "alike", "p_not_alike"] > 0.95).all()


def test_many_groups_are_corrected_for() -> None:
    """Groups that wait half as long again: of those that one test each would call beyond the margin, fewer are."""
    frame = cases(size=1500, name="many")
    group = generator_for("many groups").choice([f"g{number}" for number in range(5)], len(frame), p=[0.4] + [0.15] * 4)
    wait = (frame["taken_in_charge"] - frame["signal"]) * np.where(group == "g0", 1.0, 1.5)
    frame = frame.assign(taken_in_charge=frame["signal"] + wait, team=group)
    table = equal_treatment(ready(frame), EqualTreatment(attributes=("team", "language"), margin=MARGIN))
    for _, part in table.groupby("period"):
        ordered = part.sort_values("p_not_alike")
        stepped = np.maximum.accumulate(ordered["p_not_alike"] * np.arange(len(part), 0, -1))
        np.testing.assert_allclose(ordered["p_adjusted"], np.minimum(stepped, 1))
    called = table["verdict"] == "not alike"
    assert (called == (table["p_adjusted"] < 0.05)).all()
    assert 0 < called.sum() < (table["p_not_alike"] < 0.05).sum()


def test_known_ratios_come_back_adjusted_for_the_channel() -> None:
    table = result(cases(before=1.0, after=1.8))
    assert table.loc[("en", "after"), "median_hours"] > 1.3 * table.loc[("en", "after"), "median_hours_reference"]
    assert table["verdict"].to_dict() == {
        ("en", "before"): "alike",  # slower by its channel alone
        ("en", "after"): "alike",
        ("en", "change"): "alike",
        ("de", "before"): "alike",
        ("de", "after"): "not alike",
        ("de", "change"): "not alike",
    }
    for period, truth in (("before", 1.0), ("after", 1.8), ("change", 1.8)):
        row = table.loc[("de", period)]
        assert row["lower"] * 0.95 < truth < row["upper"] * 1.05
        assert row["reference"] == "it"
    assert table.loc[("de", "change"), "ratio"] == pytest.approx(
        table.loc[("de", "after"), "ratio"] / table.loc[("de", "before"), "ratio"]
    )


def test_few_cases_settle_nothing() -> None:
    table = result(cases(size=500))
    assert (table.loc["de", "verdict"] == "unsettled").all()


def test_the_fit_is_the_censored_maximum_likelihood() -> None:
    draw = generator_for("censored")
    x = draw.integers(0, 2, 400).astype(float)
    true = np.exp(0.5 + 0.4 * x + draw.normal(size=400))
    limit = draw.exponential(6, 400)
    hours, ended = np.maximum(np.minimum(true, limit), SHORTEST / 2), true <= limit
    fit = fit_lognormal(hours, ended, csr_array(np.column_stack([np.ones(400), x])), 1)

    def loss(at: np.ndarray) -> float:
        z = (np.log(np.maximum(hours, SHORTEST)) - at[0] - at[1] * x) / np.exp(at[2])
        known = np.where(hours > SHORTEST, norm.logpdf(z) - at[2], norm.logcdf(z))
        return -np.where(ended, known, norm.logsf(z)).sum()

    best = minimize(loss, np.zeros(3), method="BFGS")
    assert fit.coefficients[0] == pytest.approx(best.x[1], abs=1e-4)
    # The robust and the model's standard error agree when the model is true; each is known to a few per cent.
    assert np.sqrt((fit.influence**2).sum()) == pytest.approx(np.sqrt(best.hess_inv[1, 1]), rel=0.15)


def test_influences_are_what_leaving_a_case_out_does() -> None:
    draw = generator_for("jackknife")
    x = draw.integers(0, 2, 300).astype(float)
    hours, ended = np.exp(0.3 * x + draw.normal(size=300)), draw.random(300) < 0.8
    design = csr_array(np.column_stack([np.ones(300), x]))
    fit = fit_lognormal(hours, ended, design, 1)
    for case in (0, 7, 100):
        kept = np.arange(300) != case
        without = fit_lognormal(hours[kept], ended[kept], design[kept], 1).coefficients[0]
        assert fit.coefficients[0] - without == pytest.approx(fit.influence[case, 0], rel=0.1, abs=2e-5)


def test_answers_within_a_minute_do_not_make_groups_look_alike() -> None:
    frame = cases(before=2.0, after=2.0)
    wait = frame["taken_in_charge"] - frame["signal"]
    frame["taken_in_charge"] = frame["signal"] + (wait / 150).dt.floor("s")
    assert ((frame["taken_in_charge"] - frame["signal"]) <= pd.Timedelta(hours=SHORTEST)).mean() > 0.3
    table = result(frame)
    assert table.loc[("de", "before"), "ratio"] == pytest.approx(2.0, rel=0.15)
    assert table.loc[("de", "before"), "verdict"] == "not alike"


def test_small_groups_are_pooled_or_left_out() -> None:
    frame = cases()
    for language, count in (("fr", 6), ("es", 5)):
        picked = [
            *np.flatnonzero(frame["language"] == "it")[:count],
            *np.flatnonzero(frame["language"] == "it")[-count:],
        ]
        frame.loc[picked, "language"] = language
    table = equal_treatment(ready(frame), DECLARED, smallest=10)
    assert set(table["group"]) == {"en", "de", "other"}
    assert table.loc[table["group"] == "other", "n"].tolist() == [11, 11, 22]
    assert table.attrs["left_out"] == 0
    frame["language"] = frame["language"].replace({"es": "it"})
    alone = equal_treatment(ready(frame), DECLARED, smallest=10)
    assert set(alone["group"]) == {"en", "other"}  # with the smallest of the others: "all less the rest" is no way back
    assert alone.attrs["left_out"] == 0


@pytest.mark.parametrize("attribute", ["channel", "first_tone"])
def test_a_few_cases_of_a_rare_channel_or_tone_cannot_be_worked_out(attribute: str) -> None:
    frame = cases()
    frame["first_tone"] = frame["language"]
    rare = [*range(4), *range(len(frame) - 4, len(frame))]
    frame.loc[rare, attribute] = "rare"
    for changed in (frame, frame.assign(**{attribute: frame[attribute].mask(frame.index.isin(rare))})):
        journeys = ready(changed)
        declared = EqualTreatment(attributes=(attribute,), margin=0.25)
        table = equal_treatment(journeys, declared, smallest=10)
        for period, side in (("before", False), ("after", True)):
            rows = table[table["period"] == period]
            shown = rows["n"].sum() + (rows["n_reference"].iloc[0] if len(rows) else 0)
            left = (journeys.after == side).sum() - shown
            assert left == 0 or left >= 10
        assert "rare" not in set(table["group"]) | set(table["reference"])


def test_weeks_without_a_group_or_its_reference_are_used_as_they_are() -> None:
    frame = cases(before=1.8, after=1.8)
    week = frame["signal"].dt.tz_localize(None).dt.to_period("W").dt.start_time
    weeks = np.sort(week.unique())
    frame.loc[week.isin(weeks[[5, 45]]), "language"] = "en"
    frame.loc[week.isin(weeks[[7, 47]]) & (frame["language"] == "de"), "language"] = "it"
    row = result(frame).loc[("de", "before")]
    assert row["verdict"] == "not alike"
    assert row["lower"] < 1.8 < row["upper"] * 1.05


def test_cases_without_the_attribute_are_not_compared() -> None:
    frame = cases()
    frame.loc[frame.index[::3], "language"] = None
    table = result(frame)
    assert table.loc[("de", "change"), "n_reference"] == (frame["language"] == "it").sum()


def test_what_the_channel_alone_tells_is_not_told_apart() -> None:
    frame = cases()
    frame["language"] = np.where(frame["channel"] == "email", "en", "it")
    table = result(frame)
    assert table["ratio"].isna().all()
    assert (table["verdict"] == "unsettled").all()


def test_an_attribute_can_be_the_channel_and_others_be_adjusted_for() -> None:
    declared = EqualTreatment(attributes=("channel", "language"), margin=MARGIN, adjust=("tone", "language"))
    table = equal_treatment(ready(cases()), declared)
    assert table["attribute"].tolist() == ["channel"] * 3 + ["language"] * 6
    slower = table[(table["attribute"] == "channel") & (table["period"] != "change")]
    assert slower["ratio"].tolist() == pytest.approx([1 / 3] * 2, rel=0.15) or (slower["ratio"] > 2.5).all()
    assert (slower["verdict"] == "not alike").all()


def test_one_verdict_an_attribute() -> None:
    rows = [("a", "alike"), ("a", "alike"), ("b", "alike"), ("b", "unsettled"), ("c", "unsettled"), ("c", "not alike")]
    table = pd.DataFrame(rows, columns=["attribute", "verdict"]).assign(period="after")
    found = attribute_verdicts(table)
    assert found["verdict"].tolist() == ["alike", "unsettled", "not alike"]
    assert found["groups"].tolist() == [3, 3, 3]


def test_unknown_attributes_and_logs_without_acts_are_refused() -> None:
    with pytest.raises(CaseError, match='no attribute "languge"') as caught:
        result(cases(500), EqualTreatment(attributes=("languge",), margin=MARGIN))
    assert "language" in caught.value.cure
    with pytest.raises(DesignError, match="no act of the brand"):
        result(cases(500).drop(columns="taken_in_charge"))
