"""Is the treated unit's change unusual among units to which nothing happened?"""

from types import ModuleType

import pandas as pd

from analysis.checks._context import CheckContext
from analysis.checks._placebo_nulls import bare_point
from analysis.checks._wording import count, counted, fixed, probability, say, whole
from analysis.core.check import CheckResult, Status
from analysis.core.errors import DesignError
from analysis.core.panel import Panel
from analysis.inference.placebo import rank_p_value

NAME = "placebo_in_space"
LABEL = "Peers tested as if they had left"
REFERENCE = "Abadie, Diamond and Hainmueller 2010, Journal of the American Statistical Association 105:493-505"
FEWEST_DONORS = 4
ALPHA = 0.05
# The estimate's own p-value below .05 and a rank p-value up to .10 agree within the grain of a rank test (with 20
# donors its steps are .05 wide); above .25, a quarter of units that did not exit moved at least as much.
REVIEW_ABOVE = 0.10
FAIL_ABOVE = 0.25
SENTENCES = {
    "en": {
        "found": "{larger} of {donors} moved as much as the treated unit or more (rank {p}).",
        "few": "{larger} of {donors} moved as much as the treated unit or more (rank {p}); with so few donors no "
        "p-value below {smallest} is possible.",
        "none": "None of {donors} moved as much as the treated unit or more (rank {p}).",
        "none_few": "None of {donors} moved as much as the treated unit or more (rank {p}); with so few donors no "
        "p-value below {smallest} is possible.",
        "advice_fail": "Do not call the effect established: units that did not exit moved as much.",
        "advice_few": "Add donors: 19 are needed before a rank can reach 0.05.",
        "advice": "Report the rank beside the p-value and weigh the effect by the weaker of the two.",
    },
    "it": {
        "found": "Su {donors}, si sono mosse quanto il marchio o di più: {larger} (rango, {p}).",
        "few": "Su {donors}, si sono mosse quanto il marchio o di più: {larger} (rango, {p}); con così poche imprese "
        "un valore p sotto {smallest} non è possibile.",
        "none": "Su {donors}, nessuna si è mossa quanto il marchio o di più (rango, {p}).",
        "none_few": "Su {donors}, nessuna si è mossa quanto il marchio o di più (rango, {p}); con così poche imprese "
        "un valore p sotto {smallest} non è possibile.",
        "advice_fail": "Non dare l'effetto per accertato: imprese non uscite si sono mosse altrettanto.",
        "advice_few": "Aggiungere imprese di confronto: ne servono 19 perché un rango arrivi a 0,05.",
        "advice": "Riportare il rango accanto al valore p, e pesare l'effetto con il più debole dei due.",
    },
}


def applies(panel: Panel, estimator_module: ModuleType) -> str | None:
    """Needs an estimator that uses donors, and enough of them for a rank to mean anything."""
    if not getattr(estimator_module, "NEEDS_DONORS", 0):
        return "the method uses no donors"
    if len(panel.donors) < FEWEST_DONORS:
        return f"a rank among {counted(len(panel.donors), 'donor')} says nothing"
    return None


def run(context: CheckContext) -> CheckResult:
    """Statistic: rank p-value of the treated unit among all donors; the table has one row a unit."""
    table = placebo_table(context)
    placebos = table.loc[table["role"] == "donor", "statistic"].to_numpy()
    treated = float(table.loc[table["role"] == "treated", "statistic"].iloc[0])
    rank_p = rank_p_value(treated, placebos)
    larger, smallest_p = int((placebos >= treated).sum()), 1 / (1 + len(placebos))
    claimed = context.effect.p_value is not None and context.effect.p_value < ALPHA
    status = verdict(rank_p, smallest_p, claimed)
    key = ("found" if larger else "none") if smallest_p <= ALPHA else "few" if larger else "none_few"
    sentence = say(
        SENTENCES, key, larger=whole(larger), donors=count(len(placebos), "donor"), p=probability(rank_p),
        smallest=fixed(smallest_p, 2),
    )  # fmt: skip
    return CheckResult(
        check=NAME,
        outcome=context.outcome,
        status=status,
        sentence=sentence,
        recommendation="" if status == "PASS" else _advice(status, smallest_p),
        statistic=rank_p,
        threshold=REVIEW_ABOVE,
        table=table,
    )


def verdict(rank_p: float, smallest_p: float, claimed: bool) -> Status:
    """``claimed``: the estimate's own p-value is below .05, so the ranks are asked to bear it out."""
    if claimed and rank_p > FAIL_ABOVE:
        return "FAIL"
    if smallest_p > ALPHA or (claimed and rank_p > REVIEW_ABOVE):
        return "REVIEW"
    return "PASS"


def placebo_table(context: CheckContext) -> pd.DataFrame:
    """Columns role, unit, statistic, effect: the treated unit first, then every donor.

    Taken from the estimate's diagnostics where the estimator states its placebos, else estimated here.
    """
    effect, panel = context.effect, context.panel
    stated = effect.diagnostics.get("placebo_statistics")
    rows = [("treated", panel.treated, effect.diagnostics.get("statistic", abs(effect.point)), effect.point)]
    if stated:
        effects = effect.diagnostics["placebo_effects"]
        rows += [("donor", name, stated[name], effects[name]) for name in panel.donors]
    else:
        for donor in panel.donors:
            others = [name for name in panel.donors if name != donor]
            point = bare_point(context, panel.with_treated(donor, others))
            rows.append(("donor", donor, abs(point), point))
    if len(rows) < 2:
        raise DesignError("no donor could take the treated place", where=context.outcome, cure="add donors")
    return pd.DataFrame(rows, columns=["role", "unit", "statistic", "effect"])


def _advice(status: Status, smallest_p: float) -> str:
    return say(SENTENCES, "advice_fail" if status == "FAIL" else "advice_few" if smallest_p > ALPHA else "advice")
