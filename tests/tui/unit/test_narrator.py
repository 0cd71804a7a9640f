"""From what is written to what is heard."""

import asyncio
from collections.abc import Callable, Coroutine

import pytest

from ttsd.protocol.errors import BadRequest, DaemonUnreachable, Unavailable
from ttsd.protocol.speech import SAMPLE_RATE_HZ, End, Flush, Played, Replace, Start, Text
from tui import live
from tui.narrator import Narrator, Settings


class Stage:
    """Owns a narrator and runs its conversations one at a time, as the app does."""

    def __init__(self, replay, player, group: asyncio.TaskGroup) -> None:
        self.failures: list[str] = []
        self.player = player
        self._group = group
        self._task: asyncio.Task[None] | None = None
        self.narrator = Narrator(replay, player, self._launch, on_change=lambda: None, on_failure=self.failures.append)

    def _launch(self, conversation: Callable[[], Coroutine[None, None, None]]) -> None:
        self.end()
        self._task = self._group.create_task(conversation())

    def end(self) -> None:
        if self._task:
            self._task.cancel()


@pytest.fixture
async def stage(replay, quiet_player):
    async with asyncio.TaskGroup() as group:
        stage = Stage(replay, quiet_player(), group)
        yield stage
        stage.end()


def spoken(replay) -> list[object]:
    return [message for message in replay.said if not isinstance(message, Played)]


async def test_letters_become_one_session_and_its_take(stage, replay, until):
    for length in range(1, 13):
        stage.narrator.write("Hello there. "[:length])
    stage.narrator.write("Hello there. ")

    await until(lambda: stage.narrator.take.samples)

    assert spoken(replay)[0] == Start()
    assert "".join(message.text for message in spoken(replay)[1:]) == "Hello there. "
    assert [phrase.text for phrase in stage.narrator.take.phrases] == ["Hello there."]
    assert stage.narrator.recording.samples == stage.narrator.take.samples
    assert stage.narrator.take.first_sound_ms is not None


async def test_an_edit_takes_the_sound_back_and_only_the_rest_is_spoken_again(stage, replay, until):
    stage.narrator.write("One. Tow. ")
    await until(lambda: len(stage.narrator.take.phrases) == 2)
    first = stage.narrator.take.phrases[1].start

    stage.narrator.write("One. Two. ")
    await until(lambda: [phrase.text for phrase in stage.narrator.take.phrases] == ["One.", "Two."])

    assert spoken(replay)[-1] == Replace(1, "Two. ")
    assert stage.narrator.take.phrases[1].start == first
    assert stage.narrator.recording.samples == stage.player._reel.end


async def test_what_is_heard_is_reported(stage, replay, until):
    stage.narrator.write("Hello there. ")
    await until(lambda: stage.narrator.take.samples)

    stage.player.hear(0.5)

    await until(lambda: Played(SAMPLE_RATE_HZ // 2) in replay.said)
    assert stage.narrator.hearing == 0


async def test_stop_is_silence_and_forgets_nothing_that_was_written(stage, replay, until):
    stage.narrator.write("One. Two. ")
    await until(lambda: stage.narrator.take.samples)
    samples = stage.narrator.take.samples
    stage.player.hear(0.1)

    stage.narrator.stop()

    assert not stage.player.playing
    assert not stage.narrator.take.active
    assert stage.narrator.recording.samples == samples
    stage.narrator.write("One. Two. Three. ")
    await until(lambda: stage.narrator.take.samples)
    assert spoken(replay)[-2:] == [Start(), Text("Three. ")]


async def test_speaking_all_begins_a_new_take(stage, replay, until):
    stage.narrator.read("One. Two.", more=False)

    await until(lambda: not stage.narrator.take.active)

    assert spoken(replay) == [Start(), Text("One. Two."), End()]
    assert [phrase.text for phrase in stage.narrator.take.phrases] == ["One.", "Two."]
    assert stage.narrator.take.number == 1


async def test_while_typing_goes_on_speaking_all_leaves_the_session_open(stage, replay, until):
    stage.narrator.read("One.", more=True)
    await until(lambda: stage.narrator.take.samples)

    stage.narrator.write("One. Two. ")

    await until(lambda: len(stage.narrator.take.phrases) == 2)
    assert spoken(replay) == [Start(), Text("One."), Flush(), Text(" Two. ")]


async def test_another_voice_counts_from_the_next_words_on(stage, replay, until):
    stage.narrator.write("One. ")
    await until(lambda: stage.narrator.take.samples)

    stage.narrator.change(Settings(voice="sky", language="en"))
    stage.narrator.write("One. Two. ")

    await until(lambda: Text("Two. ") in replay.said)
    assert spoken(replay)[-2:] == [Start(voice="sky", language="en"), Text("Two. ")]


async def test_text_that_is_passed_over_is_not_spoken(stage, replay):
    stage.narrator.pass_over("Read silently. ")
    stage.narrator.write("Read silently. ")
    stage.narrator.write("Read silently.")

    assert replay.said == []


async def test_a_refused_session_is_told_once_and_the_next_words_try_again(stage, replay, until):
    replay.refuses = BadRequest("there is no voice like that")
    stage.narrator.write("One. ")
    await until(lambda: stage.failures)
    assert stage.failures == ["there is no voice like that"]
    assert stage.narrator.take.error == "there is no voice like that"

    replay.refuses = None
    stage.narrator.write("One. Two. ")

    await until(lambda: stage.narrator.take.samples)
    assert spoken(replay)[-1] == Text("Two. ")


async def test_a_daemon_that_is_gone_is_the_connections_news(stage, replay, until):
    replay.refuses = DaemonUnreachable("no daemon answers")
    stage.narrator.write("One. ")

    await until(lambda: not stage.narrator.take.active)

    assert stage.failures == []
    assert stage.narrator.take.error == "no daemon answers"


async def test_a_connection_that_breaks_keeps_the_take(stage, replay, until):
    stage.narrator.write("One. ")
    await until(lambda: stage.narrator.take.samples)

    replay.lives[0]._out.put_nowait(Unavailable("the connection was lost"))

    await until(lambda: not stage.narrator.take.active)
    assert stage.narrator.take.samples
    assert stage.failures == ["the connection was lost"]


async def test_a_session_left_alone_ends_once_all_was_heard(stage, replay, until, monkeypatch):
    monkeypatch.setattr(live, "END_AFTER_S", 0.3)
    stage.narrator.write("One. ")
    await until(lambda: stage.narrator.take.samples)
    await asyncio.sleep(0.6)
    assert End() not in replay.said

    stage.player.hear(60)

    await until(lambda: not stage.narrator.take.active)
    assert spoken(replay)[-1] == End()


async def test_without_a_device_everything_counts_as_played(replay, quiet_player, until):
    async with asyncio.TaskGroup() as group:
        stage = Stage(replay, quiet_player(device=False), group)
        stage.player.start()
        stage.narrator.write("Hello there. ")
        await until(lambda: stage.narrator.take.samples)

        await until(lambda: Played(stage.narrator.take.samples) in replay.said)
        assert not stage.player.playing
        stage.end()
