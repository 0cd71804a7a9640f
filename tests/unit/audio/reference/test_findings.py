"""Every finding the doctor has is explained in its page."""

import re
from pathlib import Path

import ttsd.audio.reference

ROOT = Path(__file__).parents[4]


def test_the_page_explains_every_code_and_no_other():
    folder = Path(ttsd.audio.reference.__path__[0])
    sources = "".join(path.read_text() for path in folder.glob("findings*.py"))
    page = (ROOT / "docs" / "voice-doctor.md").read_text()
    assert set(re.findall(r'Finding\(\s*"(\w+)"', sources)) == set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE))
