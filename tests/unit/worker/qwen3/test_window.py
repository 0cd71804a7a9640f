"""The model without a daemon: text in pieces, and what cannot be asked for."""

import sys

import pytest

from tests.oracle.cases import TRANSCRIPT, write_clip
from ttsd.worker.qwen3 import window


@pytest.fixture
def audio(tmp_path):
    return write_clip(tmp_path / "me.wav")


@pytest.fixture
def codes(tiny, audio, monkeypatch, capsys):
    """`codes("--text=…")` is what the program prints with that clip; SystemExit says why it does not."""

    def run(*arguments):
        line = ["window", "codes", f"--audio={audio}", *arguments, f"--model={tiny}", "--device=cpu"]
        monkeypatch.setattr(sys, "argv", line)
        window.main()
        return capsys.readouterr().out

    return run


@pytest.mark.parametrize("seed", [5, 6, 7])
def test_text_that_comes_in_pieces_gives_the_codes_of_the_whole(codes, seed):
    ask = ("--mode=xvector", "--text=Hello there, you.", "--max-frames=60", "--json")
    whole = codes(*ask)
    assert '"codes"' in whole
    assert codes(*ask, f"--live={seed}") == whole


def test_what_does_not_go_together_is_refused(codes):
    with pytest.raises(SystemExit, match="ttsd: --live is for --mode xvector"):
        codes("--text=Hello.", f"--transcript={TRANSCRIPT}", "--live=1")
    with pytest.raises(SystemExit, match=r"^ttsd: .* --transcript"):
        codes("--text=Hello.")
