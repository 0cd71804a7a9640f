"""Number words that agree in gender and case, where libraries fall short (`docs/text.md` has the figures)."""

from typing import Final

LIMIT: Final = 10**15
"""Whole numbers are said in words below it, figure by figure from it on; libraries compute with floats."""
