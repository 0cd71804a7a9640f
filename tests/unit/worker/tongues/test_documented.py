"""`docs/voices.md` has the voices that there are."""

from pathlib import Path

from ttsd.worker.tongues.catalogue import VOICES

DOCS = Path(__file__).parents[4] / "docs/voices.md"


def table() -> str:
    languages: dict[str, dict[str, None]] = {}
    for voice in VOICES:
        languages.setdefault(voice.name, {}).update(dict.fromkeys(voice.languages))
    described = {voice.name: voice.description for voice in VOICES}
    rows = [f"| `{name}` | {described[name]} | {' '.join(spoken)} |" for name, spoken in languages.items()]
    return "\n".join(["| voice | | speaks, its own language first |", "|---|---|---|", *rows]) + "\n\n"


def test_the_table_of_voices_is_the_catalogue():
    assert table() in DOCS.read_text()
