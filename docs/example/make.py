"""The invented exports of the tutorial and the truth in them, made anew: `python docs/example/make.py FOLDER`.

What is put in: from the closing on, 8 % more engagement on LinkedIn, 10 % more calls, 25 % more chats, and sessions on
the website as before. Every week scatters around its level by a few per cent. No brand and no person is in it.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.core import artefacts
from analysis.core.seeds import generator_for

WEEKS = pd.date_range("2022-01-03", "2024-12-23", freq="7D")
CLOSED = WEEKS >= "2024-06-03"
LEVELS = {"facebook": 5200, "linkedin": 2100, "messenger": 420, "phone": 1650, "chat": 610, "sessions": 6400}
CHANGES = {"facebook": -1.0, "linkedin": 0.08, "messenger": -1.0, "phone": 0.10, "chat": 0.25, "sessions": 0.0}
OUTCOMES = {"engagements_total": ("facebook", "linkedin"), "engagements_linkedin": ("linkedin",),
            "contacts_phone": ("phone",), "contacts_chat": ("chat",), "sessions": ("sessions",)}  # fmt: skip


def without_exit(name: str) -> np.ndarray:
    """What each week would have given without the exit: a level, a season, scatter."""
    season = 1 + 0.06 * np.cos(2 * np.pi * WEEKS.day_of_year / 365.25)
    return LEVELS[name] * season.to_numpy() * np.exp(generator_for("tutorial", name).normal(0, 0.04, len(WEEKS)))


def with_exit(name: str) -> np.ndarray:
    return without_exit(name) * (1 + CHANGES[name] * CLOSED)


def exports() -> dict[str, str]:
    """File name -> text, each in a layout that an export may have."""
    sessions = [(f"{week:%d/%m/%Y}", round(value)) for week, value in zip(WEEKS, with_exit("sessions"), strict=True)]
    months = pd.date_range("2024-01-01", periods=12, freq="MS")
    clicks = generator_for("tutorial", "newsletter").integers(700, 900, len(months))
    return {
        "social.csv": _long("week,channel,engagements", ("facebook", "linkedin"), "%Y-%m-%d", ","),
        "contacts.csv": _long("week;channel;contacts", ("messenger", "phone", "chat"), "%d/%m/%Y", ";"),
        "website.csv": "week;sessions\n" + "".join(f"{day};{value:,}\n".replace(",", ".") for day, value in sessions),
        "again/website.csv": "week;sessions\n" + "".join(f"{day};{value}\n" for day, value in sessions),
        "newsletter.csv": "date,clicks\n"
        + "".join(f"{day:%d/%m/%Y},{value}\n" for day, value in zip(months, clicks, strict=True)),
    }


def truth() -> dict[str, object]:
    """What the study of these files is meant to find, in the layout of a simulated case's truth.json."""
    exited = without_exit("messenger")[CLOSED].sum()
    moved = {name: (with_exit(name) - without_exit(name))[CLOSED].sum() / exited for name in ("phone", "chat")}
    recaptured = sum(moved.values())
    return {
        "seed": 0,
        "outcomes": {name: _change(channels) for name, channels in OUTCOMES.items()},
        "diversion": {**moved, "recapture": recaptured, "lost": 1 - recaptured},
    }


def _change(channels: tuple[str, ...]) -> dict[str, float]:
    observed = sum(with_exit(name) for name in channels)[CLOSED]
    expected = sum(without_exit(name) for name in channels)[CLOSED]
    effect = float(np.log(observed / expected).mean())
    return {"log_effect": effect, "relative": float(np.expm1(effect)), "level": float((observed - expected).mean())}


def _long(header: str, channels: tuple[str, ...], day: str, mark: str) -> str:
    """One row a week and channel; a closed channel's rows end with its last week."""
    values = {name: np.rint(with_exit(name)).astype(int) for name in channels}
    rows = [
        mark.join((week.strftime(day), name, str(values[name][place])))
        for place, week in enumerate(WEEKS)
        for name in channels
        if values[name][place] > 0
    ]
    return "\n".join((header, *rows)) + "\n"


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    for name, text in exports().items():
        artefacts.write_text(folder / name, text)
    artefacts.write_json(folder / "truth.json", truth())
