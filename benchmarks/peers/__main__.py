"""Ours beside the peers on the same series: `make bench-peers`. Rewrites benchmarks/peers.md after every peer.

A second run takes from the cache under .venv-peers/results what the first one measured.
"""

import signal
import sys

from rich.console import Console

from analysis.core import artefacts, paths
from benchmarks.peers import _datasets as datasets
from benchmarks.peers._environments import INSTALL_SECONDS, RUN_SECONDS, NotRun
from benchmarks.peers._measure import Measured, ours, peer
from benchmarks.peers._registry import OURS, PEERS
from benchmarks.peers._tables import table

TABLE = paths.PROJECT / "benchmarks" / "peers.md"
HEAD = f"""# Ours beside the peers, on the same series

Made by `make bench-peers`. Ours in bold. Every peer runs in an environment of its own, pinned in
`benchmarks/peers/<name>.txt`, one process, one thread, with its defaults except: a weekly cycle on daily series, and
whatever the first line of its adapter `benchmarks/peers/<name>.py` says. All see the same scale (logarithms in
log-normal worlds and on pages) and the same controls or donors, and answer for the average effect after the event, at
95 %. Series are the first of each world in order, none left out; a peer that is slow gets fewer, and stops after
{RUN_SECONDS} s a table (installation: {INSTALL_SECONDS} s). With few series the Monte-Carlo error is large: read it.

Bias is in RMSEs. False positives: p < .05 as the method prints it (for the CausalImpact ports that is one tail), or
where it prints none, zero outside the interval. Power: zero outside the interval (pysyncon: its placebo p < .05) once
the period after the event is multiplied by .9 or .7; ours is estimated anew on every injected series, a peer's
interval is shifted by what was put in. Seconds are medians; `× ours` divides by our fits just before and just after.
"""


def write(blocks: dict[str, list[str]], missing: list[str]) -> None:
    body = [line for block in blocks.values() for line in block]
    artefacts.write_text(TABLE, "\n".join([HEAD, *body, *missing]).rstrip("\n") + "\n")


def main() -> None:
    console = Console()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that a run that is ended ends its peer too
    pages = datasets.pages()
    sets = [*(datasets.world(name) for name in datasets.WORLDS), datasets.factor_panels()]
    missing = [] if not isinstance(pages, str) else ["## Facebook pages", "", f"Not measured: {pages}."]
    sets += [] if isinstance(pages, str) else [pages]
    found: dict[str, dict[str, Measured | NotRun]] = {data.name: {} for data in sets}
    for data in sets:
        for name in (name for kind in data.kinds for name in OURS[kind]):
            console.print(f"{data.label}: {name}")
            found[data.name][name] = ours(name, data)
        # Whoever has not had its turn when the run is stopped is in the table all the same.
        later = (which.label for which in PEERS if which.kind in data.kinds)
        found[data.name] |= dict.fromkeys(later, NotRun("its turn did not come before the run was stopped"))
    for which in PEERS:
        for data in (item for item in sets if which.kind in item.kinds):
            console.print(f"{data.label}: {which.label}")
            found[data.name][which.label] = peer(which, data)
        blocks = {data.name: table(data, list(found[data.name].items())) for data in sets}
        write(blocks, missing)


if __name__ == "__main__":
    main()
