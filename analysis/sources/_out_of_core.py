"""DuckDB for files larger than memory: a fixed share of memory, the rest spilled, nothing but the named files open."""

import glob
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

MEMORY = "700MB"  # leaves room for Python and its tables below 1 GB
THREADS = 1  # each more holds tables of its own: within MEMORY two spill and take longer (benchmarks/large_logs.md)
QUIET_SECONDS = 2.0
LOOKS_SECONDS = 0.2


def literal(path: Path) -> str:
    """The path as the database takes it: brackets and stars in a name are letters, not patterns."""
    return glob.escape(str(path))


@contextmanager
def engine(
    files: Sequence[Path], *, memory: str = MEMORY, threads: int = THREADS
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory that may read ``files`` and its own scratch folder, and cannot be told otherwise.

    No extension is loaded or fetched, no Python variable is taken for a table. What outgrows ``memory`` is written
    under the system's folder for temporary files and removed at the end.
    """
    with tempfile.TemporaryDirectory(prefix="exit-study-") as scratch:
        settings = {
            "memory_limit": memory,
            "threads": threads,
            "temp_directory": scratch,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "python_enable_replacements": False,
        }
        with duckdb.connect(":memory:", config=settings) as connection:
            for setting in ("TimeZone = 'UTC'", "enable_progress_bar = true", "enable_progress_bar_print = false"):
                connection.execute(f"SET {setting}")
            allowed = sorted({name for path in files for name in (str(path), literal(path))})
            connection.execute("SET allowed_paths = $files", {"files": allowed})
            connection.execute("SET enable_external_access = false")
            connection.execute("SET lock_configuration = true")
            yield connection


def run(connection: duckdb.DuckDBPyConnection, sql: str, values: Mapping[str, Any], label: str) -> list[tuple]:
    """The statement's rows. Over two seconds a bar shows how far it is, on a terminal only. Raises duckdb.Error."""
    with _bar(connection, label):
        return connection.execute(sql, dict(values)).fetchall()


@contextmanager
def _bar(connection: duckdb.DuckDBPyConnection, label: str) -> Iterator[None]:
    console = Console(stderr=True)
    if not console.is_terminal:
        yield
        return
    done = threading.Event()
    watcher = threading.Thread(target=_watch, args=(connection, label, console, done), daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


def _watch(connection: duckdb.DuckDBPyConnection, label: str, console: Console, done: threading.Event) -> None:
    if done.wait(QUIET_SECONDS):
        return
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(label, total=100)
        while not done.wait(LOOKS_SECONDS):
            bar.update(task, completed=max(0.0, connection.query_progress()))
