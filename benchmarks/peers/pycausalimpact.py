"""pycausalimpact: its defaults, a weekly season on daily series."""

import pandas as pd
from causalimpact import CausalImpact


def fit(series: dict) -> dict:
    frame = pd.DataFrame({"y": series["y"]})
    for number, control in enumerate(series["controls"].T):
        frame[f"control {number}"] = control
    before = series["before"]
    options = {"nseasons": [{"period": 7}]} if series["daily"] else {}
    result = CausalImpact(frame, [0, before - 1], [before, len(frame) - 1], **options)
    average = result.summary_data["average"]
    return {
        "point": average["abs_effect"],
        "lower": average["abs_effect_lower"],
        "upper": average["abs_effect_upper"],
        "p": result.p_value,
    }
