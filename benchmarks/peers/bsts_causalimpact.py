"""bsts-causalimpact: the defaults of CausalImpact in R (Gibbs sampler), seven seasons on daily series."""

import pandas as pd
from causal_impact import CausalImpact


def fit(series: dict) -> dict:
    frame = pd.DataFrame({"y": series["y"]})
    for number, control in enumerate(series["controls"].T):
        frame[f"control {number}"] = control
    options = {"seed": series["number"] + 1}
    if series["daily"]:
        options["nseasons"] = 7
    before = series["before"]
    result = CausalImpact(frame, [0, before - 1], [before, len(frame) - 1], model_args=options)._results
    return {"point": result.point_effect_mean, "lower": result.ci_lower, "upper": result.ci_upper, "p": result.p_value}
