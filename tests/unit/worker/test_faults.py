"""The fault script: what applies, how often, and what cannot be read. What kills a process is tested with one."""

import threading
from pathlib import Path

import pytest

from ttsd.protocol.engine import Synthesize
from ttsd.protocol.errors import ConfigError, EngineFailed, Unavailable
from ttsd.protocol.speech import Span
from ttsd.worker.faults import Faults


@pytest.fixture
def script(tmp_path: Path) -> Path:
    return tmp_path / "faults.toml"


def test_no_script_and_a_missing_script_mean_no_faults(script: Path):
    assert Faults("").for_text("text") == ()
    assert Faults(str(script)).for_text("text") == ()


def test_a_rule_applies_to_texts_that_contain_its_match(script: Path):
    script.write_text('[[rule]]\nmatch = "boom"\nfail = "no luck"\n')
    faults = Faults(str(script))
    assert faults.for_text("calm") == ()
    assert [rule.fail for rule in faults.for_text("a boom box")] == ["no luck"]
    assert faults.for_load() == ()


def test_the_script_is_read_again_each_time(script: Path):
    faults = Faults(str(script))
    script.write_text('[[rule]]\nfail = "one"\n')
    assert faults.for_text("")[0].fail == "one"
    script.write_text('[[rule]]\nfail = "two"\n')
    assert faults.for_text("")[0].fail == "two"
    script.unlink()
    assert faults.for_text("") == ()


def test_times_are_counted_across_processes_and_per_rule(script: Path):
    script.write_text("[[rule]]\ntimes = 2\nslow_ms = 1\n[[rule]]\ntimes = 1\nslow_ms = 2\n")
    assert [len(Faults(str(script)).for_text("text")) for _ in range(4)] == [2, 1, 0, 0]
    script.write_text("[[rule]]\ntimes = 1\nslow_ms = 3\n")
    assert len(Faults(str(script)).for_text("text")) == 1


def test_rules_for_loading_stand_apart(script: Path):
    script.write_text('[[rule]]\non = "load"\nfail = "bad weights"\n')
    faults = Faults(str(script))
    assert faults.for_text("text") == ()
    assert [rule.fail for rule in faults.for_load()] == ["bad weights"]


@pytest.mark.parametrize(
    "wrong",
    ["[[rule]]\nunknown = 1", "[[rule]]\ntimes = 0", "[[rule]\n", "[[rule]]\ncrash = 1", b"\xff"],
)
def test_a_wrong_script_is_named(script: Path, wrong: str | bytes):
    script.write_bytes(wrong.encode() if isinstance(wrong, str) else wrong)
    with pytest.raises(ConfigError, match=r"faults\.toml"):
        Faults(str(script)).for_text("text")


@pytest.mark.parametrize(
    ("rule", "error"),
    [
        ('fail = "no luck"', EngineFailed),
        ('fail = "later"\nretryable = true', Unavailable),
        ('bug = "oops"', RuntimeError),
        ("oom = true", MemoryError),
    ],
)
def test_errors_are_raised(script: Path, rule: str, error: type[Exception], make_fake, speak):
    script.write_text(f"[[rule]]\nafter_chunks = 1000\n{rule}\n")
    with pytest.raises(error):
        speak(make_fake(script=str(script)), "short")


def test_chunks_before_the_fault_are_delivered(script: Path, make_fake):
    script.write_text('[[rule]]\nafter_chunks = 2\nfail = "no luck"\n')
    stream = make_fake(script=str(script)).speak(
        Synthesize(1, (Span("en", "a longer text"),), "tone"), threading.Event()
    )
    assert next(stream)
    assert next(stream)
    with pytest.raises(EngineFailed, match="no luck"):
        next(stream)
