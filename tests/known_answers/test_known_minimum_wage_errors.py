"""County teen employment and minimum wages (mpdta): standard errors, from another program's influence functions.

The R package did prints errors of one multiplier bootstrap (.0126 by cohort, .0219 by time since treatment), which have
a seed; the Stata program csdid2 (its README and its own tests) prints the errors that the bootstrap scatters about.
"""

import pandas as pd
import pytest

from analysis.core import paths
from analysis.inference.group_time import aggregate, att_gt

FILE = paths.SHARED / "benchmarks" / "mpdta.csv"
pytestmark = pytest.mark.skipif(not FILE.is_file(), reason="the shared benchmarks are not beside the project")
BY_TIME = {-3: 0.0150336, -2: 0.0132916, -1: 0.0142364, 0: 0.0118264, 1: 0.0168935, 2: 0.0364357, 3: 0.0343592}
PRINTED = 5e-8


@pytest.fixture(scope="module")
def table():
    frame = pd.read_csv(FILE)
    return att_gt(frame, unit="countyreal", time="year", value="lemp", cohort="first.treat")


def test_by_time_since_treatment(table):
    found = aggregate(table, "dynamic").table.set_index("at")["standard_error"].to_dict()
    assert found == pytest.approx(BY_TIME, abs=PRINTED)


def test_overall_by_time_since_treatment(table):
    """To the digits of csdid2's own test of its variance."""
    assert aggregate(table, "dynamic").standard_error ** 2 == pytest.approx(0.0003986007882398, abs=5e-15)
