"""From what is written to what is heard."""

import asyncio
from collections.abc import Callable, Coroutine

import pytest

from tests.tui.house import hum
from ttsd.protocol.errors import BadRequest, DaemonUnreachable, Stopping, Unavailable
from ttsd.protocol.speech import SAMPLE_RATE_HZ, End, Flush, Played, Replace, Start, Text
from tui import amends, live
from tui.narrator import Narrator
from tui.settings import Settings


class Stage:
    """Owns a narrator and runs its conversations one at a time, as the app does."""

    def __init__(self, replay, player, group: asyncio.TaskGroup) -> None:
        self.now_s = 100.0
        self.failures: list[str] = []
        self.player = player
        self._group = group
        self._task: asyncio.Task[None] | None = None
        self.narrator = Narrator(
            replay,
            player,
            self._launch,
            on_change=lambda: None,
            on_failure=self.failures.append,
            now=lambda: self.now_s,
        )

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
    assert stage.narrator.recording.samples == stage.player.reel.end


async def test_what_is_heard_is_reported(stage, replay, until):
    stage.narrator.write("Hello there. ")
    await until(lambda: stage.narrator.take.samples)

    stage.player.hear(0.5)

    await until(lambda: Played(SAMPLE_RATE_HZ // 2) in replay.said)
    assert stage.narrator.rendition.hearing == 0


async def test_work_is_the_time_from_the_last_sound_or_from_the_text_whichever_is_later(stage, replay, until):
    stage.narrator.write("Hello there")
    stage.now_s += 5
    stage.narrator.write("Hello there. ")
    stage.now_s += 0.4
    await until(lambda: stage.narrator.take.samples)
    first = stage.narrator.take
    stage.now_s += 7
    stage.narrator.write("Hello there. Again. ")
    stage.now_s += 0.2
    await until(lambda: len(stage.narrator.take.phrases) == 2 and stage.narrator.take.samples > first.samples)

    assert (round(first.first_sound_ms), round(first.work_s, 6)) == (400, 0.4)
    assert round(stage.narrator.take.work_s, 6) == 0.6
    assert stage.narrator.take.worked_samples == stage.narrator.take.samples


async def test_what_comes_late_within_a_phrase_is_a_gap(stage, replay, until):
    stage.player.start()
    stage.narrator.write("Hello there. ")
    await until(lambda: stage.narrator.take.samples)
    end = stage.narrator.take.samples
    stage.player.hear(60)
    stage.player._head._dry_at = end

    replay.lives[0]._out.put_nowait(b"\0\0" * 2400)

    await until(lambda: stage.narrator.take.samples > end)
    assert stage.narrator.take.underruns == 1


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


async def test_what_goes_wrong_with_each_phrase_alike_is_told_once(stage, replay, until):
    stage.narrator.write("One. ")
    await until(lambda: stage.narrator.take.samples)
    for message in ("it cannot clone", "it cannot clone", "it is too long"):
        replay.lives[-1].fails(message)
    await until(lambda: len(stage.failures) == 2)
    assert stage.failures == ["it cannot clone", "it is too long"]


async def test_a_daemon_that_is_gone_is_the_connections_news(stage, replay, until):
    replay.refuses = DaemonUnreachable("no daemon answers")
    stage.narrator.write("One. ")

    await until(lambda: not stage.narrator.take.active)

    assert stage.failures == []
    assert stage.narrator.take.error == "no daemon answers"

    stage.narrator.connected()
    assert stage.narrator.take.error == ""


async def test_a_connection_that_breaks_keeps_the_take_and_is_told_when_it_breaks_again(
    stage, replay, until, monkeypatch
):
    monkeypatch.setattr(amends, "AGAIN_S", 0.0)
    stage.narrator.write("One. ")
    await until(lambda: stage.narrator.take.samples)

    replay.lives[0]._out.put_nowait(Unavailable("the connection was lost"))

    await until(lambda: not stage.narrator.take.active)
    assert stage.narrator.take.samples
    assert stage.failures == []
    replay.refuses = Unavailable("it does not speak WebSocket")
    stage.player.hear(60)
    await until(lambda: stage.failures == ["it does not speak WebSocket"])


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


# --- a daemon that is away ---


async def test_what_is_typed_while_the_daemon_is_away_is_spoken_when_it_is_back(stage, replay, until):
    replay.sounds_like = lambda phrase: hum(0.3) + bytes(SAMPLE_RATE_HZ)
    stage.narrator.write("One. ")
    await until(lambda: stage.narrator.take.samples)
    stage.player.hear(60)
    stage.narrator.disconnected()
    replay.lives[0]._out.put_nowait(Stopping("the daemon has closed the session"))
    await until(lambda: not stage.narrator.take.active)

    for text in ("One. T", "One. Tow. ", "One. Two. ", "One. Two. Three. "):
        stage.narrator.write(text)
    assert (stage.narrator.owing, stage.narrator.script.pending, len(replay.lives)) == (True, "Two. Three. ", 1)
    assert stage.failures == []

    stage.narrator.connected()
    await until(lambda: [phrase.text for phrase in stage.narrator.take.phrases] == ["Two.", "Three."])
    assert (spoken(replay)[-1], stage.narrator.owing) == (Text("Two. Three. "), False)


async def test_a_phrase_that_broke_off_is_owed_whole_and_spoken_after_what_is_still_to_hear(stage, replay, until):
    stage.player.start()
    stage.narrator.write("One. Two. Three. Fo")
    await until(lambda: len(stage.narrator.take.phrases) == 3 and stage.narrator.take.samples)
    take = stage.narrator.take
    replay.lives[0]._out.put_nowait(Stopping("the daemon has closed the session"))
    stage.narrator.disconnected()
    await until(lambda: stage.narrator.owing)
    assert stage.narrator.script.sent == "Three. Fo"

    stage.narrator.connected()
    stage.player.hear(0.1)
    assert stage.narrator.take.number == take.number
    stage.player.hear(60)

    await until(lambda: stage.narrator.take.number == take.number + 1)
    await until(lambda: Text("Three. Fo") in replay.said)


async def test_what_is_owed_can_be_left(stage, replay):
    stage.narrator.disconnected()
    stage.narrator.write("One. ")
    stage.narrator.stop()
    assert not stage.narrator.owing

    stage.narrator.connected()
    stage.narrator.write("One. ")
    assert replay.said == []


async def test_what_was_taken_away_again_is_not_owed(stage, replay):
    stage.narrator.disconnected()
    stage.narrator.write("One. ")
    stage.narrator.write("")
    assert not stage.narrator.owing


async def test_a_whole_text_that_was_asked_for_is_read_when_the_daemon_is_back(stage, replay, until):
    stage.narrator.disconnected()
    stage.narrator.read("One. Two. ", more=False)
    stage.narrator.pass_over("One. Two. And more, silently. ")
    stage.narrator.connected()

    await until(lambda: End() in replay.said)
    assert spoken(replay) == [Start(), Text("One. Two. "), End()]


async def test_a_take_from_before_is_owed_to_nobody(stage, replay, until):
    replay.refuses = DaemonUnreachable("no daemon answers")
    stage.narrator.disconnected()
    stage.narrator.read("One. Two. ", more=False, settings=Settings("sky"))
    await until(lambda: not stage.narrator.take.active)
    assert not stage.narrator.owing


async def test_a_session_that_notices_late_that_the_daemon_was_gone_is_made_good_too(stage, replay, until, monkeypatch):
    monkeypatch.setattr(amends, "AGAIN_S", 0.0)
    stage.narrator.write("One. ")
    stage.narrator.disconnected()
    stage.narrator.connected()
    await until(lambda: stage.narrator.take.samples)
    stage.player.hear(0.1)

    replay.lives[0]._out.put_nowait(Unavailable("the connection was cut short"))
    await until(lambda: stage.narrator.owing)
    stage.player.hear(60)

    await until(lambda: len(replay.lives) == 2 and Text("One. ") in replay.said[2:])
