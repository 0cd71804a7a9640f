"""Slots: how requests are taken, answered and counted."""

import queue
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ttsd.protocol.engine import Chunk, Failed, Finished, Synthesize, WorkerLog
from ttsd.protocol.speech import Span
from ttsd.worker.fake import CHARACTER_SAMPLES
from ttsd.worker.slots import CHUNK_BYTES, DaemonGone, Slots

MakeSlots = Callable[..., Slots]


def request(number: int, text: str = "text") -> Synthesize:
    return Synthesize(number, (Span("en", text),), "tone")


class Said:
    """What the slots send, in order."""

    def __init__(self) -> None:
        self.messages: queue.Queue[object] = queue.Queue()

    def until(self, *kinds: type) -> list[object]:
        """Everything up to the first message of one of `kinds`."""
        found = [self.messages.get(timeout=10)]
        while not isinstance(found[-1], kinds):
            found.append(self.messages.get(timeout=10))
        return found


@pytest.fixture
def said() -> Said:
    return Said()


@pytest.fixture
def make_slots(make_fake, said: Said) -> Iterator[MakeSlots]:
    made: list[Slots] = []

    def make(
        *, send=said.messages.put, on_memory_error=lambda: None, on_device_lost=lambda _said: None, **settings
    ) -> Slots:
        made.append(Slots(make_fake(**settings), send, on_memory_error, on_device_lost))
        return made[-1]

    yield make
    assert all(slots.stop(10) for slots in made)


def test_a_request_is_answered_by_chunks_and_one_finished(make_slots: MakeSlots, said: Said):
    make_slots().take(request(7, "a longer text"))
    *chunks, finished = said.until(Finished)
    assert all(isinstance(c, Chunk) and c.id == 7 and 0 < len(c.pcm) <= CHUNK_BYTES for c in chunks)
    assert isinstance(finished, Finished)
    assert (finished.id, finished.reason) == (7, "stop")
    assert finished.samples == 13 * CHARACTER_SAMPLES == sum(len(c.pcm) for c in chunks) // 2
    assert 0 < finished.first_chunk_ms <= finished.work_ms


def test_work_is_counted(make_slots: MakeSlots, said: Said):
    slots = make_slots()
    slots.take(request(1))
    said.until(Finished)
    stats = slots.stats(123)
    assert (stats.busy_slots, stats.rss_bytes, stats.spoken_samples) == (0, 123, 4 * CHARACTER_SAMPLES)
    assert stats.work_s > 0


def test_beyond_its_slots_it_is_busy(make_slots: MakeSlots, said: Said):
    slots = make_slots(slots=2, rtf=1000)
    for number in range(3):
        slots.take(request(number))
    (refused,) = said.until(Failed)
    assert refused.id == 2
    assert (refused.error.code, refused.error.retryable) == ("busy", True)
    assert slots.stats(0).busy_slots == 2


def test_a_slot_is_free_when_its_last_word_is_sent(make_slots: MakeSlots, said: Said):
    """The daemon answers `Finished` with the next request at once: it must never find the slot taken."""
    slots: Slots

    def send(message: object) -> None:
        said.messages.put(message)
        if isinstance(message, Finished) and message.id < 50:
            slots.take(request(message.id + 1))

    slots = make_slots(slots=1, send=send)
    slots.take(request(0))
    finished = [said.until(Finished, Failed)[-1] for _ in range(51)]
    assert [f.id for f in finished if isinstance(f, Finished)] == list(range(51))


def test_a_cancelled_request_is_finished_as_cancelled(make_slots: MakeSlots, said: Said):
    slots = make_slots(rtf=0.5)
    slots.take(request(1, "x" * 10_000))
    said.until(Chunk)
    slots.cancel(1)
    finished = said.until(Finished)[-1]
    assert isinstance(finished, Finished)
    assert finished.reason == "cancelled"
    slots.cancel(1)
    slots.cancel(99)


def test_an_error_of_the_engine_goes_out_as_it_is(make_slots: MakeSlots, said: Said):
    make_slots().take(request(1, " "))
    (failed,) = said.until(Failed)
    assert (failed.id, failed.error.code) == (1, "nothing_to_say")


def test_a_bug_fails_the_request_with_its_traceback_in_the_log(make_slots: MakeSlots, said: Said, tmp_path: Path):
    script = tmp_path / "faults.toml"
    script.write_text('[[rule]]\nmatch = "boom"\nbug = "oops"\n')
    slots = make_slots(script=str(script))
    slots.take(request(1, "boom"))
    log, failed = said.until(Failed)
    assert isinstance(log, WorkerLog)
    assert "Traceback" in str(log.fields["traceback"])
    assert failed.error.code == "engine_failed"
    assert failed.error.message == "the engine failed: RuntimeError: oops"
    slots.take(request(2, "calm"))
    assert isinstance(said.until(Finished)[-1], Finished)


def test_out_of_memory_is_told_to_the_process(make_slots: MakeSlots, said: Said, tmp_path: Path):
    script = tmp_path / "faults.toml"
    script.write_text("[[rule]]\noom = true\n")
    make_slots(script=str(script), on_memory_error=lambda: said.messages.put(MemoryError())).take(request(1))
    assert isinstance(said.messages.get(timeout=10), MemoryError)


def test_when_the_daemon_is_gone_threads_end_by_themselves(make_slots: MakeSlots):
    def send(message: object) -> None:
        raise DaemonGone

    slots = make_slots(slots=1, send=send)
    slots.take(request(1))
    slots._threads[0].join(10)
    assert not slots._threads[0].is_alive()


def test_stopping_cancels_and_tells_when_a_thread_hangs(make_fake, said: Said, tmp_path: Path):
    script = tmp_path / "faults.toml"
    script.write_text('[[rule]]\nmatch = "stuck"\nhang = true\n')
    slots = Slots(make_fake(script=str(script), slots=2, rtf=1000), said.messages.put, lambda: None, lambda _said: None)
    slots.take(request(1, "slow"))
    slots.take(request(2, "stuck"))
    assert not slots.stop(0.2)
    finished = said.until(Finished)[-1]
    assert isinstance(finished, Finished)
    assert (finished.id, finished.reason) == (1, "cancelled")
