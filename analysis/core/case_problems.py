"""What pydantic found wrong with what people wrote by hand, in plain words: what to write instead, each slip once."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import yaml

from analysis.core.errors import nearest

DATES = ("date_from_datetime_parsing", "date_parsing", "date_type", "date_from_datetime_inexact")
NUMBERS = ("int_parsing", "int_type", "int_from_float", "float_parsing", "float_type")
BOUNDS = {"greater_than": "gt", "greater_than_equal": "ge", "less_than": "lt", "less_than_equal": "le"}
BOUND_WORDS = {
    "gt": "must be greater than", "ge": "must be at least", "lt": "must be smaller than", "le": "must be at most",
}  # fmt: skip
IDENTIFIER_PATTERN = r"^[a-z][a-z0-9_]{0,39}$"
SHOWN = 60
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # tabs and line ends may stand in a text


def control_in(tree: yaml.Node | None) -> tuple[str, int, str] | None:
    """The key, the line and the character where a text of the YAML has a control character, which would be published
    as it is; None where none has."""
    waiting = [("case", tree)]
    while waiting:
        key, node = waiting.pop()
        if isinstance(node, yaml.ScalarNode):
            if found := CONTROL.search(node.value):
                return key, node.start_mark.line + 1, found[0]
        elif isinstance(node, yaml.MappingNode):
            inside = "" if key == "case" else f"{key}."
            for name, value in reversed(node.value):
                told = name.value if isinstance(name, yaml.ScalarNode) else "?"
                waiting += [(inside + CONTROL.sub("?", told), value), (key, name)]
        elif isinstance(node, yaml.SequenceNode):
            waiting += [(f"{key}.{place}", value) for place, value in reversed([*enumerate(node.value)])]
    return None


def plain_words(item: Mapping[str, Any]) -> str:
    """One error of pydantic as a sentence that says what to write."""
    kind, given, context = item["type"], _shown(item.get("input")), item.get("ctx", {})
    if kind in DATES:
        return f"{given} is not a date: write YYYY-MM-DD, like 2019-06-01"
    if kind in NUMBERS:
        return f"{given} is not a {'whole number' if kind.startswith('int') else 'number'}"
    if kind in BOUNDS:
        bound = BOUNDS[kind]
        return f"{given} {BOUND_WORDS[bound]} {context[bound]}"
    if kind == "literal_error":
        known = re.findall(r"'([^']*)'", str(context["expected"]))
        guess = nearest(str(item.get("input")), known)
        return f"{given} is not one of {', '.join(known)}." + (f" {guess}" if guess.startswith("Did") else "")
    if kind == "string_pattern_mismatch":
        if context["pattern"] == IDENTIFIER_PATTERN:
            return f"{given} is not a name: write lower-case letters, digits and underscores, a letter first"
        return f"{given} does not have the form {context['pattern']}"
    if kind == "too_short":
        return f"the list is too short: give at least {context['min_length']}"
    return _FIXED.get(kind, "").format(given=given) or str(item["msg"]).removeprefix("Value error, ")


_FIXED = {
    "string_type": "{given} is not a text: put it in quotes",
    "string_too_short": "the text is empty: write one",
    "string_too_long": "the text is too long",
    "tuple_type": "{given} is not a list: write it like [a, b]",
    "dict_type": "{given} is not a set of keys: write it like {{key: value}}",
    "model_type": "{given} is not a set of keys: write it like {{key: value}}",
    "model_attributes_type": "{given} is not a set of keys: write it like {{key: value}}",
    "finite_number": "{given} is not a finite number",
    "bool_parsing": "{given} is neither true nor false",
    "bool_type": "{given} is neither true nor false",
}


def _shown(value: Any) -> str:
    text = str(value)
    return f'"{text}"' if len(text) <= SHOWN else f'"{text[:SHOWN]}…"'


def path_of(item: Mapping[str, Any]) -> tuple[Any, ...]:
    """Where the slip is, without pydantic's own names for the alternatives of a value."""
    return tuple(part for part in item["loc"] if not re.match(r"(tuple|literal|function-\w+)\[", str(part)))


def own(items: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The slips themselves: no list called too short only because an item of it is wrong, no value named twice."""
    items, kept, seen = list(items), [], set()
    above = {place[:size] for place in map(path_of, items) for size in range(len(place))}
    for item in items:
        place = path_of(item)
        if not (item["type"] == "too_short" and place in above) and (not place or place not in seen):
            kept.append(item)
        seen.add(place)
    return kept


def told_of(item: Mapping[str, Any], known: Sequence[str]) -> list[str]:
    """The sentences of one error; a rule about the whole case may have found several things."""
    if item["type"] == "extra_forbidden":
        return [f'unknown key "{item["loc"][-1]}". {nearest(str(item["loc"][-1]), known)}']
    if item["type"] == "missing":
        return [f'the key "{item["loc"][-1]}" is missing']
    return plain_words(item).split("\n")
