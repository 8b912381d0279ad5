"""On which line of a YAML file something stands: a key, a word, what could not be read."""

from typing import Any

import yaml


def line_of_error(error: Exception, text: str) -> str:
    """", line 7" of an error of the YAML library, or nothing."""
    mark = getattr(error, "problem_mark", None)
    if mark and "end of stream" in str(getattr(error, "problem", "")):  # what is never closed began earlier
        mark = getattr(error, "context_mark", None) or mark
    position = getattr(error, "position", None)
    if mark:
        return f", line {mark.line + 1}"
    return f", line {text.count(chr(10), 0, position) + 1}" if isinstance(position, int) else ""


def line_naming(node: Any, names: list[str]) -> int | None:
    """The first line on which one of the names stands, tried in the order given."""
    found: dict[str, int] = {}
    waiting = [node]
    while waiting:
        item = waiting.pop()
        if isinstance(item, yaml.ScalarNode):
            line = item.start_mark.line + 1
            found[item.value] = min(line, found.get(item.value, line))
        elif isinstance(item, yaml.MappingNode):
            waiting += [part for pair in item.value for part in pair]
        else:
            waiting += item.value
    return next((found[name] for name in names if name in found), None)


def line_of(node: Any, location: tuple[Any, ...]) -> int:
    """The line of a key, or of the nearest that is there."""
    line = node.start_mark.line + 1
    for part in location:
        if isinstance(node, yaml.MappingNode):
            match = next(((k, v) for k, v in node.value if k.value == str(part)), None)
            if match is None:
                return line
            line, node = match[0].start_mark.line + 1, match[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
    return line
