"""A care desk's event log with known truth: one row an event of a case, as a ticket system would export it.

Cases begin as contacts do, day by day and channel by channel; the log holds a declared sample of them. Nobody is in it:
tickets and customers are codes of a program.
"""

import gzip
import io

import numpy as np
import pandas as pd

from analysis.core.seeds import generator_for
from analysis.simulate import processes as p
from analysis.simulate.care_desk import HOURS_IN_A_DAY, NIGHT_HOURS, WEEKEND, CareDesk, hour_weights
from analysis.simulate.care_stages import Strata, stages

EVENTS = ("signal", "private_request", "pool", "taken_in_charge", "outcome", "abandoned", "reopened", "message")
DESK_STAGES = ("private_request", "pool", "taken_in_charge", "outcome")
FILE = "care_log.csv.gz"
TIME_FORMAT = "%Y-%m-%d %H:%M:%S"
FIRST_CUSTOMER = 10_000
SECONDS = 60


def care_log(desk: CareDesk, contacts: pd.DataFrame) -> pd.DataFrame:
    """Columns ticket, event, time (local), channel, customer, tone, public, the desk's attributes; a ticket's events
    stand together, in order. ``contacts``: expected contacts with the exit, one column a channel, by day."""
    cases = _cases(desk, contacts)
    events = _events(desk, cases)
    events["time"] = _on_the_clock(events["time"], desk.zone)
    return _written(desk, cases, events)


def log_bytes(log: pd.DataFrame) -> bytes:
    """The log as the export holds it, packed."""
    return packed(log.to_csv(index=False, lineterminator="\n", date_format=TIME_FORMAT).encode("utf-8"))


def packed(content: bytes) -> bytes:
    """gzip without name or time, so that the same content is the same bytes."""
    out = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=out, mtime=0, compresslevel=9) as stream:
        stream.write(content)
    return out.getvalue()


def _draw(desk: CareDesk, *names: object) -> np.random.Generator:
    return generator_for("care desk", desk.seed, *names)


def _cases(desk: CareDesk, contacts: pd.DataFrame) -> pd.DataFrame:
    """One row a case in order of opening: opened, channel (a number), customer, groups, tones, minutes of stages."""
    parts = []
    days = contacts.loc[pd.Timestamp(desk.first) : pd.Timestamp(desk.last)]
    for number, name in enumerate(desk.channels):
        draw = _draw(desk, "arrivals", name)
        open_days = days[days.index < pd.Timestamp(desk.exit)] if desk.roles[name] == "exited" else days
        counts = draw.poisson(open_days[name].to_numpy() * desk.sample[name])
        hours = draw.choice(HOURS_IN_A_DAY, counts.sum(), p=hour_weights(desk, name))
        seconds = hours * 3600 + draw.integers(0, 3600, counts.sum())
        opened = np.repeat(open_days.index.to_numpy(), counts) + seconds.astype("timedelta64[s]")
        public = draw.random(counts.sum()) < desk.public_share[name]
        parts.append(pd.DataFrame({"opened": opened, "channel": number, "public": public}))
    cases = pd.concat(parts).sort_values(["opened", "channel"], kind="stable", ignore_index=True)
    cases["after"] = cases["opened"] >= pd.Timestamp(desk.exit)
    cases = pd.concat([cases, _people(desk, len(cases)), _tones(desk, cases["after"].to_numpy())], axis=1)
    return pd.concat([cases, stages(desk, _strata(desk, cases), _draw(desk, "stages"))], axis=1)


def _people(desk: CareDesk, size: int) -> pd.DataFrame:
    """Whose case it is, to which groups they belong, and what that does to their first response (``slower``, log)."""
    draw = _draw(desk, "customers")
    again, earlier = draw.random(size) < desk.repeat_share, draw.random(size)
    owner = np.zeros(size, dtype=int)
    known = 0
    for case in range(size):
        if known and again[case]:
            owner[case] = int(earlier[case] * known)
        else:
            owner[case], known = known, known + 1
    slower = desk.customer_deviation * draw.standard_normal(known)
    codes = FIRST_CUSTOMER + draw.permutation(9 * FIRST_CUSTOMER)[:known]
    table = {"customer": [f"K{code}" for code in codes[owner]]}
    for attribute, groups in desk.groups.items():
        group = draw.choice(len(groups), known, p=[share for share, _ in groups.values()])
        slower = slower + np.log([ratio for _, ratio in groups.values()])[group]
        table[attribute] = np.array(list(groups))[group][owner]
    return pd.DataFrame({**table, "slower": slower[owner]})


def _tones(desk: CareDesk, after: np.ndarray) -> pd.DataFrame:
    """True tones, what the classifier says of them, and whether the customer would write after the outcome."""
    draw, size, classes = _draw(desk, "tone"), len(after), len(desk.tones)
    first = draw.choice(classes, size, p=desk.first_tone)
    rows = np.where(after[:, None], np.array(desk.tone_after)[first], np.array(desk.tone_before)[first])
    last = _pick(rows, draw)
    confusion = np.array(desk.confusion)
    names = np.array(desk.tones)
    return pd.DataFrame(
        {
            "said_first": names[_pick(confusion[first], draw)],
            "said_last": names[_pick(confusion[last], draw)],
            "writes": draw.random(size) < np.array(desk.writes)[last],
        }
    )


def _pick(shares: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    """One class a row, with the row's shares."""
    below = np.cumsum(shares, axis=1)[:, :-1]
    return (draw.random(len(shares))[:, None] > below).sum(axis=1)


def _strata(desk: CareDesk, cases: pd.DataFrame) -> Strata:
    weeks = ((cases["opened"] - pd.Timestamp(desk.first)).dt.days // 7).to_numpy()
    shocks = p.autoregression(_draw(desk, "weeks"), int(weeks.max()) + 1, *desk.week_shock)
    return Strata(
        channel=cases["channel"].to_numpy(),
        weekend=cases["opened"].dt.day_of_week.isin(WEEKEND).to_numpy(),
        night=cases["opened"].dt.hour.isin(NIGHT_HOURS).to_numpy(),
        public=cases["public"].to_numpy(),
        after=cases["after"].to_numpy(),
        shock=shocks[weeks],
        slower=cases["slower"].to_numpy(),
    )


def _events(desk: CareDesk, cases: pd.DataFrame) -> pd.DataFrame:
    """One row an event that the log saw: case, event (a number), time, in the order of cases and events."""
    size, draw = len(cases), _draw(desk, "afterwards")
    minutes = {name: cases[name].where(cases[name] < cases["abandoned"]) for name in DESK_STAGES}
    minutes["abandoned"] = cases["abandoned"].where(cases["outcome"] >= cases["abandoned"])
    again, median, deviation = desk.reopened
    later = median * np.exp(deviation * draw.standard_normal(size))
    minutes["reopened"] = (minutes["outcome"] + later).where(draw.random(size) < again)
    median, deviation = desk.message_time
    later = median * np.exp(deviation * draw.standard_normal(size))
    minutes["message"] = (minutes["outcome"] + later).where(cases["writes"])
    end = pd.Timestamp(desk.last) + pd.Timedelta(days=1)
    parts = [pd.DataFrame({"case": np.arange(size), "event": 0, "time": cases["opened"]})]
    for number, name in enumerate(EVENTS[1:], start=1):
        seconds = (minutes[name] * SECONDS).round()
        time = cases["opened"] + pd.to_timedelta(seconds, unit="s")
        seen = time.notna() & (time < end)
        parts.append(pd.DataFrame({"case": np.flatnonzero(seen), "event": number, "time": time[seen].to_numpy()}))
    return pd.concat(parts).sort_values(["case", "time", "event"], kind="stable", ignore_index=True)


def _on_the_clock(times: pd.Series, zone: str) -> pd.Series:
    """Times without the two hours a year that a clock shows twice or not at all: those events are logged when the
    next hour begins, which keeps their order."""
    unclear = times.dt.tz_localize(zone, ambiguous="NaT", nonexistent="NaT").isna()
    return times.where(~unclear, times.dt.floor("h") + pd.Timedelta(hours=1))


def _written(desk: CareDesk, cases: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    names, kinds = np.array(desk.channels), np.array(EVENTS)
    case, kind = events["case"].to_numpy(), kinds[events["event"].to_numpy()]
    own = cases["channel"].to_numpy()
    draw = _draw(desk, "channels")
    elsewhere = _other(desk, own, draw)
    hops = draw.random(len(cases)) < desk.hop_share
    ending = np.isin(kind, ("outcome", "reopened", "message"))
    exited = np.array([desk.roles[name] == "exited" for name in desk.channels])[own][case]
    shut = exited & (events["time"] >= pd.Timestamp(desk.exit)).to_numpy()
    moved = (hops[case] & ending) | shut
    signal, message = kind == "signal", kind == "message"
    public = cases["public"].to_numpy()[case] & ~moved & np.isin(kind, ("signal", "private_request", "outcome"))
    said = np.where(signal, cases["said_first"].to_numpy()[case], cases["said_last"].to_numpy()[case])
    table = pd.DataFrame(
        {
            "ticket": [f"T{number:05d}" for number in case + 1],
            "event": kind,
            "time": events["time"],
            "channel": np.where(moved, elsewhere[case], names[own][case]),
            "customer": cases["customer"].to_numpy()[case],
            "tone": np.where(signal | message, said, ""),
            "public": np.where(public, "yes", "no"),
        }
    )
    return table.assign(**{name: cases[name].to_numpy()[case] for name in desk.groups})


def _other(desk: CareDesk, own: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    """A channel to hop to for each case, never its own."""
    targets = np.array(desk.hop_to)
    place = draw.integers(0, len(targets), len(own))
    same = targets[place] == np.array(desk.channels)[own]
    return targets[np.where(same, (place + 1) % len(targets), place)]
