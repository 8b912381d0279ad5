"""Numbers and units as the sentences of checks say them."""

import math

from analysis.core.effect import Effect

RETURN = "log return"  # the unit of returns, read as per cent like any return


def number(value: float) -> str:
    """Three significant digits, thousands separated, no exponent: 0.0123, -19.5, 1,230."""
    if not math.isfinite(value):
        return "not measurable"
    if value == 0:
        return "0"
    decimals = max(2 - math.floor(math.log10(abs(value))), 0)
    shown = f"{value:,.{decimals}f}"
    return (shown.rstrip("0").rstrip(".") if "." in shown else shown).replace("-", "−")


def amount(value: float, effect: Effect) -> str:
    """An effect in words: a percentage on the log scale and for returns, else the number in its unit."""
    if effect.scale == "log":
        return f"{100 * math.expm1(value):+.1f} %".replace("-", "−")
    if effect.unit == RETURN:
        return f"{100 * value:+.2f} %".replace("-", "−")
    return f"{number(value)} {effect.unit}".strip()


def size(value: float, effect: Effect) -> str:
    """A magnitude in words, without a sign."""
    return amount(abs(value), effect).removeprefix("+")


def share(value: float) -> str:
    return f"{100 * value:.0f} %"


def count(how_many: int, thing: str) -> str:
    """"1 donor", "24 donors"."""
    return f"{how_many} {thing}" if how_many == 1 else f"{how_many} {thing}s"


def probability(value: float) -> str:
    return "p < 0.001" if value < 0.001 else f"p = {value:.3f}"
