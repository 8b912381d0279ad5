"""A run described for machines: an RO-Crate that ties the published files to the inputs, the software and the command.

Reference: RO-Crate 1.1 specification; Process Run Crate 0.5 (one CreateAction with instrument, object and result).
"""

from collections.abc import Mapping
from typing import Any

import yaml

from analysis.core import paths

FILE = "ro-crate-metadata.json"
CONTEXT = "https://w3id.org/ro/crate/1.1/context"
PROFILES = ("https://w3id.org/ro/crate/1.1", "https://w3id.org/ro/wfrun/process/0.5")
KINDS = {
    ".html": "text/html",
    ".json": "application/json",
    ".csv": "text/csv",
    ".svg": "image/svg+xml",
    ".ipynb": "application/x-ipynb+json",
}
STATUS = {
    "simulated": "SIMULATED DATA: generated to exercise the method.",
    "real": "Real data: the series are records as received.",
    "mixed": "Mixed data: some series are records, some were generated.",
}


def run_crate(record: Mapping[str, Any], outputs: Mapping[str, str], case: Mapping[str, Any]) -> dict[str, Any]:
    """JSON-LD of one published report.

    ``record`` is the provenance, ``outputs`` the sha256 of each published file by its path, ``case`` has title,
    summary and data_status. Inputs are named and hashed but not part of the crate: exports stay where they are. The
    date is that of the software's release, since nothing published carries a clock.
    """
    cited = yaml.safe_load(paths.CITATION.read_text("utf-8"))
    software = {
        "@id": "#exit-study",
        "@type": "SoftwareApplication",
        "name": cited["title"],
        "softwareVersion": cited["version"],
        "identifier": f"sha256:{record['code_sha256']}",
        "softwareRequirements": [f"{name} {number}" for name, number in sorted(record["versions"].items())],
        "license": cited["license"],
    }
    inputs = [
        {"@id": f"#input-{number}", "@type": "CreativeWork", "name": name, "identifier": f"sha256:{digest}"}
        for number, (name, digest) in enumerate(sorted(record["inputs"].items()), start=1)
    ]
    files = [_file(name, digest) for name, digest in sorted(outputs.items())]
    action = {
        "@id": "#run",
        "@type": "CreateAction",
        "name": f"Study of {case['title']}",
        "description": record["command"],
        "instrument": {"@id": software["@id"]},
        "object": _ids(inputs),
        "result": _ids(files),
        "identifier": f"sha256:{record['fingerprint']}",
    }
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": case["title"],
        "description": f"{STATUS[case['data_status']]} {case['summary']}".strip(),
        "datePublished": str(cited["date-released"]),
        "license": {"@id": "#license"},
        "conformsTo": [{"@id": PROFILES[1]}],
        "hasPart": _ids(files),
        "mentions": {"@id": action["@id"]},
        "mainEntity": {"@id": "index.html"},
    }
    about = {
        "@id": FILE,
        "@type": "CreativeWork",
        "about": {"@id": "./"},
        "conformsTo": {"@id": PROFILES[0]},
    }
    terms = {
        "@id": "#license",
        "@type": "CreativeWork",
        "name": "The brand's own terms",
        "description": "Figures and tables derive from the brand's exports; who may have them is the brand's to say.",
    }
    profile = {"@id": PROFILES[1], "@type": "CreativeWork", "name": "Process Run Crate", "version": "0.5"}
    return {"@context": CONTEXT, "@graph": [about, root, action, software, *inputs, *files, terms, profile]}


def _file(name: str, digest: str) -> dict[str, Any]:
    kind = KINDS.get("." + name.rsplit(".", 1)[-1], "application/octet-stream")
    return {"@id": name, "@type": "File", "name": name, "encodingFormat": kind, "sha256": digest}


def _ids(entities: list[dict[str, Any]]) -> list[dict[str, str]]:
    return [{"@id": entity["@id"]} for entity in entities]
