"""How often is a donor that only wanders taken for one that left? Writes benchmarks/wandering_donors.md."""

import numpy as np
import pandas as pd
import pytest
from joblib import Parallel, delayed

from analysis import Panel, Windows
from analysis.checks import CheckContext, donors_moved
from analysis.core import artefacts, paths
from analysis.core.seeds import generator_for

PANELS, WORKERS, DONORS = 100, 2, 10
LENGTHS = ((24, 12), (36, 12), (56, 38), (104, 38))
COURSES = ("random walk", "random walk and noise", "AR(.8)")
TABLE = paths.PROJECT / "benchmarks" / "wandering_donors.md"


def panel(course: str, before: int, after: int, number: int) -> Panel:
    """Eleven units of one course, nothing happened."""
    draw, size = generator_for("wandering donors", course, before, after, number), (before + after, DONORS + 1)
    values = draw.normal(size=size).cumsum(axis=0)
    if course == "random walk and noise":
        values += 3 * draw.normal(size=size)
    if course == "AR(.8)":
        values = np.zeros(size)
        for time in range(1, len(values)):
            values[time] = 0.8 * values[time - 1] + draw.normal(size=DONORS + 1)
    frame = pd.DataFrame(100 + values, columns=[f"unit {item:02d}" for item in range(DONORS + 1)])
    windows = Windows.split(first=0, event=before, last=before + after - 1)
    return Panel.from_wide(frame, treated="unit 00", donors=list(frame.columns[1:]), windows=windows)


def one(course: str, before: int, after: int, number: int) -> str:
    data = panel(course, before, after, number)
    return donors_moved.run(CheckContext("wandering", str(number), "", data, "difference_in_differences")).status


@pytest.mark.slow
def test_donors_that_wander_are_seldom_taken_for_donors_that_left() -> None:
    rows = []
    for course in COURSES:
        for before, after in LENGTHS:
            found = Parallel(n_jobs=WORKERS)(delayed(one)(course, before, after, number) for number in range(PANELS))
            asked = np.mean([item != "PASS" for item in found])
            rows.append((course, before, after, asked, found.count("FAIL") / PANELS))
    lines = [
        "# Donors that wander, none of which left",
        "",
        f"{PANELS} panels a row, {DONORS} donors, nothing happened; Monte-Carlo error of a share of 5 %: "
        f"{np.sqrt(0.05 * 0.95 / PANELS):.3f}. *Asked*: the",
        "check of donors that moved did not pass; *failed*: it lowered the grade, which it may from "
        f"{donors_moved.LONG} periods before",
        "the event on. Made by `make test-slow`.",
        "",
        "| course | before | after | asked | failed |",
        "|---|---|---|---|---|",
    ]
    lines += [f"| {row[0]} | {row[1]} | {row[2]} | {row[3]:.2f} | {row[4]:.2f} |" for row in rows]
    artefacts.write_text(TABLE, "\n".join(lines) + "\n")
    assert all(row[4] == 0 for row in rows if row[1] < donors_moved.LONG)
    assert max(row[4] for row in rows) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / PANELS)
