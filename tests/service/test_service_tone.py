"""Tone: counts and shares against plain pandas, bounds, regression to the mean, privacy, refusals."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from analysis.core.errors import DesignError
from analysis.core.seeds import generator_for
from analysis.inference.tone_chain import conditional, misread
from analysis.service.tone import ToneDraws, follow_tone, measures, positive_from
from analysis.service.tone_checks import ordered_tone, regression_to_the_mean, tone_tests
from analysis.service.tone_tables import bounds, hidden_cells, tone_summary, transitions
from analysis.service.tone_weeks import lasting_mood

CLASSES = ("angry", "neutral", "thankful")
LABELLED = np.array([[120, 22, 8], [18, 114, 18], [8, 22, 120]])
CHAIN = np.array([[0.4, 0.3, 0.3], [0.1, 0.55, 0.35], [0.05, 0.2, 0.75]])
NUMBERS = ["observed", "observed_lower", "observed_upper", "corrected", "lower", "upper"]


def journeys(name: str, *, weeks: int = 30, cases: int = 40, chain: np.ndarray = CHAIN) -> pd.DataFrame:
    """Cases of ``weeks`` weeks, the last third of them after; tones as an erring classifier shows them."""
    draw = generator_for("tone cases", name)
    errors, number = LABELLED / LABELLED.sum(axis=1, keepdims=True), weeks * cases
    first = draw.choice(3, size=number, p=[0.5, 0.3, 0.2])
    last = drawn(draw, chain[first])
    shown = [drawn(draw, errors[tones]) for tones in (first, last)]
    words = np.array(CLASSES, dtype=object)
    week = np.repeat(np.arange(weeks), cases)
    signal = pd.Timestamp("2019-01-07 09:00", tz="Europe/Rome") + pd.to_timedelta(7 * week, unit="D")
    return pd.DataFrame(
        {
            "first_tone": words[shown[0]],
            "last_tone": np.where(draw.random(number) < 0.3, None, words[shown[1]]),
            "signal": signal,
            "channel": "chat",
            "after": week >= 2 * weeks // 3,
        }
    )


def follow(frame: pd.DataFrame, *, labelled: object = LABELLED, draws: int = 400) -> ToneDraws:
    after = frame["after"].to_numpy()
    return follow_tone(
        frame, before=~after, after=after, classes=CLASSES, labelled=labelled, seed_names=("test",), draws=draws
    )


def drawn(draw: np.random.Generator, shares: np.ndarray) -> np.ndarray:
    return (draw.random(len(shares))[:, None] > shares.cumsum(axis=1)[:, :-1]).sum(axis=1)


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return journeys("one")


@pytest.fixture(scope="module")
def followed(frame: pd.DataFrame) -> ToneDraws:
    return follow(frame)


def value(table: pd.DataFrame, column: str, **where: str) -> float:
    for name, wanted in where.items():
        table = table[table[name] == wanted]
    assert len(table) == 1
    return float(table[column].iloc[0])


def test_observed_shares_are_those_of_a_cross_table(frame: pd.DataFrame, followed: ToneDraws) -> None:
    table = transitions(followed, smallest=1)
    assert list(table.columns) == ["period", "first", "last", *NUMBERS, "cases", "level"]
    for period, part in (("before", frame[~frame["after"]]), ("after", frame[frame["after"]])):
        counts = pd.crosstab(part["first_tone"], part["last_tone"])
        for first, last in product(CLASSES, repeat=2):
            where = {"period": period, "first": first, "last": last}
            assert value(table, "cases", **where) == counts.loc[first, last]
            assert value(table, "observed", **where) == pytest.approx(counts.loc[first, last] / counts.loc[first].sum())


def test_every_row_of_shares_sums_to_one_and_every_change_to_zero(followed: ToneDraws) -> None:
    sums = transitions(followed, smallest=1).groupby(["period", "first"])[["observed", "corrected"]].sum()
    np.testing.assert_allclose(sums.loc[["before", "after"]], 1)
    np.testing.assert_allclose(sums.loc["change"], 0, atol=1e-12)


def test_the_summary_is_that_of_the_cases(frame: pd.DataFrame, followed: ToneDraws) -> None:
    part = frame[frame["after"]]
    rank = {word: index for index, word in enumerate(CLASSES)}
    replied = part.dropna(subset="last_tone")
    first, last = replied["first_tone"].map(rank), replied["last_tone"].map(rank)
    expected = {
        "positive_given_worst": (last[first == 0] == 2).mean(),
        "improved_given_worst": (last[first == 0] > 0).mean(),
        "net_gain_given_worst": last[first == 0].mean(),
        "net_gain": (last - first).mean(),
        "improved": (last > first).mean(),
        "worsened": (last < first).mean(),
        "never_wrote_back": part["last_tone"].isna().mean(),
        "never_wrote_back_given_worst": part.loc[part["first_tone"] == "angry", "last_tone"].isna().mean(),
    }
    table = tone_summary(followed, smallest=1)
    for name, share in expected.items():
        assert value(table, "observed", period="after", quantity=name) == pytest.approx(share), name
    for word, index in rank.items():
        assert value(table, "observed", period="after", quantity="last", tone=word) == pytest.approx(
            (last == index).mean()
        )
    assert value(table, "cases", period="after", quantity="net_gain") == len(replied)
    assert value(table, "cases", period="after", quantity="never_wrote_back") == len(part)


def test_the_change_is_after_less_before_and_inside_its_interval(followed: ToneDraws) -> None:
    table = tone_summary(followed, smallest=1)
    for name, part in table.groupby(["quantity", "tone"]):
        before, after, change = (part[part["period"] == period].iloc[0] for period in ("before", "after", "change"))
        assert change["corrected"] == pytest.approx(after["corrected"] - before["corrected"]), name
        assert change["lower"] <= change["corrected"] <= change["upper"], name


def test_the_correction_undoes_the_errors_that_were_put_in() -> None:
    followed = follow(journeys("large", cases=3000), draws=50)
    found = conditional(followed.joint[:, :, :3])
    # More than three standard errors of the least precise share, with a classifier right three times out of four.
    np.testing.assert_allclose(found, np.stack([CHAIN, CHAIN]), atol=0.04)
    observed = conditional(followed.counts[:, :, :3])
    assert np.abs(observed - CHAIN).max() > 0.15


def test_labels_without_errors_correct_nothing(frame: pd.DataFrame) -> None:
    table = tone_summary(follow(frame, labelled=np.diag([50, 50, 50]), draws=60), smallest=1)
    for observed, corrected in zip(NUMBERS[:3], NUMBERS[3:], strict=True):
        np.testing.assert_allclose(table[observed], table[corrected], atol=1e-12)


@pytest.mark.parametrize("labelled", [None, ()])
def test_without_labels_nothing_is_corrected_and_the_rest_stands(frame: pd.DataFrame, labelled: object) -> None:
    followed = follow(frame, labelled=labelled, draws=60)
    table = tone_summary(followed, smallest=1)
    assert table[NUMBERS[3:]].isna().all(axis=None)
    assert table[NUMBERS[:3]].notna().all(axis=None)
    assert set(bounds(followed, smallest=1)["basis"]) == {"observed"}
    assert "misread_only" not in set(regression_to_the_mean(followed, smallest=1)["scenario"])
    assert ordered_tone(followed)["corrected"].isna().all()
    assert len(tone_tests(followed)) == 6


def test_few_labels_widen_the_interval() -> None:
    frame, widths = journeys("labels", cases=400), []
    for labelled in (LABELLED // 4, 100 * LABELLED):
        table = tone_summary(follow(frame, labelled=labelled), smallest=1)
        row = table[(table["quantity"] == "net_gain") & (table["period"] == "after")].iloc[0]
        widths.append(row["upper"] - row["lower"])
    assert widths[0] > 1.2 * widths[1]


@pytest.mark.parametrize(("rho", "least", "most"), [(0.0, 0.9, 1.2), (0.8, 1.4, 4.0)])
def test_a_mood_that_lasts_spreads_the_draws(rho: float, least: float, most: float) -> None:
    """With correlation .8 from week to week a mean of 60 weeks is nearly three times as uncertain as it seems."""
    draw, weeks, cases = generator_for("lasting mood", rho), 120, 20
    mood = draw.normal(size=weeks)
    for week in range(1, weeks):
        mood[week] = rho * mood[week - 1] + np.sqrt(1 - rho**2) * mood[week]
    gain = np.repeat(mood, cases) + draw.normal(size=weeks * cases)
    days = pd.to_timedelta(7 * np.repeat(np.arange(weeks), cases), unit="D")
    signal = pd.Series(pd.Timestamp("2018-01-08 09:00", tz="Europe/Rome") + days)
    after = np.repeat(np.arange(weeks) >= weeks // 2, cases)
    factors = lasting_mood(signal, after, gain)
    assert ((least < factors) & (factors < most)).all(), factors
    shuffled = draw.permutation(len(gain))
    again = lasting_mood(signal.iloc[shuffled], after[shuffled], gain[shuffled])
    np.testing.assert_array_equal(again, factors)


def test_weeks_that_differ_widen_the_interval() -> None:
    frame = journeys("clustered")
    mixed = frame.assign(signal=frame["signal"].sample(frac=1, random_state=1).to_numpy())
    angry_weeks = frame.sort_values(["after", "last_tone"]).assign(
        signal=frame.sort_values("after")["signal"].to_numpy()
    )
    widths = []
    for cases in (mixed.assign(after=frame["after"]), angry_weeks):
        cases = cases.assign(signal=pd.DatetimeIndex(cases["signal"]).tz_convert("Europe/Rome"))
        table = tone_summary(follow(cases, labelled=None), smallest=1)
        row = table[(table["quantity"] == "net_gain") & (table["period"] == "before")].iloc[0]
        widths.append(row["observed_upper"] - row["observed_lower"])
    assert widths[1] > 1.5 * widths[0]


def test_the_bounds_are_those_of_every_completion() -> None:
    small = journeys("bounds", weeks=24, cases=6)
    followed = follow(small, labelled=None, draws=40)
    table = bounds(followed, smallest=1)
    part = small[~small["after"]]
    filled = [measures(pd_counts(part.fillna({"last_tone": word}))) for word in (CLASSES[0], CLASSES[2])]
    for name in ("positive_given_worst", "net_gain", "improved"):
        least, most = (value(table, column, period="before", quantity=name) for column in ("least", "most"))
        assert (least, most) == pytest.approx((float(filled[0][name]), float(filled[1][name]))), name
        draw = generator_for("tone", "completions")
        missing = part["last_tone"].isna()
        for _ in range(20):
            guess = part["last_tone"].where(~missing, pd.Series(draw.choice(CLASSES, len(part)), index=part.index))
            completed = float(measures(pd_counts(part.assign(last_tone=guess)))[name])
            assert least - 1e-12 <= completed <= most + 1e-12
    known = (part["last_tone"] == "neutral").mean()
    assert value(table, "least", period="before", quantity="last", tone="neutral") == pytest.approx(known)
    assert value(table, "most", period="before", quantity="last", tone="neutral") == pytest.approx(
        known + part["last_tone"].isna().mean()
    )


def pd_counts(part: pd.DataFrame) -> np.ndarray:
    counts = pd.crosstab(part["first_tone"], part["last_tone"]).reindex(index=CLASSES, columns=CLASSES, fill_value=0)
    return np.column_stack([counts.to_numpy(dtype=float), np.zeros(3)])


def test_the_bounds_hold_the_value_and_their_interval_holds_the_bounds(followed: ToneDraws) -> None:
    table = bounds(followed, smallest=1)
    assert (table["least"] <= table["most"]).all()
    assert (table["lower"] <= table["least"]).all()
    assert (table["most"] <= table["upper"]).all()
    assert (table["lower"] < table["upper"]).all()
    change = table[(table["quantity"] == "net_gain") & (table["period"] == "change")].iloc[0]
    before, after = (
        table[(table["quantity"] == "net_gain") & (table["period"] == p)].iloc[0] for p in ("before", "after")
    )
    assert change["least"] == pytest.approx(after["least"] - before["most"])
    assert change["most"] == pytest.approx(after["most"] - before["least"])


def test_a_tone_that_never_changes_is_all_misreading() -> None:
    table = regression_to_the_mean(follow(journeys("same", cases=150, chain=np.eye(3)), draws=800), smallest=1)
    for name in ("improved_given_worst", "positive_given_worst"):
        rows = {scenario: part for scenario, part in table[table["quantity"] == name].groupby("scenario")}
        assert value(rows["observed"], "value", period="before") > 0.05
        gap = rows["beyond_misreading"][rows["beyond_misreading"]["period"] == "before"].iloc[0]
        assert gap["lower"] <= 0 <= gap["upper"]
        assert abs(gap["value"]) < 0.02


def test_a_tone_that_is_drawn_afresh_is_all_regression_to_the_mean() -> None:
    fresh = np.tile([0.5, 0.3, 0.2], (3, 1))
    table = regression_to_the_mean(follow(journeys("fresh", cases=150, chain=fresh), draws=800), smallest=1)
    rows = table[(table["quantity"] == "improved_given_worst") & (table["period"] == "before")].set_index("scenario")
    assert rows.loc["observed", "value"] > 0.4
    assert rows.loc["beyond_fresh_draw", "lower"] <= 0 <= rows.loc["beyond_fresh_draw", "upper"]
    assert rows.loc["beyond_misreading", "lower"] > 0


def test_nobody_gains_on_average_by_misreading_or_a_fresh_draw(followed: ToneDraws) -> None:
    table = regression_to_the_mean(followed, smallest=1)
    none = table[(table["quantity"] == "net_gain") & table["scenario"].isin(["misread_only", "drawn_afresh"])]
    np.testing.assert_allclose(none[["value", "lower", "upper"]], 0, atol=1e-12)


def test_a_better_chain_after_has_a_positive_coefficient_and_a_small_p_value() -> None:
    worse = journeys("before", weeks=90)
    better = journeys("after", weeks=90, chain=np.array([[0.15, 0.25, 0.6], [0.05, 0.3, 0.65], [0.02, 0.1, 0.88]]))
    followed = follow(pd.concat([worse[~worse["after"]], better[better["after"]]], ignore_index=True))
    table = ordered_tone(followed)
    assert table["term"].tolist() == ["first", "first", "after"]
    few = ordered_tone(followed, smallest=int(followed.counts[0, 2, :3].sum()) + 1)  # of the best first tone
    assert few["observed"].notna().tolist()[2]
    assert not few["observed"].notna().all()
    after = table.iloc[-1]
    assert after["observed_lower"] > 0
    assert after["lower"] > 0
    assert after["corrected"] > after["observed"]  # errors pull towards no difference
    tests = tone_tests(followed).set_index(["period", "test"])
    assert tests.loc[("change", "chain_change"), "p_value"] < 0.001
    assert tests.loc[("change", "chain_change"), "p_clustered"] < 0.001
    assert tests.loc[("change", "chain_change"), "degrees_of_freedom"] == 6


@pytest.mark.slow
def test_no_change_is_seldom_found_where_weeks_are_what_is_independent() -> None:
    rejected = 0
    worlds = 60
    for number in range(worlds):
        draw = generator_for("tone no change", number)
        frame = journeys("no change", weeks=30, cases=20)
        # Whole weeks share their last tone: cases are far from independent.
        words = np.array(CLASSES, dtype=object)[draw.choice(3, size=30, p=[0.5, 0.3, 0.2])]
        frame = frame.assign(
            last_tone=np.repeat(words, 20), first_tone=draw.choice(CLASSES, len(frame), p=[0.5, 0.3, 0.2])
        )
        tests = tone_tests(follow(frame, labelled=None, draws=200)).set_index(["period", "test"])
        assert tests.loc[("before", "marginal_change"), "p_value"] < 1
        rejected += tests.loc[("before", "marginal_change"), "p_clustered"] < 0.05
    # Three Monte-Carlo standard errors above .05 at 60 worlds.
    assert rejected / worlds <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / worlds)


def test_the_positive_classes_are_those_above_the_middle() -> None:
    assert [positive_from(size) for size in (2, 3, 4, 5)] == [1, 2, 2, 3]


@pytest.mark.parametrize(
    "counts",
    [
        [[3, 40, 50], [60, 70, 80], [90, 100, 110]],
        [[3, 40, 50], [2, 70, 80], [90, 100, 110]],
        [[1, 0, 0], [0, 70, 80], [0, 100, 110]],
        [[1, 1, 0], [30, 70, 80], [20, 100, 110]],
    ],
)
def test_no_cell_can_be_worked_out_from_the_others(counts: list) -> None:
    table, smallest = np.array(counts), 5
    mask = hidden_cells(table, smallest)
    assert mask[(table > 0) & (table < smallest)].all()
    for line, cells in [*zip(mask, table, strict=True), *zip(mask.T, table.T, strict=True)]:
        if line.any():
            assert line.sum() >= 2
            assert cells[line].sum() >= smallest or line.all()


def test_nothing_is_hidden_where_nothing_is_small() -> None:
    assert not hidden_cells(np.array([[5, 6], [0, 9]]), 5).any()


def test_small_cells_are_left_empty_wherever_they_count() -> None:
    frame = journeys("small", chain=np.array([[0.4, 0.3, 0.3], [0.1, 0.55, 0.35], [0.0, 0.0, 1.0]]))
    rare = (frame["first_tone"] == "angry") & (frame["last_tone"] == "thankful") & frame["after"]
    frame = frame[~rare | (rare.cumsum() <= 2)].reset_index(drop=True)
    followed = follow(frame, draws=60)
    table = transitions(followed, smallest=5)
    cell = table[(table["first"] == "angry") & (table["last"] == "thankful")].set_index("period")
    assert cell.loc[["after", "change"], [*NUMBERS, "cases"]].isna().all(axis=None)
    assert cell.loc["before", NUMBERS].notna().all()
    hidden = table[(table["period"] == "after") & table["cases"].isna()]
    assert hidden.groupby("first").size().min() >= 2
    assert hidden.groupby("last").size().min() >= 2
    for made in (tone_summary, bounds, regression_to_the_mean):
        rows = made(followed, smallest=5)
        rows = rows[rows["quantity"].isin(["positive_given_worst", "improved_given_worst", "improved"])]
        numbers = rows[rows["period"] != "before"].select_dtypes("number").drop(columns="level")
        assert numbers.isna().all(axis=None), made.__name__


def test_the_same_seed_gives_the_same_tables(frame: pd.DataFrame, followed: ToneDraws) -> None:
    pd.testing.assert_frame_equal(tone_summary(follow(frame), smallest=5), tone_summary(followed, smallest=5))


def test_the_order_of_cases_does_not_matter(frame: pd.DataFrame, followed: ToneDraws) -> None:
    shuffled = frame.sample(frac=1, random_state=2)
    np.testing.assert_array_equal(follow(shuffled).counts, followed.counts)
    np.testing.assert_array_equal(follow(shuffled).count_draws, followed.count_draws)


def test_cases_without_a_first_tone_are_left_out_and_counted(frame: pd.DataFrame) -> None:
    unread = frame.assign(first_tone=frame["first_tone"].where(frame.index != 3, None))
    followed = follow(unread, draws=20)
    assert followed.unread == (1, 0)
    assert followed.counts.sum() == len(frame) - 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"first_tone": "angri"}, 'Did you mean "angry"'),
        ({"last_tone": "glad"}, "not a tone class"),
        ({"last_tone": None}, "nobody wrote back"),
        ({"signal": pd.Timestamp("2019-01-07")}, "time zone"),
        ({"signal": pd.Timestamp("2019-01-07", tz="Europe/Rome")}, "too few"),
    ],
)
def test_cases_that_cannot_be_followed_are_refused(frame: pd.DataFrame, change: dict, words: str) -> None:
    with pytest.raises(DesignError, match=words):
        follow(frame.assign(**change))


def test_periods_that_overlap_and_labels_of_another_size_are_refused(frame: pd.DataFrame) -> None:
    every = np.ones(len(frame), dtype=bool)
    with pytest.raises(DesignError, match="both before and after"):
        follow_tone(frame, before=every, after=every, classes=CLASSES, seed_names=("x",))
    with pytest.raises(DesignError, match="2 rows of labelled counts for 3"):
        follow(frame, labelled=[[9, 1], [1, 9]])
    with pytest.raises(DesignError, match="tell the tone classes apart"):
        follow(frame, labelled=np.full((3, 3), 50))


def test_the_misread_table_is_the_one_the_errors_give() -> None:
    joint = np.array([[0.5, 0.0], [0.0, 0.5]])
    errors = np.array([[0.9, 0.1], [0.2, 0.8]])
    expected = 0.5 * np.outer(errors[0], errors[0]) + 0.5 * np.outer(errors[1], errors[1])
    np.testing.assert_allclose(misread(joint, errors), expected)
