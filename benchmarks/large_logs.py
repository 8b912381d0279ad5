"""A hundred million events to counts and quantiles: time, memory and bytes, each run a process of its own. Writes
benchmarks/large_logs.md: `make bench-logs`. Never a test."""

import hashlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import pandas as pd
from rich.console import Console

from analysis.core import artefacts, paths
from analysis.core.case import Case
from analysis.core.case_loading import load_case
from analysis.sources import _out_of_core, large_log

TABLE = paths.PROJECT / "benchmarks" / "large_logs.md"
LOGS = (  # events, kind of file, in the order of time
    (100_000_000, ".parquet", True),
    (100_000_000, ".csv", True),
    (100_000_000, ".parquet", False),
)
LARGEST_RATIO, LARGEST_MEMORY = 1.5, 1_000_000_000
CHANNELS = ("phone", "email", "chat", "branch", "app", "social")
TOPICS = ("cards", "loans", "accounts", "fraud", "fees", "online", "cash", "other")
OPTIONS = large_log.Options(
    time="opened", channel="channel", channel_map={name: name for name in CHANNELS}, topic="topic",
    topic_map={name: name for name in TOPICS}, duration="seconds", duration_unit="seconds",
)  # fmt: skip
# Two years of events, of six channels and eight topics; durations skewed, of minutes to hours; all from row numbers.
EVENTS = f"""
    SELECT TIMESTAMP '2018-01-01' + to_seconds(CAST({{moment}} AS BIGINT)) AS opened,
        {list(CHANNELS)}[1 + CAST(b % 6 AS INTEGER)] AS channel,
        {list(TOPICS)}[1 + CAST((b // 64) % 8 AS INTEGER)] AS topic,
        CAST(exp(5.5 + 2.2 * ((c % 65536 + (c // 65536) % 65536 + (c // 4294967296) % 65536) / 65536.0 - 1.5))
            AS INTEGER) AS seconds
    FROM (SELECT hash(range) AS a, hash(range + 10000000000) AS b, hash(range + 20000000000) AS c, range AS number
        FROM range({{events}}))"""
SPAN = 730 * 86_400
MOMENTS = {True: f"number * {SPAN} // {{events}}", False: f"a % {SPAN}"}  # as a desk writes its log, and shuffled
INTRODUCTION = """\
Events to counts and duration quantiles (p50, p90) by day, channel and topic, and by day and channel; made by
`make bench-logs`, each run a process of its own ({} processors, shared with other work, so that time on the wall says
less than time of the processor). This reader, with one thread as in a study, rounds durations down to minutes and
names the first row of each count; DuckDB alone does neither, has no limit but the machine's memory unless that is
said, and groups by day, channel and topic only. Ratios are of the better of two runs each, in turn."""
READERS = {".parquet": "read_parquet", ".csv": "read_csv"}
QUANTILES = "COUNT(*) AS events, quantile_disc(seconds, [0.5, 0.9]) AS quantiles"


def log_of(events: int, suffix: str, in_order: bool, folder: Path) -> Path:
    path = folder / f"events{suffix}"
    with duckdb.connect(config={"memory_limit": "2GB", "threads": 2}) as connection:
        moment = MOMENTS[in_order].format(events=events)
        connection.execute(f"COPY ({EVENTS.format(events=events, moment=moment)}) TO '{path}'")
    return path


def ours(path: Path, threads: int) -> pd.DataFrame:
    """The measurements, made as a study makes them."""
    case: Case = load_case("unicredit")
    source = case.sources[0].model_copy(update={"time_zone": None, "unit": None})
    engine = _out_of_core.engine
    large_log.engine = lambda files: engine(files, threads=threads)
    open_case = case.model_copy(update={"channels": ()})
    return large_log.read((path,), source, open_case, OPTIONS).measurements


def bare(path: Path, threads: int, memory: str | None) -> list[tuple]:
    """DuckDB alone: the same columns of the same file, grouped by day, channel and topic."""
    with tempfile.TemporaryDirectory() as scratch:
        settings = {"threads": threads, "temp_directory": scratch} | ({"memory_limit": memory} if memory else {})
        with duckdb.connect(config=settings) as connection:
            return connection.execute(
                f"SELECT CAST(opened AS DATE) AS day, channel, topic, {QUANTILES} "
                f"FROM {READERS[path.suffix]}($path) GROUP BY ALL ORDER BY ALL",
                {"path": str(path)},
            ).fetchall()


RUNS = {
    "ours": lambda path, threads: ours(path, threads),
    "quantiles within the same memory": lambda path, threads: bare(path, threads, _out_of_core.MEMORY),
    "quantiles": lambda path, threads: bare(path, threads, None),
}


def child(kind: str, path: str, threads: str) -> None:
    """One run; prints its seconds (wall, processor), peak memory in bytes, and the hash of what it found."""
    begun, used = time.perf_counter(), time.process_time()
    try:
        found = RUNS[kind](Path(path), int(threads))
    except duckdb.OutOfMemoryException:
        found = None
    wall, processor = time.perf_counter() - begun, time.process_time() - used
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    text = found.to_csv(index=False) if isinstance(found, pd.DataFrame) else repr(found)
    digest = hashlib.sha256(text.encode()).hexdigest() if found is not None else ""
    print(json.dumps({"wall": wall, "processor": processor, "peak": peak, "digest": digest}))


def measured(kind: str, path: Path, threads: int) -> dict:
    command = [sys.executable, "-m", "benchmarks.large_logs", kind, str(path), str(threads)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True, cwd=paths.PROJECT).stdout
    return json.loads(printed.splitlines()[-1])


def row(label: str, run: dict) -> str:
    times = f"{run['wall']:.1f} | {run['processor']:.1f}" if run["digest"] else "out of memory | "
    return f"| {label} | {times} | {run['peak'] / 1e6:.0f} |"


def of_one_file(events: int, suffix: str, in_order: bool, folder: Path, console: Console) -> list[str]:
    with console.status(f"{events:,} events written"):
        path = log_of(events, suffix, in_order, folder)
    runs = {}
    plan = [("ours", 1), ("quantiles", 1), ("quantiles", 2), ("ours", 1), ("quantiles", 1), ("quantiles", 2),
            ("ours", 2), ("quantiles within the same memory", 1)]  # fmt: skip
    for number, (kind, threads) in enumerate(plan):
        with console.status(f"{path.name}: {kind}, {threads} threads"):
            runs[number, kind, threads] = measured(kind, path, threads)
    size = path.stat().st_size
    path.unlink()
    own = [run for (_, kind, _), run in runs.items() if kind == "ours"]

    def ratio(unit: str, threads: int) -> float:
        best = {
            asked: min(run[unit] for (_, kind, used), run in runs.items() if (kind, used) == asked)
            for asked in (("ours", 1), ("quantiles", threads))
        }
        return best["ours", 1] / best["quantiles", threads]

    peak = max(run["peak"] for run in own)
    order = "in the order of time" if in_order else "shuffled"
    lines = [f"## {events:,} events {order}, {suffix[1:]}, {size / 1e9:.2f} GB", ""]
    lines += ["| run | seconds | processor seconds | peak MB |", "|---|---|---|---|"]
    for (_, kind, threads), run in runs.items():
        who = "this reader" if kind == "ours" else f"DuckDB alone, {kind}"
        lines.append(row(f"{who}, threads: {threads}", run))
    lines += ["", "| asked | found | met |", "|---|---|---|"]
    asked = f"at most {LARGEST_RATIO} times DuckDB's own quantiles"
    ratios = [
        (f"{asked}, {label}", f"{found:.2f}", found <= LARGEST_RATIO)
        for label, found in (
            ("both with one thread (time)", ratio("wall", 1)),
            ("both with one thread (processor)", ratio("processor", 1)),
            ("DuckDB with two threads (time)", ratio("wall", 2)),
        )
    ]
    verdicts = [
        *ratios,
        ("peak memory under 1 GB", f"{peak / 1e6:.0f} MB", peak < LARGEST_MEMORY),
        ("the same bytes twice and with 1 and 2 threads", f"{len({run['digest'] for run in own})} hash",
         len({run["digest"] for run in own}) == 1),
    ]  # fmt: skip
    return [*lines, *(f"| {what} | {found} | {'yes' if met else 'no'} |" for what, found, met in verdicts), ""]


def main() -> None:
    console = Console()
    lines = ["# Logs larger than memory", "", INTRODUCTION.format(os.cpu_count()), ""]
    with tempfile.TemporaryDirectory() as folder:
        for events, suffix, in_order in LOGS:
            lines += of_one_file(events, suffix, in_order, Path(folder), console)
            artefacts.write_text(TABLE, "\n".join(lines).rstrip() + "\n")


if __name__ == "__main__":
    child(*sys.argv[1:]) if len(sys.argv) > 1 else main()
