"""What `/metrics` shows, in one place, with units in the names and bounded label sets."""

from ttsd.metrics.registry import Metrics
from ttsd.metrics.usage import UsageTotals

__all__ = ["Metrics", "UsageTotals"]
