"""What the study's design could say of a claim that somebody published, and the tables that show it."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from markupsafe import Markup

from analysis.core.store import Store
from analysis.report.context import Column, Context
from analysis.report.numbers import join

COLUMNS = tuple(
    Column(f"column.{name}") for name in ("claim", "by", "window", "comparator", "says", "could_say", "source")
)
PLAIN = tuple(Column(f"column.{name}") for name in ("claim", "by", "window", "comparator", "says", "source"))
MOSTLY = 0.5  # of a window
DAYS = {"week": 7, "day": 1, "trading_day": 1}
MEASURES = {"engagement": "engagement", "contacts": "service", "share_price": "reputation", "traffic": "engagement"}


def of_claims(flat: Mapping[str, Any], store: Store, case: Mapping[str, Any]) -> dict[str, Any]:
    """For each row of table ``claims``: which outcome measures the same, and what the design could say of it."""
    table = store.table("claims")
    found: dict[str, Any] = {}
    for place, row in enumerate([] if table is None else table.to_dict("records")):
        claim = {key: None if pd.isna(value) else value for key, value in row.items()}
        for key, value in answer(claim, flat, store, case).items():
            found[f"claims.{place}.{key}"] = value
    return found


def answer(claim: Mapping[str, Any], flat: Mapping[str, Any], store: Store, case: Mapping[str, Any]) -> dict[str, Any]:
    """The key of the sentence, the outcome's name and, where sizes are compared, the smallest detectable change."""
    name = _outcome_for(claim, flat)
    if claim["about"] == "tone" and flat.get("tables.tone_summary.rows"):
        return {"answer": "served"}
    if name is None:
        return {"answer": "unmeasured"}
    said: dict[str, Any] = {"outcome": name}
    if claim["placed"] == "before":
        return said | {"answer": "before"}
    if (claim["share_before"] or 0.0) > MOSTLY:
        return said | {"answer": "mostly_before"}
    if claim["origin"] == "own" and not _covered(claim, flat, name):
        return said | {"answer": "outside"}
    smallest = _detectable(claim, flat, store, case, name)
    if claim["value"] is None or smallest is None:
        return said | {"answer": "no_size"}
    return said | {"answer": "seen" if abs(claim["value"]) >= smallest else "too_small", "detectable": smallest}


def _outcome_for(claim: Mapping[str, Any], flat: Mapping[str, Any]) -> str | None:
    """The outcome a claim names, else the first main one that measures what it is about; none that was refused."""
    names = [key.split(".")[1] for key in flat if key.startswith("effects.") and key.endswith(".shown.style")]
    if claim["outcome"] is not None:
        return claim["outcome"] if claim["outcome"] in names else None
    question = MEASURES.get(claim["about"])
    alike = [name for name in names if flat[f"effects.{name}.question"] == question]
    traffic = claim["about"] == "traffic"
    alike = [name for name in alike if (flat[f"effects.{name}.measured_on"] == "owned") == traffic]
    if claim["about"] == "share_price":
        alike = [name for name in alike if flat[f"effects.{name}.market"]]
    order = sorted(alike, key=lambda n: (flat[f"effects.{n}.role"] != "primary", flat[f"effects.{n}.place"]))
    return order[0] if order else None


def _covered(claim: Mapping[str, Any], flat: Mapping[str, Any], name: str) -> bool:
    """Whether the days of a claim about this very exit lie in the periods that the outcome compares."""
    if claim["first"] is None or claim["last"] is None:
        return False
    window = f"effects.{name}.window"
    return flat[f"{window}.first"] <= claim["first"] and claim["last"] <= flat[f"{window}.last"]


def _detectable(
    claim: Mapping[str, Any], flat: Mapping[str, Any], store: Store, case: Mapping[str, Any], name: str
) -> float | None:
    """Smallest detectable change, as a share, over as many periods as the claim covers after the exit (at most)."""
    if flat[f"effects.{name}.shown.style"] == "number":
        return None
    whole = flat.get(f"effects.{name}.detectable")
    check = next((one for one in store.checks(name) if one["check"] == "minimum_detectable_effect"), None)
    if check is None or claim["days_after"] is None or flat[f"effects.{name}.market"]:
        return whole
    periods = claim["days_after"] / DAYS[case["frequency"]]
    rows = sorted((row for row in check["table"] if row["share"] is not None), key=lambda row: row["periods"])
    short = [row["share"] for row in rows if row["periods"] <= max(periods, rows[0]["periods"])]
    return short[-1] if short else whole


def claims_folds(context: Context) -> list[Markup]:
    """A folded table of claims about this exit, and one of what others who left said."""
    titles = {"own": "else.claims", "other": "claims.others"}
    folds = []
    for origin, title in titles.items():
        rows = [_row(context, stem, row) for stem, row in context.rows_of("claims", origin=origin)]
        if rows:
            table = context.table(COLUMNS, rows, note=context.words.say("claims.note"), breakout=True)
            folds.append(context.fold(context.words.say(title), table))
    return folds


def plain_table(context: Context) -> Markup:
    """Every claim without a study to judge it: for the page that lays cases side by side."""
    rows = [_row(context, stem, row, judged=False) for stem, row in context.rows_of("claims")]
    return context.table(PLAIN, rows, breakout=True) if rows else Markup("")


def _row(context: Context, stem: str, row: Mapping[str, Any], *, judged: bool = True) -> list[Any]:
    text, say = context.numbers.text, context.words.say
    party = "unstated" if pd.isna(row["interested"]) else "yes" if row["interested"] in (True, "True") else "no"
    compared = "unstated" if pd.isna(row["compared"]) else row["compared"]
    window = [text(f"{stem}.window"), say(f"claims.placed.{row['placed']}", share=_share(context, stem))]
    quote = [text(f"{stem}.quote")]
    if pd.notna(row["brand"]):
        quote = [text(f"{stem}.brand"), *quote]
    cells = [
        join(quote, ": "),
        join([text(f"{stem}.by"), say(f"claims.party.{party}")], "; "),
        join(window, "; "),
        join([text(f"{stem}.comparator"), say(f"claims.compared.{compared}")], "; "),
        text(f"{stem}.says"),
    ]
    if judged:
        cells.append(_said(context, stem))
    source = [text(f"{stem}.source")]
    if pd.notna(row["said"]):
        source = [say("claims.said", said=text(f"{stem}.said")), *source]
    return [*cells, join(source)]


def _share(context: Context, stem: str) -> Any:
    return context.numbers(f"{stem}.share_before", "percent")


def _said(context: Context, stem: str) -> Markup:
    """What this study could say: the answer's sentence, filled."""
    numbers, place = context.numbers, f"claims.{stem.rsplit('.', 1)[1]}"
    values: dict[str, Any] = {"share": _share(context, stem), "value": numbers(f"{stem}.value", "percent")}
    if f"{place}.outcome" in numbers:
        values["label"] = numbers.text(f"effects.{numbers.raw(f'{place}.outcome')}.label")
    if f"{place}.detectable" in numbers:
        values["detectable"] = numbers(f"{place}.detectable", "percent")
    return context.words.say(f"claims.answer.{numbers.raw(f'{place}.answer')}", **values)
