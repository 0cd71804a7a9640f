"""Write `docs/openapi.json`, what `GET /v1/openapi.json` answers: `python docs/openapi.py`."""

from pathlib import Path
from typing import Final

from ttsd.api.openapi import encoded

TARGET: Final = Path(__file__).with_name("openapi.json")


if __name__ == "__main__":
    TARGET.write_bytes(encoded())
    print(f"{TARGET} is written")
