"""Where the contacts of the exited channels went, and what each channel carried before and after."""

from typing import Any

import pandas as pd
from markupsafe import Markup

from analysis.figures import diversion
from analysis.report.context import Column, Context, Section
from analysis.report.numbers import NO_BREAK, join

NAME = "where_contacts_went"
LABEL = "Where the contacts went"
REFERENCE = diversion.REFERENCE
ORDER = 50

MOVED = (
    Column("column.channel"),
    Column("column.share", True),
    Column("column.interval", True),
    Column("column.contacts", True),
    Column("column.share_of_all", True),
)
ROLES = ("exited", "owned", "retained")
TOO_WIDE = 0.75  # of the whole: then a share is a guess, and the heading says so
JOINT = 0.05  # below it the joint test says that the channels did not take up in proportion to their size

HORIZONS = (
    Column("column.horizon"),
    Column("column.recaptured", True),
    Column("column.interval", True),
    Column("column.lost", True),
    Column("column.interval", True),
)
MIX = (
    Column("column.channel"),
    Column("column.share_without", True),
    Column("column.share_with", True),
    Column("column.change_interval", True),
)
VOLUMES = (Column("column.channel"), Column("column.before", True), Column("column.after", True))


def build(context: Context) -> Section | None:
    table, volumes = context.store.table("diversion"), context.store.table("volumes")
    parts = []
    if table is not None and not table.empty:
        parts += [_lead(context), _bars(context, table), *_horizons(context), *_mix(context)]
    if volumes is not None and not volumes.empty:
        parts.append(_volumes(context, volumes))
    return Section("where-contacts-went", join(parts, "\n"), _heading(context, table)) if parts else None


def _heading(context: Context, table: pd.DataFrame | None) -> Markup:
    """What came back, with its interval: no channel is picked out by whether its own interval leaves zero out."""
    if table is None or table.empty:
        return context.words.say("went.heading.volumes")
    numbers, stem = context.numbers, "diversion.recaptured"
    bounds = {key: numbers(f"{stem}.ratio_{key}", "percent") for key in ("lower", "upper")}
    wide = numbers.raw(f"{stem}.ratio_upper") - numbers.raw(f"{stem}.ratio_lower") > TOO_WIDE
    key = "went.heading.wide" if wide else "went.heading"
    return context.words.say(key, share=numbers(f"{stem}.ratio", "percent"), **bounds)


def _lead(context: Context) -> Markup:
    numbers = context.numbers
    sentence = context.words.say(
        "went.lead",
        expected=numbers("diversion.exited.expected", "count"),
        per=context.per,
        channels=numbers.text("diversion.exited.label"),
        recaptured=numbers("diversion.recaptured.ratio", "percent"),
        share_of_all=numbers("diversion.recaptured.share_of_all", "percent"),
        lost=numbers("diversion.lost.ratio", "percent"),
        **{end: numbers(f"diversion.lost.ratio_{end}", "percent") for end in ("lower", "upper")},
    )
    return Markup("<p>{}</p>").format(sentence)


def _bars(context: Context, table: pd.DataFrame) -> Markup:
    numbers, say, text = context.numbers, context.words.say, context.words.text
    receiving = (
        table[table["part"] == "receiving"].sort_values("ratio", ascending=False, kind="stable")["channel"].tolist()
    )
    drawn, rows, bold = [], [], []
    for name in (*receiving, "lost", "recaptured"):
        stem = f"diversion.{name}"
        values = {
            key: numbers(f"{stem}.{source}", "percent")
            for key, source in (("ratio", "ratio"), ("lower", "ratio_lower"), ("upper", "ratio_upper"))
        }
        rows.append(
            [
                numbers.text(f"{stem}.label"),
                values["ratio"],
                say("frame.short_interval", lower=values["lower"], upper=values["upper"]),
                numbers(f"{stem}.moved", "signed_count"),
                numbers(f"{stem}.share_of_all", "percent"),
            ]
        )
        bold.append(name == "recaptured")
        if name != "recaptured":
            long = text("went.row_long", moved=numbers(f"{stem}.moved", "signed_count"), per=context.per, **values)
            drawn.append(
                {
                    "label": _with_role(context, str(numbers.text(f"{stem}.label")), numbers.raw(f"{stem}.role")),
                    "role": "lost" if name == "lost" else numbers.raw(f"{stem}.role"),
                    "ratio": numbers.raw(f"{stem}.ratio"),
                    "lower": numbers.raw(f"{stem}.ratio_lower"),
                    "upper": numbers.raw(f"{stem}.ratio_upper"),
                    "text": long,
                }
            )
    stem = "diversion.recaptured"
    alt = text(
        "went.alt",
        recaptured=numbers(f"{stem}.ratio", "percent"),
        lower=numbers(f"{stem}.ratio_lower", "percent"),
        upper=numbers(f"{stem}.ratio_upper", "percent"),
        lost=numbers("diversion.lost.ratio", "percent"),
    )
    return context.figure(
        "diversion",
        "diversion",
        pd.DataFrame(drawn),
        {"axis": text("went.axis")},
        title=_most(context, [*receiving, "lost"]),
        subtitle=say("went.subtitle"),
        alt=alt,
        data=context.table(MOVED, rows, bold=bold),
    )


def _with_role(context: Context, label: str, role: str) -> str:
    """A channel with what its colour means, in words."""
    if role not in ROLES:
        return label
    return f"{label} ({context.words.text(f'figure.role.{role}').replace(' ', NO_BREAK)})"


def _most(context: Context, parts: list[str]) -> Markup:
    """Where the largest part went, by the best guess."""
    numbers = context.numbers
    most = max(parts, key=lambda name: numbers.raw(f"diversion.{name}.ratio"))
    said = {"label": numbers.text(f"diversion.{most}.label"), "ratio": numbers(f"diversion.{most}.ratio", "percent")}
    return context.words.say("went.title.lost" if most == "lost" else "went.title", **said)


def _horizons(context: Context) -> list[Markup]:
    """The same after a few weeks and after many, side by side."""
    recaptured = context.rows_of("diversion_horizons", part="recaptured")
    lost = context.rows_of("diversion_horizons", part="lost")
    if len(recaptured) < 2:
        return []
    whole = context.words.text("went.horizon.all")
    rows = [
        [
            whole if row["horizon"] == "all" else context.numbers.text(f"{stem}.horizon"),
            *(item for each in (stem, other) for item in _share(context, each)),
        ]
        for (stem, row), (other, _) in zip(recaptured, lost, strict=True)
    ]
    table = context.table(HORIZONS, rows, caption=context.words.say("went.horizons.caption"))
    return [context.fold(context.words.say("went.horizons.fold"), table)]


def _share(context: Context, stem: str, name: str = "ratio") -> list[Any]:
    bounds = {end: context.numbers(f"{stem}.{name}_{end}", "percent") for end in ("lower", "upper")}
    return [context.numbers(f"{stem}.{name}", "percent"), context.words.say("frame.short_interval", **bounds)]


def _proportional(context: Context) -> list[Markup]:
    """Whether the channels took up in proportion to their size. The test of all channels together comes first: only
    where it finds something is a channel named, and that by its own interval."""
    rows = context.rows_of("diversion_proportional")
    if len(rows) < 2:
        return []
    found = rows[0][1]["p_value"] < JOINT
    beyond = [(stem, row) for stem, row in rows if row["excess_lower"] > 0 or row["excess_upper"] < 0]
    stem, row = max((found and beyond) or rows, key=lambda item: abs(item[1]["excess"]))
    kind = "open" if not found else "joint" if not beyond else "more" if row["excess"] > 0 else "less"
    bounds = {end: context.numbers(f"{stem}.excess_{end}", "signed_percent") for end in ("lower", "upper")}
    sentence = context.words.say(
        f"went.proportional.{kind}", channel=context.numbers.text(f"{stem}.label"),
        excess=context.numbers(f"{stem}.excess", "signed_percent"), **bounds,
    )  # fmt: skip
    return [Markup("<p>{}</p>").format(sentence)]


def _mix(context: Context) -> list[Markup]:
    rows = [
        [
            context.numbers.text(f"{stem}.label"),
            context.numbers(f"{stem}.share_without", "percent"),
            context.numbers(f"{stem}.share_with", "percent"),
            context.words.say(
                "frame.short_interval",
                **{end: context.numbers(f"{stem}.change_{end}", "signed_percent") for end in ("lower", "upper")},
            ),
        ]
        for stem, _ in context.rows_of("channel_mix")
    ]
    if not rows:
        return []
    table = context.table(MIX, rows, caption=context.words.say("went.mix.caption"))
    body = join([*_proportional(context), table], "\n")
    return [context.fold(context.words.say("went.mix.fold"), body)]


def _foreseen(context: Context, volumes: pd.DataFrame) -> pd.DataFrame:
    """What each channel would have carried without the exit, beside what it did."""
    paths = context.store.table("volume_paths")
    if paths is None or paths.empty:
        return volumes
    kept = paths.rename(columns={"time": "week"})[["week", "channel", "expected", "lower", "upper"]]
    return volumes.merge(kept, on=["week", "channel"], how="left")


def _subtitle(drawn: pd.DataFrame) -> str:
    kind = "went.volumes.subtitle" + (".expected" if "expected" in drawn else ".plain")
    return kind + (".exited" if (drawn["role"] == "exited").any() else "")


def _moved(context: Context, name: str) -> float:
    """By how many contacts a channel's mean changed; a mean that is not known did not."""
    before, after = (context.numbers.raw(f"volumes.{name}.{period}") for period in ("before", "after"))
    return -1.0 if before is None or after is None else abs(after - before)


def _volumes(context: Context, volumes: pd.DataFrame) -> Markup:
    numbers, say, text = context.numbers, context.words.say, context.words.text
    channels = list(dict.fromkeys(volumes["channel"]))
    rows = [
        [
            numbers.text(f"volumes.{name}.label"),
            numbers(f"volumes.{name}.before", "count"),
            numbers(f"volumes.{name}.after", "count"),
        ]
        for name in channels
    ]
    roles = {role: text(f"figure.role.{role}") if role in ROLES else "" for role in volumes["role"].unique()}
    named = volumes.assign(label=volumes["label"].map(context.named), role_label=volumes["role"].map(roles))
    drawn = _foreseen(context, named)
    closing = [stage["date"] for stage in context.case["stages"] if stage["kind"] == "channels_closed"]
    texts = {
        "exit": closing[0] if closing else context.case["windows"]["event"],
        "exit_label": text("went.volumes.exit") if closing else "",
    }
    kept = [name for name in channels if numbers.raw(f"volumes.{name}.role") != "exited"]
    most = max(kept or channels, key=lambda name: _moved(context, name))
    moved = {
        "label": numbers.text(f"volumes.{most}.label"), "before": numbers(f"volumes.{most}.before", "count"),
        "after": numbers(f"volumes.{most}.after", "count"), "per": context.per,
    }  # fmt: skip
    return context.figure(
        "volumes_by_channel",
        "volumes_by_channel",
        drawn,
        texts,
        title=say("went.volumes.title", **moved),
        alt=text("went.volumes.alt", **moved),
        subtitle=say(
            _subtitle(drawn),
            per=context.per,
            first=numbers("volumes.first", "date"),
            last=numbers("volumes.last", "date"),
        ),
        data=context.table(VOLUMES, rows),
    )
