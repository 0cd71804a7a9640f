"""Settings at the top of a file."""

import pytest

from ttsd.ingest.frontmatter import split
from ttsd.protocol.errors import BadRequest
from ttsd.protocol.prep import FrontMatter
from ttsd.protocol.speech import Style

FULL = """+++
voice = "heart"
language = "German"
format = "flac"
speed = 1
seed = 7
style = { clarity = 80, emotion = 10 }
captions = "both"
title = "Ein Titel"
code = "read"
+++
Text.
"""


def test_every_setting_is_read():
    found, text = split(FULL)
    assert found == FrontMatter("heart", "de", "flac", 1.0, 7, Style(80, None, 10), "both", "Ein Titel", "read")
    assert text == "Text.\n"


@pytest.mark.parametrize(
    "text", ["Plain.", "++ no +++", "text\n+++\nseed = 1\n+++\n", "+++ a line", "--- \nnot closed"]
)
def test_text_without_front_matter_is_left_as_it_is(text):
    assert split(text) == (FrontMatter(), text)


@pytest.mark.parametrize(
    "text", ["+++\n+++\nText.", "\n\n+++  \r\nseed = 7\r\n+++\r\nText.", "+++\n# nothing\n+++\nText."]
)
def test_line_ends_and_spaces_do_not_matter(text):
    assert split(text)[1] == "Text."


def test_metadata_of_other_programs_is_not_read_aloud():
    assert split('---\ntitle: "x"\ntags:\n  - a\n- b\n# c\n---\nText.') == (FrontMatter(), "Text.")


def test_a_rule_is_not_metadata():
    text = "---\nOnce upon a time.\n---\nText."
    assert split(text) == (FrontMatter(), text)


@pytest.mark.parametrize(
    ("toml", "says"),
    [
        ("spede = 1", "unknown key 'spede'; there are voice, language, format, speed"),
        ("speed = 9", "speed = 9: must be a number from 0.5 to 2.0"),
        ("speed = 'fast'", "speed = 'fast': must be a number"),
        ("seed = -1", "seed = -1: must be a whole number"),
        ("seed = 1.5", "seed = 1.5: must be a whole number"),
        ("language = 'klingon'", "language = 'klingon': must be auto, zh, en"),
        ("language = 3", "language = 3: must be auto"),
        ("voice = '../x'", "voice = '../x': must be a voice's name"),
        ("format = 'mp4'", "format = 'mp4': must be wav or pcm or flac or mp3 or opus or m4a or m4b"),
        ("captions = 'ssa'", "captions = 'ssa': must be none or srt or vtt or both"),
        ("code = true", "code = True: must be skip or read"),
        ("title = ['a']", "title = ['a']: must be a string"),
        ("seed = ", "not valid TOML"),
        ("seed = 1\nseed = 2", "not valid TOML"),
    ],
)
def test_an_error_names_key_value_and_what_is_allowed(toml, says):
    with pytest.raises(BadRequest) as caught:
        split(f"+++\n{toml}\n+++\nText.")
    assert says in caught.value.message
    assert caught.value.message.startswith("front matter: ")
    assert caught.value.param


def test_an_open_end_is_an_error():
    with pytest.raises(BadRequest, match="not closed"):
        split("+++\nseed = 7\n\nText.")
