"""What the app says has a Chinese text, with the same places for values; nothing in the catalogue is left over."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import tui
from tui.chinese import CATALOGUES, CHINESE
from tui.language import choose, chosen, of_locale, t
from tui.words import age, counted, language

ROOT = Path(tui.__file__).parent
PLACES = re.compile(r"\{[a-z_]*(?::[^}]*)?\}")


def texts(source: Path) -> Iterator[str]:
    """The arguments of `t` and `later`, and what bindings say of their keys."""
    for node in ast.walk(ast.parse(source.read_text())):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        said = node.args[:1] if name in ("t", "later") else []
        if name == "Binding":
            said = [*node.args[2:3], *(word.value for word in node.keywords if word.arg in ("description", "tooltip"))]
        if name == "early_key" and len(node.args) == 5:
            said = [node.args[2], node.args[4]]
        yield from (part.value for part in said if isinstance(part, ast.Constant) and part.value)


SAID = {text for source in ROOT.rglob("*.py") for text in texts(source)} - {""}


@pytest.fixture
def in_chinese() -> Iterator[None]:
    choose("zh")
    yield
    choose("en")


def test_everything_said_is_translated_and_nothing_else_is():
    from ttsd.protocol.speech import LANGUAGES
    from ttsd.protocol.xid import UNKNOWN, XIDS

    said = SAID | {name.capitalize() for name in LANGUAGES.values()}
    said |= {meant.sentence for meant in (*XIDS.values(), UNKNOWN)}
    assert said - CHINESE.keys() == set()
    assert CHINESE.keys() - said == set()


def test_a_text_that_two_pages_say_has_one_translation():
    for texts_of_page in CATALOGUES:
        for english, chinese in texts_of_page.items():
            assert CHINESE[english] == chinese, english


@pytest.mark.parametrize("english", sorted(CHINESE))
def test_values_have_the_same_places(english):
    assert sorted(PLACES.findall(CHINESE[english])) == sorted(PLACES.findall(english))


def test_texts_are_said_in_the_language_chosen(in_chinese):
    assert chosen() == "zh"
    assert (t("Jobs"), counted(3, "job"), age(0), language("en")) == ("任务", "3 个任务", "刚刚", "英语")
    assert t("Looked for it at {socket}", socket="/tmp/{x}") == "在 /tmp/{x} 找过它"


def test_english_is_what_stands_in_the_code():
    assert (chosen(), t("Jobs"), counted(3, "job"), counted(1, "job")) == ("en", "Jobs", "3 jobs", "1 job")


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "en_GB.UTF-8", "LC_MESSAGES": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "de_DE.UTF-8", "LANGUAGE": "zh_CN:de"}, "zh"),
        ({"LANG": "C", "LANGUAGE": "zh"}, "en"),
        ({"LANG": "zh_TW.UTF-8", "LANGUAGE": "en"}, "en"),
        ({}, "en"),
    ],
)
def test_the_locale_chooses(environ, expected):
    assert of_locale(environ) == expected
