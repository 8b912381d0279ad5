"""Messages that answer each other, put together into cases: a case begins with a customer and is all that follows."""

from collections.abc import Mapping

import pandas as pd

from analysis.core.errors import SourceError
from analysis.sources._reading import place

BRAND_ONLY, HEADLESS = None, ""


def cases_of_messages(messages: pd.DataFrame) -> list[str | None]:
    """The case of each message: the id of the customer's message that it goes back to.

    ``messages`` has id, parent ("" for none), inbound, file, row; ids are distinct. None: only the brand has spoken
    so far. "": the message that began it is not there. Raises SourceError for messages that answer each other in a
    circle, naming file and row.
    """
    ids = messages["id"].tolist()
    parents = dict(zip(ids, messages["parent"], strict=True))
    inbound = dict(zip(ids, messages["inbound"], strict=True))
    cases: dict[str, str | None] = {}
    for number, start in enumerate(ids):
        path, message = [], start
        on_path = set()
        while message in parents and message not in cases:
            if message in on_path:
                raise SourceError(
                    f"the message {message} answers itself through others",
                    where=place(messages, number),
                    cure="fetch the file again: a message cannot answer a later one",
                )
            on_path.add(message)
            path.append(message)
            message = parents[message]
        for message in reversed(path):
            cases[message] = _case(message, parents, inbound, cases)
    return [cases[message] for message in ids]


def _case(
    message: str, parents: Mapping[str, str], inbound: Mapping[str, bool], cases: Mapping[str, str | None]
) -> str | None:
    parent = parents[message]
    if parent and parent not in parents:
        return HEADLESS
    above = cases[parent] if parent else BRAND_ONLY
    if above is not BRAND_ONLY:
        return above
    return message if inbound[message] else BRAND_ONLY
