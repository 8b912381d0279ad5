"""Attributes of service cases, generalised as the case declares before anything is kept of them."""

import re

import pandas as pd

from analysis.core.case import Case
from analysis.core.errors import CaseError, nearest
from analysis.core.generalising import Generalised, binned, cut_short, identifying, merged
from analysis.pipeline.journey_table import NOT_ATTRIBUTES

COLUMNS = ("attribute", "label", "how", "levels_read", "levels_kept", "merged", "smallest_group")
NUMBERED = ("case", "signal")
# Who of the staff answered: they are data subjects too, and no result is theirs (GDPR Article 88).
STAFF = re.compile(
    r"((id|nome|codice)[ _-]+)?(agent|assignee|employee|operator|operatore|operatrice|addett[oa]|dipendente|consulente)"
    r"([ _-]*(id|name|nome|code|codice|number|numero|email))?",
    re.IGNORECASE,
)


def attributes_of(journeys: pd.DataFrame) -> list[str]:
    """The attributes asked for of each case beyond what happened in it, in order."""
    return [name for name in journeys if name not in (*NOT_ATTRIBUTES, *NUMBERED)]


def without_small_groups(case: Case, journeys: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The journeys with their attributes coarsened, and one row an attribute (COLUMNS) of what became of it.

    Numbers go into the bins of `privacy: bins:`, texts are cut to the characters of `privacy: prefix:`, levels of fewer
    cases than the smallest cell become "other". Raises CaseError for a name that is no attribute, for cells that are no
    numbers where bins are declared, for an attribute that looks as if it pointed at persons where neither is, and for
    one that names the staff in any case.
    """
    names, privacy, rows = attributes_of(journeys), case.privacy, []
    for key in ("bins", "prefix"):
        if unknown := sorted(set(getattr(privacy, key)) - set(names)):
            raise CaseError(
                f'the cases have no attribute "{unknown[0]}"', where=f"privacy, {key}", cure=nearest(unknown[0], names)
            )
    table = journeys.copy()
    for name in names:
        how, values = _coarsened(case, name, journeys[name])
        table[name], became = merged(values, privacy.minimum_cell)
        rows.append(_row(name, how, became, privacy.minimum_cell))
    return table, pd.DataFrame(rows, columns=list(COLUMNS))


def _coarsened(case: Case, name: str, values: pd.Series) -> tuple[str, pd.Series]:
    privacy, where = case.privacy, f"sources, {case.care.source}, options, fields, {name}"
    if any(STAFF.fullmatch(called) for called in (name, _headings(case).get(name, name))):
        raise CaseError(f'the attribute "{name}" says who of the staff answered', where=where, cure="leave it out")
    if name in privacy.bins:
        try:
            return "bins", binned(values, privacy.bins[name])
        except ValueError as error:
            raise CaseError(
                f"{name}: {error}", where=f"privacy, bins, {name}", cure="correct the export, or use `prefix:` instead"
            ) from None  # its cause would show the cells
    if name in privacy.prefix:
        return "prefix", cut_short(values, privacy.prefix[name])
    if (looks := identifying(values)) is not None:
        raise CaseError(
            f'the attribute "{name}" holds {looks}, which point at persons',
            where=where,
            cure=f"group it under `privacy:`, numbers with `bins: {{{name}: [18, 30, 65]}}`, codes and dates with "
            f"`prefix: {{{name}: 2}}` (the first two characters), or leave it out",
        )
    return "as read", values


def _headings(case: Case) -> dict[str, str]:
    """The export's header of each attribute."""
    options = next((source.options for source in case.sources if source.id == case.care.source), {})
    return dict(options.get("fields", {}))


def _row(name: str, how: str, became: Generalised, cell: int) -> dict[str, object]:
    """The least group is rounded down to whole cells: its size less what is printed of it elsewhere could be a few."""
    return {
        "attribute": name, "label": name.replace("_", " "), "how": how, "levels_read": became.read,
        "levels_kept": became.kept, "merged": became.merged, "smallest_group": became.smallest // cell * cell,
    }  # fmt: skip
