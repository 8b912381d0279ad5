"""The design matrix of a segmented regression: level, trend, event, stages, season, covariates.

Coding after Linden (2015, Stata Journal 15(2)): the slope after the event counts from 0 in its first period, so the
event's own coefficient is the jump in that period.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.core.errors import DesignError

EVENT, EVENT_SLOPE = "event", "event slope"


@dataclass(frozen=True, slots=True)
class StageTerm:
    """Another step (and, with ``slope``, a change of trend) that starts at ``position`` and stays."""

    label: str
    position: int
    slope: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        return (f"stage: {self.label}", *((f"stage slope: {self.label}",) if self.slope else ()))


@dataclass(frozen=True, slots=True)
class Design:
    """``matrix`` (periods, terms) over every period and the terms' ``names``."""

    matrix: np.ndarray
    names: tuple[str, ...]

    def without_event(self) -> np.ndarray:
        """The matrix as it would have been had the event not happened, same shape."""
        absent = self.matrix.copy()
        absent[:, [index for index, name in enumerate(self.names) if name in (EVENT, EVENT_SLOPE)]] = 0
        return absent

    def column(self, name: str) -> int:
        return self.names.index(name)

    def average_of(self, names: Sequence[str], rows: np.ndarray) -> np.ndarray:
        """Weights (terms,) of the named terms' average contribution over ``rows`` (a mask over periods)."""
        weights = np.zeros(len(self.names))
        for name in names:
            weights[self.column(name)] = self.matrix[rows, self.column(name)].mean()
        return weights


def segmented_design(
    positions: np.ndarray, event: int, *, trend: bool = True, slope: bool = True,
    stages: Sequence[StageTerm] = (), harmonics: int = 0, season_length: float | None = None,
    covariates: np.ndarray | None = None, covariate_names: Sequence[str] = (),
) -> Design:
    """Columns for ``positions`` (periods,), the event starting at position ``event``.

    ``covariates`` (periods, c) are standardised here; they must already be on the model's scale. Raises DesignError
    for harmonics without a season length or a covariate that never changes.
    """
    at = np.asarray(positions, dtype=float)
    terms: dict[str, np.ndarray] = {"level": np.ones(len(at))}
    if trend:
        terms["trend"] = at
    terms[EVENT] = (at >= event).astype(float)
    if slope:
        terms[EVENT_SLOPE] = np.maximum(at - event, 0.0)
    for stage in stages:
        terms[stage.names[0]] = (at >= stage.position).astype(float)
        if stage.slope:
            terms[stage.names[1]] = np.maximum(at - stage.position, 0.0)
    terms |= fourier(at, harmonics, season_length)
    for name, values in zip(covariate_names, () if covariates is None else np.asarray(covariates).T, strict=True):
        terms[f"covariate: {name}"] = _standardised(values, name)
    return Design(np.column_stack(list(terms.values())), tuple(terms))


def fourier(at: np.ndarray, harmonics: int, season_length: float | None) -> dict[str, np.ndarray]:
    """Sine and cosine of each harmonic of a season of ``season_length`` periods."""
    if harmonics == 0:
        return {}
    if season_length is None:
        raise DesignError(
            "the length of the season is not known for this time axis",
            where="options, season_length",
            cure="give season_length in periods (12 for months, 7 for days of the week), or harmonics: 0",
        )
    if not 0 < harmonics < season_length / 2:
        raise DesignError(
            f"{harmonics} harmonics do not fit a season of {season_length:g} periods",
            where="options, harmonics",
            cure="use fewer harmonics",
        )
    waves = {}
    for order in range(1, harmonics + 1):
        angle = 2 * np.pi * order * at / season_length
        waves |= {f"sine {order}": np.sin(angle), f"cosine {order}": np.cos(angle)}
    return waves


def _standardised(values: np.ndarray, name: str) -> np.ndarray:
    spread = float(values.std())
    if spread <= 1e-12 * max(1.0, float(np.abs(values).max())):
        raise DesignError("a covariate never changes", where=f"covariate {name}", cure="drop it")
    return (values - values.mean()) / spread
