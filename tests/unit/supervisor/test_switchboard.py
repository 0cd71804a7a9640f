"""Utterances and the worker's numbers: who is owed sound, and where more text goes."""

from ttsd.protocol.engine import AppendText, Finished
from ttsd.supervisor.switchboard import Switchboard


def test_more_text_goes_to_the_worker_until_the_last_of_it():
    sent: list[AppendText] = []
    board = Switchboard(lambda _number: None, sent.append)
    board.open()
    utterance = board.open(more=True)
    utterance.append("One, ")
    utterance.append("two.", last=True)
    assert sent == [AppendText(2, "One, "), AppendText(2, "two.", last=True)]


def test_nobody_owes_sound_of_a_text_that_is_still_being_written():
    board = Switchboard(lambda _number: None, lambda _message: None)
    writing = board.open(more=True)
    assert board.quiet_since() is None
    whole = board.open()
    assert board.quiet_since() == whole.heard_at
    whole.heard_at += 1
    board.hear(Finished(whole.number, 0, "stop", 0.0, 0.0))
    writing.heard_at -= 1000
    writing.append("", last=True)
    assert board.quiet_since() == writing.heard_at
    assert writing.heard_at > whole.heard_at - 2, "it counts from when the text was complete"


def test_what_is_over_or_cancelled_takes_no_more_text():
    sent: list[AppendText] = []
    board = Switchboard(lambda _number: None, sent.append)
    over, cancelled = board.open(more=True), board.open(more=True)
    board.lose("the worker died")
    over.append("more")
    cancelled.cancel()
    cancelled.append("more", last=True)
    assert sent == []
