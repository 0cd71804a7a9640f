"""A live session without its connection: what is said, taken back, and counted."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ttsd.jobs.live import LiveSession, Speak, whole_words
from ttsd.jobs.outbox import Outbox, Sound
from ttsd.protocol.errors import BadRequest, NothingToSay
from ttsd.protocol.speech import (
    Cancel,
    ClientMessage,
    Commit,
    End,
    Ended,
    Flush,
    Played,
    Replace,
    Retracted,
    SegmentStarted,
    SpeakError,
    Text,
)


async def say(text: str) -> AsyncGenerator[bytes]:
    """A sample a letter; nothing for what has no letters."""
    if not any(map(str.isalnum, text)):
        raise NothingToSay("nothing")
    for letter in text:
        await asyncio.sleep(0)
        yield ord(letter).to_bytes(2, "little")


class Listener:
    """A client that believes what it is told: what it would play, and the texts it would show."""

    def __init__(self) -> None:
        self.stream = b""
        self.texts: list[str] = []
        self.starts: list[int] = []
        self.errors: list[str] = []
        self.ended: list[Ended] = []

    def hear(self, item: object) -> None:
        match item:
            case Sound(index=index, pcm=pcm):
                assert index == len(self.texts) - 1
                self.stream += pcm
            case SegmentStarted(index=index, text=text, start_sample=start):
                assert index == len(self.texts)
                assert start * 2 == len(self.stream)
                self.texts.append(text)
                self.starts.append(start)
            case Retracted(from_segment=index):
                if index < len(self.texts):
                    self.stream = self.stream[: self.starts[index] * 2]
                    del self.texts[index:], self.starts[index:]
            case SpeakError(code=code):
                self.errors.append(code)
            case Ended():
                assert item.samples * 2 == len(self.stream)
                self.ended.append(item)
            case _:
                raise AssertionError(item)


async def listen(session: LiveSession, listener: Listener) -> None:
    while (item := await session.outbox.take()) is not None:
        listener.hear(item)


def noting(asked: list[str]) -> Speak:
    """`say` that notes in `asked` what it is to say."""

    async def speak(text: str) -> AsyncGenerator[bytes]:
        asked.append(text)
        async for chunk in say(text):
            yield chunk

    return speak


@contextlib.asynccontextmanager
async def talking(speak: Speak) -> AsyncGenerator[tuple[LiveSession, Listener]]:
    """A session under way and who hears it; at the end all is heard, so the session has to be ended within."""
    session, listener = LiveSession(speak, 10_000), Listener()
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        group.create_task(session.run())
        group.create_task(listen(session, listener))
        yield session, listener


async def after(*messages: ClientMessage, between: int = 0) -> Listener:
    """What a client hears that says `messages`, with so many turns of the loop between them, and then ends."""
    async with talking(say) as (session, listener):
        for message in messages:
            session.hear(message)
            for _ in range(between):
                await asyncio.sleep(0)
        session.hear(End())
    return listener


def heard(listener: Listener) -> str:
    return listener.stream.decode("utf-16-le")


async def test_all_text_is_spoken_in_order():
    listener = await after(Text("One. "), Text("Two, three and "), Text("four. Five"))
    assert heard(listener) == "One. Two, three and four. Five"
    assert "".join(listener.texts) == heard(listener)


async def test_ending_twice_or_with_nothing_is_no_trouble():
    assert (await after(End())).ended == [Ended(0)]


async def test_nothing_to_say_is_told_once():
    listener = await after(Text("... ..."))
    assert listener.errors == ["nothing_to_say"]
    assert (await after(Text("Well. ... !"))).errors == []


@pytest.mark.parametrize("between", [0, 1, 3, 30])
async def test_replace_at_any_moment(between: int):
    listener = await after(Text("One.\nTwo.\nThree.\n"), Replace(1, "2.\n"), Text("3.\n"), between=between)
    assert heard(listener) == "One.\n2.\n3.\n"


async def test_only_what_was_replaced_is_made_anew():
    """Sound that was made before it is kept, and what comes after is made for the first time."""
    asked: list[str] = []
    async with talking(noting(asked)) as (session, listener):
        session.hear(Text("One.\nTwo.\nThr"))
        while heard(listener) != "One.\nTwo.\n":
            await asyncio.sleep(0)
        kept = listener.stream[: listener.starts[1] * 2]
        session.hear(Replace(1, "2.\nThree.\n"))
        session.hear(End())
    assert asked == ["One.\n", "Two.\n", "2.\n", "Three.\n"]
    assert listener.stream.startswith(kept)
    assert heard(listener) == "One.\n2.\nThree.\n"


async def test_a_correction_before_the_commit_is_free():
    """`from_segment` is how many there are: only text that nobody has begun to speak is taken back."""
    asked: list[str] = []
    async with talking(noting(asked)) as (session, listener):
        session.hear(Text("One.\nTow and"))
        while len(listener.stream) < 4:
            await asyncio.sleep(0)
        session.hear(Replace(1, "Too a"))
        session.hear(Replace(1, "Two and thr"))
        session.hear(Text("ee"))
        session.hear(End())
    assert asked == ["One.\n", "Two and three"]
    assert heard(listener) == "One.\nTwo and three"


@pytest.mark.parametrize(("commit", "phrases"), [("line", 1), ("sentence", 2), ("clause", 3), ("word", 7)])
async def test_the_client_chooses_how_much_is_spoken_at_once(commit: Commit, phrases: int):
    text = "Today, after lunch, we met. Then they left\n"
    session, listener = LiveSession(say, 10_000, commit), Listener()
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        group.create_task(session.run())
        group.create_task(listen(session, listener))
        session.hear(Text(text))
        session.hear(End())
    assert len(listener.texts) == phrases
    assert heard(listener) == text


@pytest.mark.parametrize(
    ("commit", "text", "spoken"),
    [
        ("clause", "Well, I thi", ["Well, I ", "thi"]),
        ("word", "今天 OK", ["今天 ", "OK"]),
        ("clause", "今天kaihui", ["今天"]),
        ("sentence", "Well, I thi", []),
        ("line", "Well. I thi", []),
    ],
)
async def test_what_a_pause_in_typing_lets_out(monkeypatch: pytest.MonkeyPatch, commit: Commit, text: str, spoken):
    """Whole words, then the rest; letters typed right after Chinese wait, and so do sentences and lines if chosen."""
    monkeypatch.setattr("ttsd.jobs.live.WORDS_S", 0.0)
    monkeypatch.setattr("ttsd.jobs.live.REST_S", 0.0)
    session, listener = LiveSession(say, 10_000, commit), Listener()
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        group.create_task(session.run())
        group.create_task(listen(session, listener))
        session.hear(Text(text))
        for _ in range(60):
            await asyncio.sleep(0)
        assert listener.texts == spoken
        session.hear(End())
    assert heard(listener) == text


async def test_replace_takes_the_unfinished_phrase_along():
    listener = await after(Text("One.\nTw"), Replace(1, "Two"))
    assert heard(listener) == "One.\nTwo"


async def test_replace_of_everything():
    assert heard(await after(Text("One.\nTwo.\n"), Replace(0, "Three"), between=5)) == "Three"


async def test_replace_after_the_end_is_spoken_too():
    listener = await after(Text("One.\n"), End(), Replace(0, "Two"))
    assert heard(listener) == "Two"


async def test_text_after_the_end_is_refused_and_cancel_opens_the_session_again():
    session = LiveSession(say, 100)
    session.hear(Text("One"))
    session.hear(End())
    with pytest.raises(BadRequest, match="ended"):
        session.hear(Text("Two"))
    session.hear(Cancel())
    session.hear(Text("Three"))


@pytest.mark.parametrize("between", [0, 1, 3, 30])
async def test_cancel_at_any_moment(between: int):
    listener = await after(Text("One.\nTwo.\n"), Cancel(), Text("Three"), between=between)
    assert [ended.reason for ended in listener.ended] == ["cancel", "end"]
    assert heard(listener).endswith("Three")
    assert "One.\nTwo.\n".startswith(heard(listener).removesuffix("Three"))


words = st.sampled_from(["One. ", "two ", "three, ", "four\n", "!? ", "Dr. ", "x"])
messages = st.one_of(
    st.builds(Text, words),
    st.just(Flush()),
    st.just(Cancel()),
    st.builds(Played, st.integers(0, 100)),
    st.builds(Replace, st.integers(0, 4), words),
)


@settings(max_examples=60, deadline=None)
@given(script=st.lists(st.tuples(messages, st.integers(0, 12)), max_size=14))
async def test_a_client_that_believes_what_it_is_told_is_always_right(script: list[tuple[ClientMessage, int]]):
    """Positions, numbers and lengths agree, and what was not taken back sounds whole."""
    async with talking(say) as (session, listener):
        for message, turns in script:
            try:
                session.hear(message)
            except BadRequest:
                assert isinstance(message, Replace)
            for _ in range(turns):
                await asyncio.sleep(0)
        session.hear(End())
    assert listener.ended[-1].reason == "end"
    assert len(listener.ended) == 1 + sum(isinstance(message, Cancel) for message, _ in script)
    if len(listener.ended) == 1:
        assert heard(listener) == "".join(text for text in listener.texts if any(map(str.isalnum, text)))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("hello wor", "hello "),
        ("hello world ", "hello world "),
        ("hello", ""),
        ("well,", "well,"),
        ("don'", ""),
        ("state-of-the-art x", "state-of-the-art "),
        ("今天会议", "今天会议"),
        ("今天 meet", "今天 "),
        ("", ""),
    ],
)
def test_where_a_word_has_surely_ended(text: str, words: str):
    assert whole_words(text) == (words, text[len(words) :])


async def test_sound_goes_out_in_pieces_that_any_client_takes():
    box = Outbox(lambda: None)
    box.sound(0, bytes(100_000))
    box.close()
    sizes = []
    while (item := await box.take()) is not None:
        assert isinstance(item, Sound)
        sizes.append(len(item.pcm))
    assert max(sizes) <= 32_000
    assert sum(sizes) == 100_000
    assert (box.made, box.sent, box.empty) == (50_000, 50_000, True)


async def test_a_gap_where_text_was_waiting_is_told_and_a_pause_in_typing_is_not():
    now_s = 100.0
    go = asyncio.Event()

    async def speak(_text: str) -> AsyncGenerator[bytes]:
        yield bytes(2 * 24_000)
        await go.wait()
        yield bytes(2 * 24_000)

    session = LiveSession(speak, 1000, clock=lambda: now_s)
    gaps: list[float] = []
    dry: list[int] = []
    session.when_gap = gaps.append
    session.when_dry = lambda: dry.append(session.outbox.made)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(session.run())
        session.hear(Text("One two three.\n"))
        while session.outbox.made < 24_000:
            await asyncio.sleep(0)
        session.hear(Played(24_000))
        session.hear(Played(24_000))
        assert dry == [24_000]
        now_s += 1.5
        go.set()
        while session.outbox.made < 48_000:
            await asyncio.sleep(0)
        assert gaps == [pytest.approx(0.5)]
        session.hear(Played(48_000))
        now_s += 60.0
        session.hear(Text("Four five six.\n"))
        while session.outbox.made < 96_000:
            await asyncio.sleep(0)
        assert (len(gaps), dry) == (1, [24_000])
        running.cancel()
