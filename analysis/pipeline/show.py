"""What notebooks display: tables with captions, figures with alt text, always from what was written."""

import html
import numbers
from collections.abc import Iterable

import numpy as np
import pandas as pd
from IPython.display import HTML

from analysis.core.artefacts import plain
from analysis.core.case import Outcome, channel_label
from analysis.pipeline.study import Study

DECIMALS = 4
ROWS_SHOWN = 24


def case_head(study: Study) -> HTML:
    """What is being studied, and whether the data are real."""
    case = study.case
    status = {"real": "REAL DATA", "simulated": "SIMULATED DATA", "mixed": "MIXED DATA"}[case.data_status]
    return HTML(f"<p><strong>{html.escape(case.title)}</strong> · {status}</p><p>{html.escape(case.summary)}</p>")


def _text(value: object) -> str:
    value = plain(value) if not isinstance(value, str) else value
    if value is None or value != value:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 or value.is_integer() else f"{value:.{DECIMALS}g}"
    if isinstance(value, int):
        return f"{value:,}"
    return html.escape(str(value))


def _kind(value: object) -> str:
    return "number" if isinstance(value, numbers.Real) and not isinstance(value, bool | np.bool_) else "text"


def table(frame: pd.DataFrame | None, caption: str) -> HTML:
    """A table a reader can scroll; long ones show their first rows and say how many there are."""
    if frame is None or frame.empty:
        return HTML(f"<p><em>{html.escape(caption)}: none.</em></p>")
    head = "".join(
        f"<th scope='col' class='{_kind(frame[name].iloc[0])}'>{html.escape(str(name).replace('_', ' '))}</th>"
        for name in frame.columns
    )
    rows = []
    for values in frame.head(ROWS_SHOWN).itertuples(index=False):
        cells = "".join(f"<td class='{_kind(value)}'>{_text(value)}</td>" for value in values)
        rows.append(f"<tr>{cells}</tr>")
    more = f" (first {ROWS_SHOWN} of {len(frame)} rows)" if len(frame) > ROWS_SHOWN else ""
    return HTML(
        f"<div class='table-scroll' tabindex='0' role='region' aria-label='{html.escape(caption, quote=True)}'><table>"
        f"<caption>{html.escape(caption)}{more}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def stages_table(study: Study) -> pd.DataFrame:
    """One row a stage."""
    return pd.DataFrame(
        [
            {
                "date": stage.date,
                "stage": stage.label,
                "kind": stage.kind.replace("_", " "),
                "channels": ", ".join(channel_label(study.case, name) for name in stage.channels),
                "source": stage.source or "",
            }
            for stage in study.case.stages
        ]
    )


def diagnostics_table(study: Study, outcomes: Iterable[Outcome]) -> pd.DataFrame:
    """The scalar diagnostics of the outcomes, one row each."""
    rows = []
    for outcome in outcomes:
        found = study.store.effect(outcome.id).get("diagnostics", {})
        rows += [
            {"outcome": outcome.label, "diagnostic": name.replace("_", " "), "value": value}
            for name, value in sorted(found.items())
            if isinstance(value, int | float | str)
        ]
    return pd.DataFrame(rows, columns=["outcome", "diagnostic", "value"])
