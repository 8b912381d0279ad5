"""The one place that rounds and writes."""

import json
import math
import re
from io import StringIO

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as some

from analysis.core import artefacts


def test_six_significant_digits() -> None:
    assert artefacts.rounded(123456.789) == 123457.0
    assert artefacts.rounded(-0.000123456789) == -0.000123457
    assert artefacts.rounded(float("nan")) is None
    assert math.copysign(1, artefacts.rounded(-0.0)) == 1.0


@given(some.floats(allow_nan=False, allow_infinity=False))
def test_rounding_twice_changes_nothing(value: float) -> None:
    once = artefacts.rounded(value)
    assert artefacts.rounded(once) == once


def test_last_bits_never_reach_a_file() -> None:
    assert artefacts.canonical_json({"a": 0.1 + 0.2}) == artefacts.canonical_json({"a": 0.3})


def test_json_is_canonical() -> None:
    text = artefacts.canonical_json(
        {"b": np.float64(1.5), "a": (np.int64(2), None, float("inf")), "t": pd.Timestamp("2019-06-01")}
    )
    assert json.loads(text) == {"a": [2, None, None], "b": 1.5, "t": "2019-06-01"}
    assert text.index('"a"') < text.index('"b"')


def test_an_undeclared_type_is_refused() -> None:
    with pytest.raises(TypeError, match="no rule"):
        artefacts.canonical_json({"a": object()})


FORMULAE = ["=1+1", "+cmd", "-x", "@x", "\tx", "\rx", " =1", "\u00a0\t@x", "\uff1d1", " \uff0b1", "\uff0d1", "\uff20x"]


@pytest.mark.parametrize("cell", FORMULAE)
def test_formulae_are_neutralised(cell: str) -> None:
    text = artefacts.canonical_csv(pd.DataFrame({"name": [cell], "n": [-1.0]}))
    assert pd.read_csv(StringIO(text))["name"][0].startswith("'")
    assert text.rstrip().endswith("-1")  # a negative number stays a number


@pytest.mark.parametrize("cell", ["a;=1+1", "a; =1+1", "a\n@x", 'a;"+cmd"', "a;-2;=3", "a;\uff1d1"])
def test_formulae_behind_a_semicolon_are_neutralised(cell: str) -> None:
    text = artefacts.canonical_csv(pd.DataFrame({"name": [cell], "place": ["x; y"]}))
    for part in re.split(r"[;\n]", text):
        assert not part.strip(' "').startswith(artefacts.FORMULA_STARTS), text
    assert "x; y" in text


def test_a_reader_never_sees_half_a_file(tmp_path) -> None:
    target = artefacts.write_text(tmp_path / "a.txt", "old")
    with pytest.raises(TypeError):
        artefacts.write_bytes(target, object())
    assert target.read_text() == "old"
