"""What every reader promises, whichever there are."""

from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError

from analysis import sources
from analysis.core.case import Source
from analysis.core.errors import CaseError

READERS = sorted(sources.available())


@pytest.fixture(params=READERS)
def reader(request):
    return sources.available()[request.param]


def test_there_are_readers():
    assert READERS


def test_declares_itself(reader):
    assert Path(reader.__file__).stem == reader.NAME
    assert reader.LABEL.strip()
    assert reader.REFERENCE.strip()
    assert (reader.__doc__ or "").strip()
    assert "Raises SourceError" in " ".join((reader.read.__doc__ or "").split())


def test_options_are_strict_and_frozen(reader):
    assert issubclass(reader.Options, BaseModel)
    assert reader.Options.model_config["extra"] == "forbid"
    assert reader.Options.model_config["frozen"]
    with pytest.raises(ValidationError):
        reader.Options.model_validate({"no_such_option": 1})


def test_a_misspelt_option_names_the_nearest(reader):
    name = "encoding" if "encoding" in reader.Options.model_fields else max(reader.Options.model_fields, key=len)
    source = Source(id="s", format=reader.NAME, files=("a.csv",), label="S", options={name[:5] + name[6:]: "x"})
    with pytest.raises(CaseError, match=f'Did you mean "{name}"'):
        sources.options_of(source)


def test_a_misspelt_format_names_the_nearest():
    source = Source(id="s", format="twitter_analytics_dayly", files=("a.csv",), label="S")
    with pytest.raises(CaseError, match='Did you mean "twitter_analytics_daily"'):
        sources.options_of(source)


def test_a_reading_is_frozen():
    note = sources.Note("a.csv", "gap", 1, "detail")
    with pytest.raises(FrozenInstanceError):
        note.count = 2
