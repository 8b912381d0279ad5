"""What the monthly run with the newest versions says."""

import sys

import pytest

from analysis.core import paths

sys.path.insert(0, str(paths.PROJECT / "tools"))
import newest

SAME = "  ✓ 01_data done (3 s)\nunicredit: every file is the same"


def test_versions_name_what_moved_only() -> None:
    locked = {"numpy": "2.4.6", "Some_Thing": "1", "gone": "3"}
    rows = newest.version_rows(locked, {"numpy": "2.5.0", "some-thing": "1"})
    assert rows == ["| gone | 3 | not installed |", "| numpy | 2.4.6 | 2.5.0 |"]


@pytest.mark.parametrize(
    ("verified", "tested", "moved"),
    [
        (SAME, "10 passed in 2s", False),
        ("", "10 passed", True),
        ("unicredit: differs: results.json effect 0.10 -> 0.11", "10 passed", True),
        (SAME, "1 failed, 9 passed", True),
        (SAME, "2 errors in 1s", True),
        (SAME, "", True),
    ],
)
def test_a_month_without_a_difference_says_so_in_its_first_line(verified: str, tested: str, moved: bool) -> None:
    text = newest.report(["| numpy | 2.4.6 | 2.5.0 |"], verified, tested)
    assert text.startswith("Something moved" if moved else "Nothing moved")
    assert "| numpy | 2.4.6 | 2.5.0 |" in text
