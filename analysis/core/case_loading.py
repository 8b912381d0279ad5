"""From a name or a folder to a checked Case, with every problem told at once: key, line, what to do."""

import re
from dataclasses import dataclass
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError

from analysis.core import paths
from analysis.core.case import Case
from analysis.core.case_problems import control_in, own, path_of, told_of
from analysis.core.errors import CaseError, nearest
from analysis.core.yaml_lines import line_naming, line_of, line_of_error

LARGEST_CASE_FILE = 300_000  # bytes, which take seconds to check
MOST_TOLD = 50  # problems of one case.yaml
MOST_DIGITS = 50
LONGEST_PLACE = 200


class _StrictLoader(yaml.SafeLoader):
    """Plain YAML only: no aliases (they can expand without bound), no key twice."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.events.AliasEvent):
            event = self.peek_event()
            raise yaml.constructor.ConstructorError(None, None, "aliases (*name) are not allowed", event.start_mark)
        return super().compose_node(parent, index)

    def construct_yaml_timestamp(self, node: Any) -> Any:
        """A day that no calendar has stays as it was written, so that the error can name its line."""
        try:
            return super().construct_yaml_timestamp(node)
        except ValueError:
            return node.value

    def construct_yaml_int(self, node: Any) -> Any:
        """Digits without end stay as they were written: turning them into a number takes the square of their count."""
        return node.value if len(node.value) > MOST_DIGITS else super().construct_yaml_int(node)

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if isinstance(key, str):
                if key in seen:
                    raise yaml.constructor.ConstructorError(
                        None, None, f'the key "{key}" is given twice', key_node.start_mark
                    )
                seen.add(key)
        return super().construct_mapping(node, deep)


_StrictLoader.add_constructor("tag:yaml.org,2002:timestamp", _StrictLoader.construct_yaml_timestamp)
_StrictLoader.add_constructor("tag:yaml.org,2002:int", _StrictLoader.construct_yaml_int)


@dataclass(frozen=True, slots=True)
class CaseFolder:
    """A checked case and where its files are."""

    case: Case
    folder: Path
    data_root: Path

    @property
    def case_file(self) -> Path:
        return self.folder / paths.CASE_FILE

    @property
    def truth_file(self) -> Path:
        """Sealed: only the truth annex of simulated cases reads it."""
        return self.folder / paths.TRUTH_FILE

    @property
    def accounts_file(self) -> Path | None:
        """The register of accounts that the case names, beside case.yaml. Raises CaseError as ``files_of``."""
        name = self.case.accounts
        if name is None:
            return None
        where, path = f"{self.case_file.name}, accounts: {name}", paths.inside(self.folder, name)
        if path is None:
            raise CaseError("the register must stay inside the case's folder", where=where, cure="use a plain name")
        if not path.is_file():
            raise CaseError("the register is missing", where=where, cure=f"put it into {_shown(self.folder)}")
        return path

    def files_of(self, source_id: str) -> tuple[Path, ...]:
        """The source's files in order, patterns expanded. Raises CaseError when one is missing or outside."""
        source = next(item for item in self.case.sources if item.id == source_id)
        found: list[Path] = []
        for pattern in source.files:
            found += self._expand(source_id, pattern)
        return tuple(dict.fromkeys(found))

    def _expand(self, source_id: str, pattern: str) -> list[Path]:
        where = f"{self.case_file.name}, sources, {source_id}, files: {pattern}"
        if Path(pattern).is_absolute() or ".." in Path(pattern).parts:
            raise CaseError(
                "a source's file must stay inside the case's data root", where=where, cure="use a plain name"
            )
        if pattern.count("**") > 1:
            raise CaseError(
                "this pattern would look through every folder again for each folder", where=where[:LONGEST_PLACE],
                cure="name the folder, or write ** once",
            )  # fmt: skip
        try:
            patterned = any(sign in pattern for sign in "*?[")
            matches = sorted(self.data_root.glob(pattern)) if patterned else [self.data_root / pattern]
            kept = [item for item in matches if item.is_file()]
        except (OSError, ValueError, RuntimeError) as error:  # what no file can be called, or no pattern can be
            raise CaseError(
                "this is neither a file's name nor a pattern", where=where[:LONGEST_PLACE],
                cure="write a name, or a pattern like insights-*.csv",
            ) from error  # fmt: skip
        if not kept:
            command = f"`{paths.COMMAND} fetch {self.folder.name}`"
            download = f"; {command} downloads what is listed under fetch" if self.case.fetch else ""
            raise CaseError(
                "an export is missing: no file of that name",
                where=where,
                cure=f"put it into {_shown(self.data_root)} or correct the name{download}",
            )
        for item in kept:
            if paths.inside(self.data_root, str(item.relative_to(self.data_root))) is None:
                raise CaseError("a link leads outside the case's data root", where=where, cure="copy the file there")
        return kept


def _shown(path: Path) -> str:
    """A path as a reader of any machine may see it."""
    for base in (paths.PROJECT, paths.PROJECT.parent):
        if path.resolve().is_relative_to(base):
            return str(path.resolve().relative_to(base))
    return path.name


def case_folder(name_or_path: str) -> Path:
    """The folder of a case: a name under data/raw, or a path. Raises CaseError naming the nearest."""
    as_path = Path(name_or_path)
    candidates = [paths.RAW / name_or_path] if as_path.name == name_or_path else []
    candidates.append(as_path)
    for candidate in candidates:
        if (candidate / paths.CASE_FILE).is_file():
            return candidate.resolve()
    known = [item.parent.name for item in paths.RAW.glob(f"*/{paths.CASE_FILE}")]
    raise CaseError(
        f'there is no case "{name_or_path}"',
        where="data/raw",
        cure=f"{nearest(as_path.name, known)} Or give the path of a folder that holds {paths.CASE_FILE}.",
    )


def load_case_folder(name_or_path: str) -> CaseFolder:
    """Load and check a case. Raises CaseError with every problem found."""
    folder = case_folder(name_or_path)
    for name in (paths.CASE_FILE, paths.TRUTH_FILE, paths.LOCK_FILE):
        if paths.inside(folder, name) is None:
            cure = "copy the file there"
            raise CaseError("a link leads outside the case's folder", where=f"{folder.name}/{name}", cure=cure)
    with (folder / paths.CASE_FILE).open("rb") as stream:  # no more than settles that it is too large
        content = stream.read(LARGEST_CASE_FILE + 1)
    case = parse_case(content, where=f"{folder.name}/{paths.CASE_FILE}")
    return CaseFolder(case, folder, _data_root(folder, case))


def load_case(name_or_path: str) -> Case:
    """The checked case alone."""
    return load_case_folder(name_or_path).case


def _data_root(folder: Path, case: Case) -> Path:
    root = paths.resolved(folder / case.data_root)
    allowed = (folder.resolve(), *(item.resolve() for item in paths.trusted_data_roots()))
    if root is None or not any(root.is_relative_to(item) for item in allowed):
        raise CaseError(
            "data_root leads outside the case's folder",
            where=f"{folder.name}/{paths.CASE_FILE}, data_root: {case.data_root[:LONGEST_PLACE]}",
            cure=f"move the data into the folder, or allow the place with {paths.DATA_ROOTS_VARIABLE}=/the/folder",
        )
    if not root.is_dir():
        raise CaseError(
            "the case's data are not here",
            where=f"{folder.name}/{paths.CASE_FILE}, data_root: {case.data_root}",
            cure="put the data folder there",
        )
    return root


def parse_case(content: bytes, where: str) -> Case:
    """Check the text of a case.yaml. Raises CaseError listing each problem with its key and line."""
    if len(content) > LARGEST_CASE_FILE:
        raise CaseError(
            f"case.yaml is larger than {LARGEST_CASE_FILE:,} bytes", where=where, cure="it holds settings, not data"
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CaseError(
            "case.yaml is not UTF-8", where=f"{where}, byte {error.start}", cure="save it as UTF-8"
        ) from error
    loader = None
    try:
        loader = _StrictLoader(text)
        tree = loader.get_single_node()
        data = None if tree is None else loader.construct_document(tree)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        line = line_of_error(error, text) or (f", line {loader.line + 1}" if loader else "")
        problem = getattr(error, "problem", None) or str(error).split("\n")[0] or "nested too deeply"
        cure = "indent with spaces, not tabs" if "\\t" in problem else "correct that line"
        raise CaseError(f"case.yaml is not valid YAML: {problem}", where=where + line, cure=cure) from error
    if not isinstance(data, dict):
        raise CaseError("case.yaml holds no settings", where=where, cure=f"start from `{paths.COMMAND} new NAME`")
    try:
        case = Case.model_validate(data)
    except ValidationError as error:
        found = own(error.errors(include_url=False))
        problems = [text for item in found[:MOST_TOLD] for text in _told(item, tree)]
        problems += [f"and {len(found) - MOST_TOLD:,} more"] if len(found) > MOST_TOLD else []
        first = problems[0] if len(problems) == 1 else f"{max(len(problems), len(found)):,} problems in case.yaml"
        raise CaseError(
            first,
            where=where,
            cure="correct the keys named; nothing was run",
            problems=problems if len(problems) > 1 else (),
        ) from error
    if (found := control_in(tree)) is not None:
        key, line, letter = found
        raise CaseError(
            f"{key}: the text has a control character in it, U+{ord(letter):04X}", where=f"{where}, line {line}",
            cure="take it out: reports and notebooks are printed as they are",
        )
    return case


def _told(item: Any, tree: Any) -> list[str]:
    location = path_of(item)
    place = ".".join(str(part) for part in location) or "case"
    lines = []
    for message in told_of(item, _known_keys(location[:-1])):
        line = line_of(tree, location)
        if not location:
            line = line_naming(tree, re.findall(r'"([^"]+)"', message)) or line
        lines.append(f"line {line}, {place}: {message}")
    return lines


def _known_keys(location: tuple[Any, ...]) -> list[str]:
    model: Any = Case
    for part in location:
        if isinstance(part, int):
            continue
        field = model.model_fields.get(str(part)) if isinstance(model, type) and issubclass(model, BaseModel) else None
        if field is None:
            continue
        model = _model_in(field.annotation) or model
    return list(model.model_fields)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in (tuple, list, Union, UnionType):
        return next((found for arg in get_args(annotation) if (found := _model_in(arg))), None)
    return None
