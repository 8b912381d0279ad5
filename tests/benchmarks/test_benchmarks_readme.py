"""What the README shows of the measured tables is what was measured."""

from analysis.core import paths

BENCHMARKS = paths.PROJECT / "benchmarks"


def test_every_row_of_measurements_in_the_readme_stands_in_a_measured_table() -> None:
    measured = {line for file in sorted(BENCHMARKS.glob("*.md")) for line in file.read_text().splitlines()}
    readme = (paths.PROJECT / "README.md").read_text()
    trusted = readme[readme.index("## How far the intervals can be trusted") :]
    rows = [line for line in trusted.splitlines() if line.startswith("|")]
    assert len(rows) > 20
    assert [row for row in rows if row not in measured] == []
