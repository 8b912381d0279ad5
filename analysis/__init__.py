"""What leaving a platform does to a brand's engagement and service volume."""

from analysis.core.case_loading import load_case
from analysis.core.effect import Effect, Interval
from analysis.core.panel import Panel
from analysis.core.windows import Windows
from analysis.estimators import estimate

__all__ = ["Effect", "Interval", "Panel", "Windows", "estimate", "load_case"]
