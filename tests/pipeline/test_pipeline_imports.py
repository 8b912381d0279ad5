"""What a run's own process imports: drawing is for the kernels, and its library takes a third of a second to import."""

import subprocess
import sys

PROGRAM = """
import sys
import analysis.pipeline.runner, analysis.pipeline.building, analysis.pipeline.annex, analysis.pipeline.front_page
assert "analysis.report.page" in sys.modules
sys.exit(", ".join(name for name in ("matplotlib", "analysis.report.build") if name in sys.modules) or 0)
"""


def test_the_process_that_waits_for_its_kernels_loads_no_drawing_library() -> None:
    ended = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=120)
    assert (ended.returncode, ended.stderr) == (0, ""), ended.stderr
