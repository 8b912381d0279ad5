"""Every format's file, damaged: reading ends in a result or in an error that names file and cure, and soon."""

import time
from collections import Counter
from zlib import crc32

import numpy as np
import pytest
from damage import damaged
from valid_exports import OTHER_KINDS, SOUND, Sound

from analysis.core.errors import StudyError
from analysis.pipeline.detect import examine, read_as, report_of
from analysis.pipeline.source_block import block_of, sources_of
from analysis.sources import Reading

FAST, THOROUGH = 2, 200
LONGEST_SECONDS = 10.0


def read(path, source) -> str:
    """What came of it. Raises whatever is no StudyError."""
    problem = None
    try:
        assert isinstance(read_as((path,), source), Reading)
    except StudyError as error:
        problem = error
    if problem is None:
        return "read"
    assert problem.what
    assert problem.cure, problem
    assert path.name in problem.where or "source" in problem.where, problem
    return "refused"


def outcomes(sound: Sound, tmp_path, count: int) -> Counter:
    """How ``count`` damaged files ended, read as what they were and then examined as what they seem."""
    whole = tmp_path / sound.name
    whole.write_bytes(sound.data)
    source = examine(whole).source
    found: Counter = Counter()
    for number in range(count):
        draw = np.random.default_rng([crc32(f"{sound.format} {sound.name}".encode()), number])
        path = tmp_path / f"{number}-{sound.name}"
        path.write_bytes(damaged(sound.data, draw))
        began = time.monotonic()
        try:
            found[read(path, source)] += 1
            export = examine(path)
            block_of(sources_of([export])[0])
            assert all(line.isprintable() for line in report_of(export).splitlines())
        except Exception as error:
            raise AssertionError(f"{sound.format}, damage {number}: {type(error).__name__}: {error}") from error
        assert time.monotonic() - began < LONGEST_SECONDS, f"{sound.format}, damage {number}"
        found["named the same"] += (export.source or {}).get("format") == sound.format
        path.unlink()
    return found


@pytest.mark.parametrize("sound", SOUND, ids=lambda sound: sound.format)
def test_a_damaged_file_is_read_or_refused(tmp_path, sound: Sound):
    found = outcomes(sound, tmp_path, FAST)
    assert found["read"] + found["refused"] == FAST


@pytest.mark.slow
@pytest.mark.parametrize("sound", [*SOUND, *OTHER_KINDS], ids=lambda sound: f"{sound.format}-{sound.name}")
def test_many_damaged_files_are_read_or_refused(tmp_path, sound: Sound, record_property):
    found = outcomes(sound, tmp_path, THOROUGH)
    print(sound.format, sound.name, dict(found))
    assert found["read"] + found["refused"] == THOROUGH
    assert found["refused"] > 0
