"""What the daemon and its settings say in English is said in Chinese too, with its figures; the rest as it came."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import ttsd.audio.reference
from ttsd.client.settings import SettingsFile
from ttsd.supervisor import policy
from tui.chinese.daemon import TOLD
from tui.chinese.settings import SETTINGS
from tui.language import choose
from tui.phrasebook import choice, pattern, told

DOCTOR = Path(ttsd.audio.reference.__file__).parent
FINDINGS = ("findings.py", "findings_ears.py", "findings_sound.py", "findings_words.py", "repair.py", "mending.py")
DONE = ("repair.py", "mending.py")
"""What they say begins small."""


@pytest.fixture(autouse=True)
def _in_chinese() -> Iterator[None]:
    choose("zh")
    yield
    choose("en")


def test_every_setting_has_its_sentence_and_what_it_takes_and_nothing_is_left_over(tmp_path):
    settings = SettingsFile(tmp_path / "config.toml").settings()
    said = {setting.sentence for setting in settings}
    assert said - SETTINGS.keys() == set()
    assert SETTINGS.keys() - said == set()
    assert [one.allowed for one in settings if "number" in choice(one.allowed) or "string" in choice(one.allowed)] == []


def sentences(source: Path) -> Iterator[str]:
    """Those that a file has for a reader: strings with a space that begin large and end with a stop, or say what was
    done; each figure in them is a 7."""
    tree = ast.parse(source.read_text())
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    inner = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    specs = {id(node.format_spec) for node in ast.walk(tree) if isinstance(node, ast.FormattedValue)}
    for node in ast.walk(tree):
        if id(node) in docs | inner | specs:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        elif isinstance(node, ast.JoinedStr):
            text = "".join(part.value if isinstance(part, ast.Constant) else "7" for part in node.values)
        else:
            continue
        is_done = isinstance(node, ast.JoinedStr) and source.name in DONE
        if is_done or (text.endswith(".") and text[0].isupper() and " " in text):
            yield text


def known(text: str) -> bool:
    return any(pattern(one).fullmatch(text) for one in TOLD)


def test_every_finding_of_the_doctor_is_translated():
    said = {text for name in FINDINGS for text in sentences(DOCTOR / name)}
    assert len(said) > 30
    # Where a word of a sentence is chosen, or a clause stands apart, the source has no whole sentence to look at.
    assert {text for text in said if not known(text) and "77" not in text} - APART == set()


APART = {
    "7 the level by 7 dB",
    "Nothing is to be heard above 7 kHz, as 7.",
    "The clip 7 within a sound; a word may be cut.",
    "The transcript seems to leave out some of what is said: 7.",
    "The transcript seems to say more than the clip: 7.",
}


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        (
            "The noise is only 17 dB below the speech, and will be heard in what the voice says.",
            "噪声只比人声低 17 dB，念出来也会听到。",
        ),
        (
            "The transcript seems to leave out some of what is said: 12 syllables for 9.5 s of speech.",
            "文字似乎漏掉了一些话：9.5 秒人声只有 12 个音节。",
        ),
        ("Nothing is to be heard above 3.4 kHz, as on a telephone.", "3.4 kHz 以上什么也没有，像电话里的声音。"),
        ("The transcript is not written in German.", "文字不是用德语写的。"),
        ("raised the level by 3.5 dB", "提高了 3.5 dB 音量"),
        ("the worker was killed by SIGKILL; the next one starts in 2 s", "工作进程被 SIGKILL 终止；2 秒后启动下一个"),
        ("the worker was unloaded: uid 1000 asked for it", "模型已卸载：应 用户 1000 的要求"),
        ("the worker failed its canary: the engine spoke silence", "工作进程试念失败：引擎没有念出声音"),
        (policy.unloaded("ada asked for it"), "模型已卸载：应 ada 的要求；`ttsd model load` 重新载入"),
        ("a whole number from 0 to 64", "0 到 64 的整数"),
        ("a matter that nobody has thought of", "a matter that nobody has thought of"),
    ],
)
def test_what_is_told_keeps_its_figures(english, chinese):
    assert told(english) == chinese


def test_what_stands_in_a_place_is_no_pattern():
    assert told("no voice '{x}'; engine fake has a{0}, and `ttsd voices list` shows profiles") == (
        "没有声音 '{x}'；引擎 fake 有 a{0}，`ttsd voices list` 列出自制的声音"
    )


def test_in_english_everything_is_as_it_came():
    choose("en")
    assert told("the worker was killed by SIGKILL") == "the worker was killed by SIGKILL"
    assert choice("true or false") == "true or false"
