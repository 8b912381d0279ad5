"""tfcausalimpact: its defaults (variational inference), seven seasons on daily series."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import pandas as pd
import tensorflow as tf
from causalimpact import CausalImpact

tf.config.threading.set_intra_op_parallelism_threads(1)
tf.config.threading.set_inter_op_parallelism_threads(1)


def fit(series: dict) -> dict:
    tf.random.set_seed(series["number"] + 1)
    frame = pd.DataFrame({"y": series["y"]}, index=pd.to_datetime(series["dates"]))
    for number, control in enumerate(series["controls"].T):
        frame[f"control {number}"] = control
    before, at = series["before"], frame.index.strftime("%Y-%m-%d")
    options = {"nseasons": 7} if series["daily"] else {}
    result = CausalImpact(frame, [at[0], at[before - 1]], [at[before], at[-1]], model_args=options)
    average = result.summary_data["average"]
    return {
        "point": average["abs_effect"],
        "lower": average["abs_effect_lower"],
        "upper": average["abs_effect_upper"],
        "p": result.p_value,
    }
