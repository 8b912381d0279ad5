"""Tone from the first to the last message of a case, corrected for the classifier's errors, before and after.

What the classifier shows is corrected with a sample that people labelled too (analysis.inference.tone_chain: the
errors of the two messages of a case are independent given their true tones, and alike in both periods). Draws for
intervals resample the weeks of each period, because cases of a week share its shocks, and the labelled messages of
each class. Weeks that are drawn singly are taken as independent of each other; a mood that lasts for weeks makes such
draws too alike, so they are spread by what ``tone_weeks`` finds of it. One unit less than there is, drawn with
replacement, gives the variance of shares without bias, where drawing as many would give (n - 1) / n of it: Rao and Wu
1988, Journal of the American Statistical Association 83.

Only classes are kept, no text. Tables are made by analysis.service.tone_tables and tone_checks.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.core.errors import DesignError, nearest
from analysis.core.seeds import generator_for
from analysis.inference.tone_chain import classifier_errors, conditional, corrected_joint, misread
from analysis.service.tone_weeks import lasting_mood

DRAWS = 2000
MINIMUM_WEEKS = 8  # a period; fewer resampled weeks do not show how much weeks differ
PERIODS = ("before", "after")
KEPT_DECIMALS = 12  # of shares and of classes
CONDITIONAL = ("positive_given_worst", "improved_given_worst", "net_gain_given_worst")


@dataclass(frozen=True, slots=True, eq=False)
class ToneDraws:
    """Counts and shares of first by last tone, with their draws. K classes, worst first; B draws.

    ``counts`` (2, K, K + 1): cases by period (before, after), first and last tone as classified; the last column are
    cases without a last message. ``count_draws`` (B, 2, K, K + 1). ``joint`` and ``joint_draws`` of the same shapes:
    corrected shares of all cases, None without a labelled sample, like ``errors`` (K, K) and ``error_draws``
    (B, K, K). ``weeks``: weeks with cases by period. ``unread``: cases by period left out for want of a first tone.
    """

    classes: tuple[str, ...]
    counts: np.ndarray
    count_draws: np.ndarray
    joint: np.ndarray | None
    joint_draws: np.ndarray | None
    errors: np.ndarray | None
    error_draws: np.ndarray | None
    weeks: tuple[int, int]
    unread: tuple[int, int]

    @property
    def corrected(self) -> bool:
        return self.joint is not None


def follow_tone(
    journeys: pd.DataFrame,
    *,
    before: np.ndarray,
    after: np.ndarray,
    classes: Sequence[str],
    labelled: Sequence[Sequence[int]] | np.ndarray | None = None,
    seed_names: tuple[object, ...],
    draws: int = DRAWS,
) -> ToneDraws:
    """Count the cases of both periods and correct them.

    ``journeys``: one row a case with first_tone, last_tone (words of ``classes``, missing where the customer never
    wrote back) and signal (time with a zone). ``before`` and ``after``: boolean masks of its rows. ``labelled``
    (K, K): messages that people labelled too (rows: what people said); without it nothing is corrected. Raises
    DesignError for unknown tones, overlapping masks, times without a zone, too few weeks, a period in which nobody
    wrote back, and a classifier that does not tell the classes apart.
    """
    classes = tuple(classes)
    masks = [np.asarray(before, dtype=bool), np.asarray(after, dtype=bool)]
    if (masks[0] & masks[1]).any():
        raise DesignError("some cases are both before and after", where="tone", cure="let the periods not overlap")
    errors = None if labelled is None or len(labelled) == 0 else classifier_errors(np.asarray(labelled, dtype=float))
    if errors is not None and len(errors) != len(classes):
        raise DesignError(
            f"{len(errors)} rows of labelled counts for {len(classes)} tone classes",
            where="tone: labelled",
            cure="give one row and one column a class, in the order of the classes",
        )
    weekly, unread = zip(*(_weekly_counts(journeys[mask], classes) for mask in masks), strict=True)
    for name, table in zip(PERIODS, weekly, strict=True):
        _require_enough(name, table)
    generators = [generator_for(*seed_names, "tone", name) for name in PERIODS]
    count_draws = np.stack(
        [_resample(table, draws, generator) for table, generator in zip(weekly, generators, strict=True)], axis=1
    )
    counts = np.stack([table.sum(axis=0) for table in weekly])
    count_draws = _spread(counts, count_draws, _lasting(journeys, masks, classes))
    joint = joint_draws = error_draws = None
    if errors is not None:
        error_draws = _relabel(np.asarray(labelled, dtype=int), draws, generator_for(*seed_names, "tone", "labelled"))
        joint, joint_draws = corrected_joint(counts, errors), corrected_joint(count_draws, error_draws[:, None])
    return ToneDraws(
        classes, counts, count_draws, joint, joint_draws, errors, error_draws, tuple(map(len, weekly)), tuple(unread)
    )


def _weekly_counts(cases: pd.DataFrame, classes: tuple[str, ...]) -> tuple[np.ndarray, int]:
    """Cases by week, first and last tone, (weeks, K, K + 1), and how many have no first tone."""
    for name in ("first_tone", "last_tone"):
        unknown = sorted(set(cases[name].dropna().astype(str)) - set(classes))
        if unknown:
            raise DesignError(f'"{unknown[0]}" is not a tone class', where=name, cure=nearest(unknown[0], classes))
    if not isinstance(cases["signal"].dtype, pd.DatetimeTZDtype) or cases["signal"].isna().any():
        raise DesignError(
            "a case has no time of its first message, or one without a time zone",
            where="signal",
            cure="give every case a time with its zone",
        )
    read = cases[cases["first_tone"].notna()]
    local = read["signal"].dt.tz_localize(None)
    monday = local.dt.normalize() - pd.to_timedelta(local.dt.day_of_week, unit="D")
    week, distinct = pd.factorize(monday, sort=True)
    place = {word: index for index, word in enumerate(classes)}
    first = read["first_tone"].astype(object).map(place).to_numpy(dtype=int)
    last = read["last_tone"].astype(object).map(place).fillna(len(classes)).to_numpy(dtype=int)
    table = np.zeros((len(distinct), len(classes), len(classes) + 1))
    np.add.at(table, (week, first, last), 1)
    return table, int(len(cases) - len(read))


def _require_enough(period: str, table: np.ndarray) -> None:
    if len(table) < MINIMUM_WEEKS:
        raise DesignError(
            f"{len(table)} weeks with cases {period} the exit are too few to see how much weeks differ",
            where="tone",
            cure=f"at least {MINIMUM_WEEKS} weeks are needed: widen the window",
        )
    if table[:, :, :-1].sum() == 0:
        raise DesignError(
            f"nobody wrote back {period} the exit, so there is no last tone",
            where="tone",
            cure="widen the window, or leave tone out of the case",
        )


def _resample(table: np.ndarray, draws: int, generator: np.random.Generator) -> np.ndarray:
    weeks = len(table)
    times = generator.multinomial(weeks - 1, np.full(weeks, 1 / weeks), size=draws)
    return (times @ table.reshape(weeks, -1)).reshape(draws, *table.shape[1:])


def _lasting(journeys: pd.DataFrame, masks: list[np.ndarray], classes: tuple[str, ...]) -> np.ndarray:
    rank = {word: index for index, word in enumerate(classes)}
    gain = journeys["last_tone"].map(rank).astype(float) - journeys["first_tone"].map(rank).astype(float)
    used = (masks[0] | masks[1]) & gain.notna().to_numpy()
    return lasting_mood(journeys["signal"][used], masks[1][used], gain[used].to_numpy())


def _spread(counts: np.ndarray, draws: np.ndarray, wider: np.ndarray) -> np.ndarray:
    """Draws as much further from their centre in each period; no count below zero, the shares of a draw what counts."""
    weight = counts.sum(axis=(-2, -1), keepdims=True) / draws.sum(axis=(-2, -1), keepdims=True)
    return np.maximum(counts + wider[:, None, None] * (draws * weight - counts), 0.0)


def _relabel(labelled: np.ndarray, draws: int, generator: np.random.Generator) -> np.ndarray:
    """Draws of P(classified | true), (draws, K, K): each class's labelled messages resampled."""
    rows = [
        generator.multinomial(max(int(row.sum()) - 1, 1), row / row.sum(), size=draws).astype(float) for row in labelled
    ]
    return conditional(np.stack(rows, axis=1))


def positive_from(classes: int) -> int:
    """The first class above the middle: from here on a tone counts as positive."""
    return classes // 2 + classes % 2


def measures(joint: np.ndarray) -> dict[str, np.ndarray]:
    """Quantities of joint counts or shares (..., K, K + 1), each of the leading shape.

    All but the two shares of cases that never wrote back are of those that did. Gains are in classes, towards the
    best; ``..._given_worst`` is of cases whose first tone was the worst.
    """
    size = joint.shape[-2]
    rank = np.arange(size)
    replied = joint[..., :size] / joint[..., :size].sum(axis=(-2, -1), keepdims=True)
    worst = conditional(replied)[..., 0, :]
    first, last = replied.sum(axis=-1), replied.sum(axis=-2)
    quantities = {
        "positive_given_worst": worst[..., positive_from(size) :].sum(axis=-1),
        "improved_given_worst": worst[..., 1:].sum(axis=-1),
        "net_gain_given_worst": worst @ rank,
        "net_gain": (last - first) @ rank,
        "improved": np.triu(replied, 1).sum(axis=(-2, -1)),
        "worsened": np.tril(replied, -1).sum(axis=(-2, -1)),
        "never_wrote_back": joint[..., size].sum(axis=-1) / joint.sum(axis=(-2, -1)),
        "never_wrote_back_given_worst": conditional(joint)[..., 0, size],
    }
    quantities |= {f"first:{item}": first[..., item] for item in rank}
    quantities |= {f"last:{item}": last[..., item] for item in rank}
    # Shares that cancel leave a last bit that differs from processor to processor.
    return {name: np.round(value, KEPT_DECIMALS) for name, value in quantities.items()}


def bounded(joint: np.ndarray) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Least and most that a quantity of all cases can be, whatever those thought who never wrote back.

    Manski 1989, Journal of Human Resources 24(3): every missing last tone the worst, every one the best.
    """
    size = joint.shape[-2]
    completed = []
    for place in (0, size - 1):
        table = np.zeros_like(joint, dtype=float)
        table[..., :size] = joint[..., :size]
        table[..., place] += joint[..., size]
        completed.append(measures(table))
    worst, best = completed
    names = (*CONDITIONAL, "net_gain", "improved")
    found = {name: (worst[name], best[name]) for name in names} | {"worsened": (best["worsened"], worst["worsened"])}
    total = joint.sum(axis=(-2, -1))
    for item in range(size):
        known = joint[..., item].sum(axis=-1) / total
        found[f"last:{item}"] = (known, known + joint[..., size].sum(axis=-1) / total)
    return found


def unchanged_but_misread(joint: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """What the classifier shows, (..., K, K + 1), if no true tone changes within a case: gains by error alone.

    ``joint``: corrected shares, of which only the first tones of those who wrote back are used.
    """
    size = joint.shape[-2]
    first = joint[..., :size].sum(axis=-1)
    return _without_missing(misread(first[..., None] * np.eye(size), errors))


def drawn_afresh(counts: np.ndarray) -> np.ndarray:
    """What the classifier shows, (..., K, K + 1), if a last tone has nothing to do with its first.

    It is drawn from the tones of first messages: all regression to the mean there can be, and no service.
    """
    size = counts.shape[-2]
    first = counts[..., :size].sum(axis=-1)
    return _without_missing(first[..., :, None] * first[..., None, :])


def _without_missing(table: np.ndarray) -> np.ndarray:
    return np.concatenate([table, np.zeros((*table.shape[:-1], 1))], axis=-1)
