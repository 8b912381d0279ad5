import numpy as np
import pandas as pd
import pytest

from analysis.core.errors import CaseError, DesignError
from analysis.core.seeds import generator_for
from analysis.inference.group_time import aggregate, att_gt, simultaneous_quantile

COLUMNS = {"unit": "unit", "time": "time", "value": "value", "cohort": "cohort"}


def staggered(name, units=120, periods=6, cohorts=(0, 0, 3, 5), effect=0.0):
    """Unit and period effects, noise, and an effect of ``effect`` x (1 + periods since) from the cohort's date on."""
    generator = generator_for("group time", name)
    rows = []
    for unit in range(units):
        cohort, level = cohorts[unit % len(cohorts)], generator.normal()
        for time in range(1, periods + 1):
            treated = cohort and time >= cohort
            value = level + 0.3 * time + generator.normal() + (effect * (1 + time - cohort) if treated else 0)
            rows.append((unit, time, value, cohort))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def means(frame, cohort, time):
    return frame.loc[(frame["cohort"] == cohort) & (frame["time"] == time), "value"].mean()


def test_cells_are_differences_of_mean_changes():
    frame = staggered("by hand", effect=-1)
    found = att_gt(frame, **COLUMNS).frame().set_index(["cohort", "time"])["estimate"]
    for cohort, time, base in ((3, 4, 2), (5, 6, 4), (5, 3, 2)):  # the last: before the exit, from the period before
        change = [means(frame, group, time) - means(frame, group, base) for group in (cohort, 0)]
        assert found[cohort, time] == pytest.approx(change[0] - change[1])
    assert (3, 1) not in found.index


def test_not_yet_treated_controls_leave_when_they_are_treated():
    frame = staggered("not yet")
    found = att_gt(frame, **COLUMNS, control="not_yet").frame().set_index(["cohort", "time"])["estimate"]
    for time, controls in ((4, (0, 5)), (5, (0,))):
        members = frame["cohort"].isin(controls)
        change = [
            frame[rows & (frame["time"] == time)]["value"].mean() - frame[rows & (frame["time"] == 2)]["value"].mean()
            for rows in (frame["cohort"] == 3, members)
        ]
        assert found[3, time] == pytest.approx(change[0] - change[1])
    alone = frame[frame["cohort"] > 0]
    with pytest.raises(DesignError, match="not_yet"):
        att_gt(alone, **COLUMNS)
    assert att_gt(alone, **COLUMNS, control="not_yet").estimates.size


def test_anticipation_moves_the_base_back():
    frame = staggered("anticipation")
    found = att_gt(frame, **COLUMNS, anticipation=1).frame().set_index(["cohort", "time"])["estimate"]
    change = [means(frame, group, 5) - means(frame, group, 3) for group in (5, 0)]
    assert found[5, 5] == pytest.approx(change[0] - change[1])
    assert found[3, 3] == pytest.approx(np.subtract(*[means(frame, g, 3) - means(frame, g, 1) for g in (3, 0)]))


def test_average_base_is_the_mean_of_all_periods_before():
    frame = staggered("average base")
    found = att_gt(frame, **COLUMNS, base="average").frame().set_index(["cohort", "time"])["estimate"]
    change = [means(frame, g, 6) - np.mean([means(frame, g, t) for t in (1, 2, 3, 4)]) for g in (5, 0)]
    assert found[5, 6] == pytest.approx(change[0] - change[1])


def test_standard_errors_are_those_of_units_drawn_again():
    frame = staggered("bootstrap", units=160, cohorts=(0, 0, 0, 3, 5))
    wide = {unit: rows for unit, rows in frame.groupby("unit")}
    generator, drawn = generator_for("draw units again"), []
    for _ in range(250):
        again = [wide[unit].assign(unit=place) for place, unit in enumerate(generator.integers(0, 160, 160))]
        table = att_gt(pd.concat(again), **COLUMNS)
        drawn.append([aggregate(table, kind, draws=1).overall for kind in ("simple", "group", "dynamic", "calendar")])
    table = att_gt(frame, **COLUMNS)
    found = [aggregate(table, kind).standard_error for kind in ("simple", "group", "dynamic", "calendar")]
    assert found == pytest.approx(np.std(drawn, axis=0), rel=0.15)


def test_band_covers_every_event_time_at_once():
    """95 % bands over six event times (150 worlds: standard error 1.8 %); pointwise ones would cover far fewer."""
    truth = {since: 0.0 if since < 0 else -1.0 - since for since in range(-4, 5)}
    covered = 0
    for world in range(150):
        frame = staggered(("band", world), units=100, effect=-1)
        table = aggregate(att_gt(frame, **COLUMNS), "dynamic", draws=400, seed=world).table
        expected = table["at"].map(truth)
        covered += ((table["lower"] <= expected) & (expected <= table["upper"])).all()
    assert 0.89 <= covered / 150 <= 0.99


def test_a_simultaneous_quantile_of_one_estimate_is_pointwise():
    influence = generator_for("one influence").normal(size=(400, 1))
    assert simultaneous_quantile(influence, 0.95, 4000, ["one"]) == pytest.approx(1.96, abs=0.12)
    assert simultaneous_quantile(np.repeat(influence, 5, axis=1), 0.95, 4000, ["one"]) < 2.1


def test_same_seed_same_band():
    table = att_gt(staggered("same seed"), **COLUMNS)
    one, two, other = (table.frame(seed=seed)["upper"].to_numpy() for seed in (1, 1, 2))
    assert (one == two).all()
    assert (one != other).any()


def test_units_treated_from_the_start_are_left_out_and_named():
    frame = staggered("always", cohorts=(0, 1, 3))
    table = att_gt(frame, **COLUMNS)
    assert set(table.dropped) == set(frame.loc[frame["cohort"] == 1, "unit"])
    assert set(table.cohorts) == {2}


def test_dates_serve_as_times():
    frame = staggered("dates")
    dates = {k: pd.Timestamp("2020-01-01") + pd.DateOffset(months=k) for k in range(1, 8)}
    dated = frame.assign(time=frame["time"].map(dates), cohort=frame["cohort"].map(dates))
    assert att_gt(dated, **COLUMNS).estimates == pytest.approx(att_gt(frame, **COLUMNS).estimates)


def test_what_cannot_be_compared_is_refused():
    frame = staggered("refused")
    with pytest.raises(CaseError, match="not_yet"):
        att_gt(frame, **COLUMNS, control="not yet")
    with pytest.raises(DesignError, match="lacks periods"):
        att_gt(frame.iloc[1:], **COLUMNS)
    with pytest.raises(DesignError, match="changes within"):
        att_gt(frame.assign(cohort=frame["cohort"].where(frame["time"] < 4, 4)), **COLUMNS)
    with pytest.raises(CaseError, match="dynamic"):
        aggregate(att_gt(frame, **COLUMNS), "dynamics")
