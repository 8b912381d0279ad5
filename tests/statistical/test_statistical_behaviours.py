"""Does the suite do what each troubled world declares: find, flag or refuse? Writes benchmarks/behaviours.md.

Every world holds a true fall of 15 % beside its trouble. Its twin is the same draw without the trouble: a check that
speaks as often there says nothing about the trouble. What an exit does to controls and donors of 15 % hides in drift of
2 % a week, so of those checks it is asked that they speak far more often than on the twin, not always.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType
from unittest.mock import patch

import numpy as np
import pandas as pd
import pytest

from analysis.checks import CheckContext, available, run_checks
from analysis.core import artefacts, paths
from analysis.core.check import CheckResult
from analysis.core.errors import DesignError
from analysis.core.panel import Panel
from analysis.estimators import choose
from analysis.simulate import worlds
from analysis.simulate.worlds_recipes import RECIPES, TROUBLED

DRAWS, FULL = 40, 10  # of the check that answers; of every check
EFFECT = -0.15
ONE_DONOR = "one_donor_hit"
ANSWERS = MappingProxyType(
    {
        "level_shift": "level_shift_before",
        "control_hit": "controls_moved",
        "donors_hit": "donors_moved",
        ONE_DONOR: "donors_moved",
        "anticipation": "donut_and_backdating",
        "few_donors": "placebo_in_space",
    }
)
SURE = ("level_shift", "anticipation", "few_donors")  # these are asked to be flagged whatever the draw
NEARLY_ALL, FAR_MORE = 0.95, 0.25
TWINS = tuple(name for name in ANSWERS if name != "few_donors")  # too few donors are not a trouble to take away
TABLE = paths.PROJECT / "benchmarks" / "behaviours.md"


@dataclass(frozen=True, slots=True)
class Case:
    """A draw of a world: its panel, the true effect, the options of a careful analyst."""

    panel: Panel
    truth: float
    options: dict[str, object]


def drawn(name: str, draw: int, *, trouble: bool = True) -> Case:
    """The world's draw, or its twin without the trouble: the same name and seed draw the same numbers."""
    recipe = RECIPES[name]
    if not trouble:
        recipe = replace(recipe, pre_shift=0.0, control_hit=0.0, donor_hit=0.0, anticipation=0.0)
    with patch.object(worlds, "RECIPES", {name: recipe}):
        world = worlds.simulate_world(name, f"behaviour {draw}", effect=EFFECT)
    return Case(world.panel, world.truth, dict(world.options))


def case_of(name: str, draw: int, *, trouble: bool = True) -> Case:
    """Also the world of twenty donors of which the exit hits the first alone."""
    if name != ONE_DONOR:
        return drawn(name, draw, trouble=trouble)
    calm = drawn("donors_hit", draw, trouble=False)
    if not trouble:
        return calm
    first = calm.panel.donors[0]
    hit = drawn("donors_hit", draw).panel.frame[first]
    return replace(calm, panel=replace(calm.panel, frame=calm.panel.frame.assign(**{first: hit})))


def context_of(name: str, case: Case) -> CheckContext:
    """What the study would do: the estimator that is chosen by rule, then the checks of its estimate."""
    return CheckContext("behaviours", name, name, case.panel, choose(case.panel).estimator, case.options)


def speaks(result: CheckResult) -> bool:
    return result.status in ("REVIEW", "FAIL")


def answers(name: str) -> Iterator[dict[str, object]]:
    """One row a draw: did the check speak, on the twin too, and was the truth inside? NaN where there is no twin."""
    check = available()[ANSWERS[name]]
    for draw in range(DRAWS):
        case = case_of(name, draw)
        context = context_of(name, case)
        result = check.run(context)
        row = {
            "estimator": context.estimator,
            "spoke": speaks(result),
            "inside": case.truth in context.effect.interval,
            "first": name != ONE_DONOR or result.table["unit"].iloc[0] == case.panel.donors[0],
        }
        if name in TWINS:
            twin = context_of(name, case_of(name, draw, trouble=False))
            row |= {"twin_spoke": speaks(check.run(twin)), "twin_inside": case.truth in twin.effect.interval}
        yield row


def every_check(name: str, *, trouble: bool = True) -> Iterator[dict[str, object]]:
    for draw in range(FULL):
        case = case_of(name, draw, trouble=trouble)
        context = context_of(name, case)
        results = run_checks(context)
        asked = [item.check for item in results if speaks(item)]
        yield {
            "asked": len(asked),
            "silent": case.truth not in context.effect.interval and not asked,
            "broken": [item.check for item in results if item.status == "NOT_RUN"],
        }


def refusals(name: str) -> int:
    refused = 0
    for draw in range(DRAWS):
        try:
            choose(drawn(name, draw).panel)
        except DesignError as error:
            refused += bool(error.cure)
    return refused


@cache
def asked_of_the_twin(name: str) -> float:
    return float(pd.DataFrame(every_check(name, trouble=False))["asked"].median())


def measured(name: str) -> dict[str, object]:
    some, every = pd.DataFrame(answers(name)), pd.DataFrame(every_check(name))
    shares = some.drop(columns="estimator").mean().to_dict()
    return {"twin_spoke": np.nan, "twin_inside": np.nan} | shares | {
        "world": name,
        "estimator": ", ".join(sorted(set(some["estimator"]))),
        "asked": every["asked"].median(),
        "twin_asked": asked_of_the_twin("donors_hit" if name == ONE_DONOR else name) if name in TWINS else np.nan,
        "silent": int(every["silent"].sum()),
        "broken": sorted({check for part in every["broken"] for check in part}),
    }


def label_of(name: str) -> str:
    return "one donor of twenty hit by the same exit" if name == ONE_DONOR else RECIPES[name].label


def pair(value: float, twin: float, digits: int = 2) -> str:
    return f"{value:.{digits}f}" if np.isnan(twin) else f"{value:.{digits}f} / {twin:.{digits}f}"


def written(found: pd.DataFrame, refused: dict[str, int]) -> None:
    lines = [
        "# Behaviour in troubled worlds",
        "",
        f"{DRAWS} draws a world, each with a true fall of {-EFFECT:.0%}; every check on {FULL} of them for the last",
        "two columns. After the stroke: the same draw without the trouble. Monte-Carlo error of a share of one half: "
        f"{0.5 / DRAWS**0.5:.2f}.",
        "Silent: the truth outside the interval and every check passed. Made by `make test-slow`.",
        "",
        "| world | declared | chosen | what answers | it spoke | truth inside | checks that spoke, median | silent |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in found.itertuples():
        cells = (
            label_of(row.world), "flag", row.estimator, ANSWERS[row.world], pair(row.spoke, row.twin_spoke),
            pair(row.inside, row.twin_inside), pair(row.asked, row.twin_asked, 0), str(row.silent),
        )  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    for name, count in refused.items():
        lines.append(f"| {label_of(name)} | refuse | none | the choice itself | {count / DRAWS:.2f} | | | |")
    artefacts.write_text(TABLE, "\n".join(lines) + "\n")


@pytest.mark.slow
def test_every_troubled_world_gets_its_declared_behaviour() -> None:
    declared = {recipe.name: recipe.behaviour for recipe in TROUBLED}
    assert set(declared) == (set(ANSWERS) - {ONE_DONOR}) | {"ten_weeks"}, "a new troubled world needs its answer here"
    refused = {name: refusals(name) for name, behaviour in declared.items() if behaviour == "refuse"}
    found = pd.DataFrame([measured(name) for name in ANSWERS])
    written(found, refused)
    assert all(count == DRAWS for count in refused.values())
    assert not found["broken"].explode().dropna().tolist()
    assert (found["silent"] == 0).all(), found.to_string()
    rows = found.set_index("world")
    assert (rows.loc[list(SURE), "spoke"] >= NEARLY_ALL).all(), found.to_string()
    hidden = rows.drop(index=list(SURE))
    assert (hidden["spoke"] >= hidden["twin_spoke"] + FAR_MORE).all(), found.to_string()
    assert rows.loc[ONE_DONOR, "first"] >= NEARLY_ALL
    assert choose(drawn("few_donors", 0).panel).warnings
