"""County teen employment and minimum wages (mpdta): the published effects by cohort and year, without covariates."""

import pandas as pd
import pytest

from analysis.core import paths
from analysis.inference.group_time import aggregate, att_gt

FILE = paths.SHARED / "benchmarks" / "mpdta.csv"
pytestmark = pytest.mark.skipif(not FILE.is_file(), reason="the shared benchmarks are not beside the project")
PUBLISHED = {
    (2004, 2004): -0.0105, (2004, 2005): -0.0704, (2004, 2006): -0.1373, (2004, 2007): -0.1008,
    (2006, 2004): 0.0065, (2006, 2005): -0.0028, (2006, 2006): -0.0046, (2006, 2007): -0.0412,
    (2007, 2004): 0.0305, (2007, 2005): -0.0027, (2007, 2006): -0.0311, (2007, 2007): -0.0261,
}  # fmt: skip
PRINTED, RECOMPUTED = 5e-5, 5e-8


@pytest.fixture(scope="module")
def table():
    frame = pd.read_csv(FILE)
    return att_gt(frame, unit="countyreal", time="year", value="lemp", cohort="first.treat")


def by_place(aggregated):
    return aggregated.table.set_index("at")["estimate"].to_dict()


def test_all_twelve_cells(table):
    frame = table.frame(draws=1)
    found = {(row.cohort, row.time): row.estimate for row in frame.itertuples()}
    assert found == pytest.approx(PUBLISHED, abs=PRINTED)


def test_simple(table):
    assert aggregate(table, "simple").overall == pytest.approx(-0.0399513, abs=RECOMPUTED)


def test_by_cohort(table):
    found = aggregate(table, "group")
    assert found.overall == pytest.approx(-0.0310183, abs=RECOMPUTED)
    assert by_place(found) == pytest.approx({2004: -0.0797, 2006: -0.0229, 2007: -0.0261}, abs=PRINTED)


def test_by_time_since_treatment(table):
    found = aggregate(table, "dynamic")
    assert found.overall == pytest.approx(-0.0772398, abs=RECOMPUTED)
    published = {-3: 0.0305, -2: -0.0006, -1: -0.0245, 0: -0.0199, 1: -0.0510, 2: -0.1373, 3: -0.1008}
    assert by_place(found) == pytest.approx(published, abs=PRINTED)
