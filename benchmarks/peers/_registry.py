"""Which peers there are, what each is compared with, and how many series its speed allows."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["single", "panel"]
FAST, SLOW, REAL_SLOW = 40, 8, 20  # series a world; of slow peers; real pages of slow peers


@dataclass(frozen=True, slots=True)
class Peer:
    """``name`` names the adapter, its requirements file (none: the project's own environment) and its environment.

    ``distributions`` are those whose versions are printed. ``ours`` is the estimator that seconds are compared with.
    """

    name: str
    label: str
    kind: Kind
    distributions: tuple[str, ...]
    ours: str
    slow: bool = False

    def series(self, available: int, real: bool) -> int:
        if not self.slow:
            return available
        return min(available, REAL_SLOW if real else SLOW)


SINGLE, CONTROL, BOTH = "structural_time_series", "synthetic_control", "synthetic_difference_in_differences"
OURS: dict[Kind, tuple[str, ...]] = {"single": (SINGLE,), "panel": (CONTROL, BOTH)}
PEERS = (
    Peer("unobserved_components", "UnobservedComponents, AR(1)", "single", ("statsmodels",), SINGLE),
    Peer("sarimax", "SARIMAX(1, 1, 1)", "single", ("statsmodels",), SINGLE),
    Peer("bsts_causalimpact", "bsts-causalimpact", "single", ("bsts-causalimpact",), SINGLE),
    Peer("pycausalimpact", "pycausalimpact", "single", ("pycausalimpact", "statsmodels"), SINGLE),
    Peer("diff_diff", "diff-diff, SyntheticDiD", "panel", ("diff-diff",), BOTH),
    Peer(
        "tfcausalimpact", "tfcausalimpact", "single",
        ("tfcausalimpact", "tensorflow", "tensorflow-probability"), SINGLE, slow=True,
    ),
    Peer("causalpy", "CausalPy, ITS", "single", ("causalpy", "pymc"), SINGLE, slow=True),
    Peer("pysyncon", "pysyncon, Synth", "panel", ("pysyncon",), CONTROL, slow=True),
    Peer("synthdid_py", "synthdid-py", "panel", ("synthdid-py",), BOTH, slow=True),
)  # fmt: skip
