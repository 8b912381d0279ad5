"""The peer comparison: pins, adapters, what is shifted and summed up. No peer is installed or run here."""

import ast
import re

import numpy as np
import pytest

from analysis import estimate
from benchmarks.peers import _datasets as datasets
from benchmarks.peers import _driver as driver
from benchmarks.peers import _environments as environments
from benchmarks.peers import _measure as measure
from benchmarks.peers._registry import PEERS, SINGLE
from benchmarks.peers._tables import table

IN_OURS = {"unobserved_components", "sarimax"}


@pytest.fixture(scope="module")
def world() -> datasets.Dataset:
    return datasets.world("weekly_alone", 3)


@pytest.mark.parametrize("which", PEERS, ids=lambda item: item.name)
def test_every_peer_has_an_adapter_and_exact_versions(which) -> None:
    source = (environments.HERE / f"{which.name}.py").read_text("utf-8")
    assert "fit" in {node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)}
    pinned = environments.requirements(which)
    assert (pinned is None) == (which.name in IN_OURS)
    if pinned:
        lines = pinned.read_text("utf-8").splitlines()
        assert all(re.fullmatch(r"[\w.-]+==[\w.+!]+", line) for line in lines)
        names = {line.split("==")[0].lower().replace("_", "-") for line in lines}
        assert set(which.distributions) <= names


def test_a_shifted_interval_is_that_of_the_injected_series(world) -> None:
    panel = world.panels[0]
    before, after = estimate(SINGLE, panel), estimate(SINGLE, datasets.injected(panel, -0.3))
    move = datasets.shifts(panel)[1].mean()
    assert after.interval.lower == pytest.approx(before.interval.lower + move, abs=1e-9)
    assert after.interval.upper == pytest.approx(before.interval.upper + move, abs=1e-9)


def test_the_driver_goes_on_where_it_stopped(world, tmp_path) -> None:
    adapter, series, results = (tmp_path / name for name in ("adapter.py", "series.npz", "results.jsonl"))
    adapter.write_text("def fit(s):\n    return {'point': s['y'].mean(), 'lower': 0, 'upper': 1, 'p': None}\n", "utf-8")
    np.savez(series, **datasets.arrays(world, "single", 3))
    driver.main(str(adapter), str(series), str(results), "numpy")
    first = results.read_text("utf-8").splitlines()
    assert len(first) == 1 + 3 + 1
    results.write_text("\n".join(first[:3]) + "\n", "utf-8")
    driver.main(str(adapter), str(series), str(results), "numpy")
    assert len(results.read_text("utf-8").splitlines()) == len(first)


def test_a_peer_that_fails_is_listed_with_its_reason(world) -> None:
    which = PEERS[0]
    lines = [{"number": None, "versions": {}}, {"number": 0, "error": "ValueError: no"}]
    found = measure.summed(which, world, lines, [0.1])
    assert isinstance(found, environments.NotRun)
    assert "not run: failed on every series: ValueError: no" in "\n".join(table(
        world, [(SINGLE, measure.ours(SINGLE, world)), (which.label, found)]
    ))  # fmt: skip


def test_sums_are_over_the_same_series(world) -> None:
    error = world.oracle_error
    lines = [
        {"number": k, "point": error[k], "lower": error[k] - 0.1, "upper": error[k] + 0.1, "p": None, "seconds": 0.2}
        for k in (0, 1)
    ]
    row = table(world, [("peer", measure.summed(PEERS[0], world, lines, [0.1]))])[6]
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert cells[1] == "2"
    assert cells[3] == "1.00"  # the oracle's own errors
    assert cells[-1] == "2.0"
