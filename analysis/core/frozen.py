"""Tables that cannot be changed in place once they are part of a result."""

import pandas as pd


def frozen(frame: pd.DataFrame) -> pd.DataFrame:
    """A copy as numbers whose cells are read-only. Raises ValueError or TypeError for what is not a number."""
    values = frame.to_numpy(dtype=float, copy=True)
    values.flags.writeable = False
    return pd.DataFrame(values, index=frame.index, columns=frame.columns, copy=False)
