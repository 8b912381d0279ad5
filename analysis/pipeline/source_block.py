"""The `sources:` block of case.yaml from examined exports: files of one kind together, each under its doubts."""

import glob
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from analysis.core import artefacts
from analysis.core.errors import CaseError, StudyError
from analysis.pipeline.detect import Export, one_line, read_as
from analysis.sources import available
from analysis.sources._recognising import TODO

MOST_COLUMNS = 40  # shown of a table that no format claims


@dataclass(frozen=True, slots=True)
class Joined:
    """One source of the block and the exports that it reads together."""

    source: Mapping[str, Any]
    exports: tuple[Export, ...]


def sources_of(exports: Sequence[Export], names: Mapping[Path, str] | None = None) -> tuple[list[Joined], list[str]]:
    """The sources that read every named export, files of one kind together, and why some of a kind are kept apart.

    ``names``: what a file is called in the case's folder; its own name unless given.
    """
    groups: list[tuple[dict[str, Any], list[Export]]] = []
    for export in (item for item in exports if item.source is not None):
        for number, (source, members) in enumerate(groups):
            merged = _merged(source, export)
            if merged is not None:
                groups[number] = (merged, [*members, export])
                break
        else:
            groups.append((dict(export.source or {}), [export]))
    parts: list[tuple[dict[str, Any], list[Export]]] = []
    called = Counter(item.path.name for item in exports) if names is None else Counter()
    told = [f"{count} files are called {name}: give them names of their own" for name, count in called.items()
            if count > 1]  # fmt: skip
    for source, members in groups:
        problem = _together(source, members)
        if problem is None:
            parts.append((source, members))
            continue
        told.append(f"{', '.join(item.path.name for item in members)} are kept apart: {problem.what}")
        parts += [(dict(item.source or {}), [item]) for item in members]
    count: dict[str, int] = {}
    joined = []
    for source, members in parts:
        name = source["format"]
        count[name] = count.get(name, 0) + 1
        identity = name if count[name] == 1 else f"{name[:36]}_{count[name]}"
        files = [(names or {}).get(item.path) or glob.escape(item.path.name) for item in members]
        whole = {"id": identity, "format": name, "label": members[0].label, "files": files}
        whole |= {key: source[key] for key in ("period", "channel", "options") if source.get(key)}
        joined.append(Joined(whole, tuple(members)))
    return joined, [one_line(line) for line in told]


def _merged(source: Mapping[str, Any], export: Export) -> dict[str, Any] | None:
    """One source for both, or None where what they need differs. Columns that only some windows have are left out."""
    other = export.source or {}
    if any(source.get(key) != other.get(key) for key in ("format", "channel", "period")):
        return None
    options: dict[str, Any] = {}
    for key in {**source["options"], **other["options"]}:
        mine, theirs = source["options"].get(key), other["options"].get(key)
        if isinstance(mine, dict) and isinstance(theirs, dict) and not export.general:
            common = {name: value for name, value in mine.items() if theirs.get(name, value) == value}
            both = {name: value for name, value in common.items() if name in theirs}
            if not both and key == "metrics":
                return None
            options[key] = both if key == "metrics" else {**theirs, **mine}
        elif mine == theirs or (TODO in (mine, theirs) and key != "ticker"):
            options[key] = TODO if TODO in (mine, theirs) else mine
        else:
            return None
    return {**source, "options": options}


def _together(source: Mapping[str, Any], members: Sequence[Export]) -> StudyError | None:
    """Why the files cannot be read as one; None for a single file, and where one of them cannot be read at all."""
    if len(members) == 1 or any(item.reading is None for item in members):
        return None
    if TODO in source["options"].values():
        return None
    try:
        read_as(tuple(item.path for item in members), source)
    except StudyError as error:
        return error
    return None


class _Plain(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def yaml_of(value: Any) -> str:
    """YAML as case.yaml is written: keys in order, no aliases, every text quoted where it has to be."""
    ready = json.loads(json.dumps(value, default=str))
    return yaml.dump(ready, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=110)


def block_of(
    joined: Sequence[Joined], exports: Sequence[Export] = (), names: Mapping[Path, str] | None = None
) -> str:
    """The ``sources`` block, each source under the doubts its files leave; below, as comments, what those of the
    ``exports`` that no format claims may be. ``names`` as in `sources_of`."""
    lines = ["sources:"]
    for item in joined:
        doubts = dict.fromkeys(str(doubt) for export in item.exports for doubt in export.doubts)
        lines += [f"  # {one_line(doubt)}" for doubt in doubts]
        wrong = [(export.path.name, export.problem.what) for export in item.exports if export.problem is not None]
        lines += [f"  # {one_line(f'{name} cannot be read yet: {what}')}" for name, what in wrong]
        lines += [f"  {line}" for line in yaml_of([dict(item.source)]).splitlines()]
    offers = _offers_of(exports, names or {})
    return "\n".join([*lines, *offers]) + "\n" if joined or offers else ""


def _offers_of(exports: Sequence[Export], names: Mapping[Path, str]) -> list[str]:
    """Comment lines: each table that no format claims, as the sources it may be, with the keys that its author has."""
    lines: list[str] = []
    for export in (item for item in exports if item.offers):
        shown = ", ".join(export.columns[:MOST_COLUMNS])
        more = f" and {len(export.columns) - MOST_COLUMNS} more" if len(export.columns) > MOST_COLUMNS else ""
        lines += [
            one_line(f"{export.path.name}: no format is like it. Keep the source it is, and fill in each {TODO}"),
            one_line(f"Its columns: {shown}{more}"),
        ]
        for offer in export.offers:
            reader, options = available()[offer["format"]], offer["options"]
            whole = {"id": offer["format"], "format": offer["format"], "label": reader.LABEL,
                     "files": [names.get(export.path) or glob.escape(export.path.name)]}  # fmt: skip
            whole |= {} if {"channel", "channel_column"} & set(options) else {"channel": TODO}
            others = [name for name in reader.Options.model_fields if name not in options]
            lines += [*yaml_of([whole | {"options": options}]).splitlines(), f"    # or: {', '.join(others)}"]
            if "event_map" in options:
                lines.append(f"    # event_map leads each of the file's words to one of {', '.join(reader.KINDS)}")
    return [f"  # {line}" for line in lines]


def write_block(text: str, path: Path) -> Path:
    """Write the block. Raises CaseError when something is there already."""
    if path.exists() or path.is_symlink():
        raise CaseError("there is a file of that name already", where=f"--output {path.name}", cure="choose another")
    return artefacts.write_text(path, text)
