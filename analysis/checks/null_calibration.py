"""Is one false alarm in twenty really one in twenty, with this method on a series like this?"""

from types import ModuleType

import numpy as np
import pandas as pd

from analysis.checks._context import CheckContext
from analysis.checks._nulls import SHARED_MODEL, pretended_nulls, simulated_nulls
from analysis.checks._wording import count, fixed, line, lines, say, share, whole
from analysis.core.check import CheckResult, Status
from analysis.core.panel import Panel
from analysis.core.said import Said
from analysis.inference.null_calibration import chance_of, critical_value, effective_number, sliding_windows

NAME = "null_calibration"
LABEL = "False alarms where nothing happened"
REFERENCE = "Turner et al. 2021, BMC Medical Research Methodology, doi 10.1186/s12874-021-01364-0 (size of the tests)"
SMALLEST_PRE = 8
FEWEST = 8  # pretended dates; with fewer one false alarm is already an eighth of them
MOST_SHARED = 200  # pretended dates of one length share one fit
MOST_ALONE = 24  # pretended dates that each need a fit of their own; more of them overlap, and tell little more
SIMULATED = 199  # with the estimate itself 200: a share of 5 % then has a Monte-Carlo error of 1.5 points
ALPHA = 0.05
# Probability of at least so many false alarms by an honest test: up to the first worth a look (a single window that
# is rejected counts), below the second not chance.
REVIEW_UP_TO = 0.05
FAIL_BELOW = 0.01
# Windows side by side. With two, a method that cries wolf one time in five stays silent two times in three.
FEWEST_INDEPENDENT = 3
SENTENCES = {
    "en": {
        "found": "Where nothing happened the method should reject 5 % of the time: {nulls}.",
        "simulated": "on {nulls} simulated series it rejected {found} (error {error})",
        "pretended": "at {dates} (worth {separate}) it rejected {found} (error {error})",
        "too_few": "Too few separate dates to tell an honest method from another.",
        "printed": "The printed interval is {already} times the method's own for that.",
        "no_interval": "The method gives no interval, so there are 0 false alarms to count.",
        "advice_interval": "Add donors or periods until the method gives an interval.",
        "advice_few": "Lengthen the period before the event, or rely on what was measured of this method elsewhere: "
        "this series alone cannot vouch for the interval.",
        "wider": "Read the interval as {widen} times as wide.",
        "narrow": "Read the interval as too narrow.",
        "wider_or": "Read the interval as {widen} times as wide, or use an estimator with fewer false alarms here.",
        "narrow_or": "Read the interval as too narrow, or use an estimator with fewer false alarms here.",
    },
    "it": {
        "found": "Dove non è accaduto nulla il metodo dovrebbe rifiutare nel 5\u00a0% dei casi: {nulls}.",
        "simulated": "su {nulls} serie simulate ha rifiutato {found:nel} dei casi (errore {error})",
        "pretended": "a {dates} (valgono {separate}) ha rifiutato {found:nel} dei casi (errore {error})",
        "too_few": "Le date separate sono troppo poche per distinguere un metodo onesto da un altro.",
        "printed": "Per questo l'intervallo stampato è {already} volte quello del metodo.",
        "no_interval": "Il metodo non dà un intervallo: i falsi allarmi da contare sono 0.",
        "advice_interval": "Aggiungere imprese di confronto o periodi finché il metodo non dà un intervallo.",
        "advice_few": "Allungare il periodo prima dell'evento, o affidarsi a quanto di questo metodo si è misurato "
        "altrove: questa serie da sola non garantisce l'intervallo.",
        "wider": "Leggere l'intervallo come {widen} volte più largo.",
        "narrow": "Leggere l'intervallo come troppo stretto.",
        "wider_or": "Leggere l'intervallo come {widen} volte più largo, o usare uno stimatore con meno falsi allarmi "
        "qui.",
        "narrow_or": "Leggere l'intervallo come troppo stretto, o usare uno stimatore con meno falsi allarmi qui.",
    },
}


def applies(panel: Panel, estimator_module: ModuleType) -> str | None:
    """Needs pretended dates that fit; market reactions have their own days before the event as reference."""
    if getattr(estimator_module, "OUTCOME_IS_RETURNS", False):
        return "the inference already compares the day with the days before it"
    if len(sliding_windows(panel, fitted_length(panel, estimator_module), MOST_ALONE)) < FEWEST:
        return f"{panel.n_pre} periods before the event leave room for fewer than {FEWEST} pretended dates"
    return None


def fitted_length(panel: Panel, estimator_module: ModuleType) -> int:
    """Half of the pre-period, or what the estimator asks for when that is more."""
    return max(panel.n_pre // 2, getattr(estimator_module, "SMALLEST_PRE_PERIODS", SMALLEST_PRE))


def run(context: CheckContext) -> CheckResult:
    """Statistic: the larger share of nulls rejected at 5 %, at pretended dates or on simulated series.

    Silence at dates worth fewer than three independent ones is no evidence that the method is honest, and simulated
    series take its own model for true, so neither makes a PASS. It is REVIEW, not NOT_RUN: the check did run, and one
    false alarm would have shown. The report's grade takes a REVIEW here for an interval that nothing vouches for.
    """
    if context.effect.interval is None:
        return CheckResult(
            check=NAME, outcome=context.outcome, status="REVIEW", statistic=0.0, table=_nothing(),
            sentence=say(SENTENCES, "no_interval"), recommendation=say(SENTENCES, "advice_interval"),
        )  # fmt: skip
    table = null_table(context)
    summary = summarise(context, table)
    status = verdict(summary)
    already = float(context.effect.diagnostics.get("null_factor") or 1.0)
    widen = _widening(table) / already
    sentence = _sentence(summary)
    if already > 1:
        sentence = sentence.then(say(SENTENCES, "printed", already=fixed(already, 2)))
    return CheckResult(
        check=NAME,
        outcome=context.outcome,
        status=status,
        sentence=sentence,
        recommendation="" if status == "PASS" else _advice(status, widen, summary),
        statistic=float(summary["share"].max()),
        threshold=ALPHA,
        table=summary,
    )


def null_table(context: CheckContext) -> pd.DataFrame:
    """One row a null: kind (pretended or simulated), place (row of the event, or number), length, effect, statistic."""
    length = fitted_length(context.panel, context.module)
    shared = context.estimator == SHARED_MODEL
    windows = sliding_windows(context.panel, length, MOST_SHARED if shared else MOST_ALONE)
    parts = [pretended_nulls(context, windows, MOST_ALONE), simulated_nulls(context, SIMULATED)]
    return pd.concat([part for part in parts if len(part)], ignore_index=True)


def summarise(context: CheckContext, table: pd.DataFrame) -> pd.DataFrame:
    """One row a kind: nulls, effective_nulls, rejected, share, monte_carlo_error, chance, critical_value."""
    rows = []
    for kind, part in table.groupby("kind", sort=False):
        number = len(part) if kind == "simulated" else effective_number(part["place"], int(part["length"].iloc[0]))
        rejected = int((part["statistic"] > 1).sum())
        found = rejected / len(part)
        rows.append((kind, len(part), number, rejected, found, error_of(number), chance_of(found, number, ALPHA)))
    columns = ["kind", "nulls", "effective_nulls", "rejected", "share", "monte_carlo_error", "chance"]
    summary = pd.DataFrame(rows, columns=columns)
    return summary.assign(critical_value=_widening(table))


def error_of(number: float) -> float:
    """Standard error of the share that an honest test rejects among ``number`` nulls."""
    return float(np.sqrt(ALPHA * (1 - ALPHA) / max(number, 1)))


def verdict(summary: pd.DataFrame) -> Status:
    """By the less likely of the two shares, and by how many independent dates there are to tell."""
    chance = float(summary["chance"].min())
    if chance < FAIL_BELOW:
        return "FAIL"
    return "REVIEW" if _cries_wolf(summary) or too_few(summary) else "PASS"


def _cries_wolf(summary: pd.DataFrame) -> bool:
    return round(float(summary["chance"].min()), 9) <= REVIEW_UP_TO


def too_few(summary: pd.DataFrame) -> bool:
    """Whether the pretended dates overlap so much that they cannot tell an honest method from another."""
    dates = summary.loc[summary["kind"] == "pretended", "effective_nulls"]
    return not len(dates) or float(dates.max()) < FEWEST_INDEPENDENT


def _widening(table: pd.DataFrame) -> float:
    """The interval's factor by the simulated nulls where there are any, else by the dates; 1 where too few."""
    kinds = table["kind"].unique()
    part = table[table["kind"] == ("simulated" if "simulated" in kinds else "pretended")]
    return max(critical_value(part["statistic"], 1 - ALPHA), 1.0) if len(part) >= round(1 / ALPHA) - 1 else 1.0


def _sentence(summary: pd.DataFrame) -> Said:
    parts = []
    for row in summary.itertuples():
        values = {"found": share(row.share), "error": share(row.monte_carlo_error)}
        if row.kind == "simulated":
            parts.append(line("simulated", nulls=whole(row.nulls), **values))
            continue
        values["separate"] = count(int(row.effective_nulls), "separate one")
        parts.append(line("pretended", dates=count(row.nulls, "pretended date"), **values))
    sentence = say(SENTENCES, "found", nulls=lines(parts))
    return sentence.then(say(SENTENCES, "too_few")) if too_few(summary) else sentence


def _advice(status: Status, widen: float, summary: pd.DataFrame) -> str:
    if status == "REVIEW" and not _cries_wolf(summary):
        return say(SENTENCES, "advice_few")
    choice = "_or" if status == "FAIL" else ""
    return say(SENTENCES, f"wider{choice}", widen=fixed(widen, 2)) if widen > 1 else say(SENTENCES, f"narrow{choice}")


def _nothing() -> pd.DataFrame:
    return pd.DataFrame([("none", 0, 0, 0, 0.0)], columns=["kind", "nulls", "effective_nulls", "rejected", "share"])
