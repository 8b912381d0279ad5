"""`make lab` opens JupyterLab on the notebooks; with the case preselected and one parameter changed, all cells run."""

import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyter_client import BlockingKernelClient

from analysis.core import paths

TOKEN = "a-token-of-the-test"
SECONDS = 120


class Lab:
    """A server started by `make lab`, asked as JupyterLab's page asks it."""

    def __init__(self, case: Path, root: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"http://127.0.0.1:{free.getsockname()[1]}"
        self.runtime = root / "runtime"
        port = self.address.rpartition(":")[2]
        options = f"--no-browser --ip=127.0.0.1 --port={port} --ServerApp.port_retries=0"
        options += f" --IdentityProvider.token={TOKEN}"
        places = {name: str(root / name.lower()) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR")}
        self.log = root / "lab.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                ["make", "lab", f"CASE={case}", f"LAB={options}"],
                cwd=paths.PROJECT,
                env=os.environ | places | {"JUPYTER_RUNTIME_DIR": str(self.runtime), "EXIT_STUDY_OUTPUT": str(root)},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def ask(self, path: str, body: dict[str, Any] | None = None) -> bytes:
        request = urllib.request.Request(self.address + path, headers={"Authorization": f"token {TOKEN}"})
        if body is not None:
            request.data = json.dumps(body).encode()
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.read()

    def wait(self) -> None:
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            assert self.process.poll() is None, self.log.read_text("utf-8")
            try:
                self.ask("/api/status")
                return
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.2)
        raise AssertionError(self.log.read_text("utf-8"))

    def run_all(self, notebook: str, **changed: Any) -> None:
        """Open the notebook in a kernel of the server, change parameters in their cell, run all cells."""
        body = {"path": notebook, "name": notebook, "type": "notebook", "kernel": {"name": "python3"}}
        session = json.loads(self.ask("/api/sessions", body))
        client = BlockingKernelClient()
        client.load_connection_file(str(self.runtime / f"kernel-{session['kernel']['id']}.json"))
        client.start_channels()
        client.wait_for_ready(timeout=SECONDS)
        for cell in nbformat.read(paths.NOTEBOOKS / notebook, as_version=4).cells:
            if cell.cell_type != "code":
                continue
            lines = cell.source.splitlines()
            if "parameters" in cell.metadata.get("tags", []):
                lines += [f"{name} = {value!r}" for name, value in changed.items()]
            reply = client.execute_interactive("\n".join(lines), timeout=SECONDS, output_hook=lambda message: None)
            assert reply["content"]["status"] == "ok", (notebook, cell.id, reply["content"])
        client.stop_channels()

    def stop(self) -> None:
        os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)


@pytest.fixture
def lab(small_case: Path, tmp_path: Path):
    server = Lab(small_case, tmp_path)
    try:
        server.wait()
        yield server
    finally:
        server.stop()


@pytest.mark.study
def test_one_parameter_changed_and_all_cells_run_on_the_preselected_case(
    lab: Lab, small_case: Path, tmp_path: Path
) -> None:
    assert b"JupyterLab" in lab.ask("/lab")
    listed = {entry["name"] for entry in json.loads(lab.ask("/api/contents"))["content"]}
    assert {path.name for path in paths.NOTEBOOKS.glob("*.ipynb")} <= listed

    for notebook in ("01_prepare.ipynb", "02_design.ipynb"):
        lab.run_all(notebook)
    lab.run_all("03_engagement.ipynb", level=0.8)

    estimates = tmp_path / "data" / "processed" / small_case.name / "estimates"
    found = {json.loads(path.read_text("utf-8"))["interval"]["level"] for path in estimates.glob("*.json")}
    assert found == {0.8}
