"""What PyTorch's libraries are told by the environment. They read it once, as they are loaded."""

import os
from typing import Final

TUNING: Final = {
    # How often OpenMP's threads look for work before they sleep. As it comes, that takes a millisecond of CPU after
    # each product; where another program runs too, a frame then takes up to five times as long.
    "GOMP_SPINCOUNT": "10000",
}


def tune() -> None:
    """Before PyTorch is imported; what the user has set stays."""
    for name, value in TUNING.items():
        os.environ.setdefault(name, value)
