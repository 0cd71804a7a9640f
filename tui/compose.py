"""What to tell a live session when the composer's text has changed: pure."""

import re
from collections.abc import Sequence
from typing import Final

import msgspec
from msgspec.structs import replace

from ttsd.protocol.speech import ClientMessage, Replace, Text

UNKNOWN: Final = -1


class Commit(msgspec.Struct, frozen=True):
    """A phrase the server has committed, and where it lies in the text that was sent.

    `end` is UNKNOWN when the phrase reads differently from what was typed (numbers written out, say).
    """

    index: int
    start: int
    end: int


class Script(msgspec.Struct, frozen=True):
    """The composer's text as the session knows it: `base` is not for it, `sent` was sent to it."""

    base: str = ""
    sent: str = ""
    commits: tuple[Commit, ...] = ()

    @property
    def committed(self) -> int:
        """How far into `sent` the commits reach, as far as is known."""
        return max((commit.end for commit in self.commits if commit.end != UNKNOWN), default=0)

    @property
    def pending(self) -> str:
        """What was sent and is not committed yet; with phrases that could not be located, their text too."""
        return self.sent[self.committed :]


def plan(script: Script, now: str) -> tuple[Script, ClientMessage | None]:
    """The script after the composer's text became `now`, and the message that brings the session there."""
    if not now.startswith(script.base):
        return _base_edited(script, now)
    text = now[len(script.base) :]
    if text == script.sent:
        return script, None
    if text.startswith(script.sent):
        return replace(script, sent=text), Text(text[len(script.sent) :])
    return _replaced(script, text)


def _base_edited(script: Script, now: str) -> tuple[Script, ClientMessage | None]:
    """An edit before this session's text is not spoken; one that reaches into it starts at the edit."""
    if now.endswith(script.sent):
        return replace(script, base=now[: len(now) - len(script.sent)]), None
    kept = common(script.base, now)
    start = now.rfind(" ", 0, kept) + 1
    return Script(base=now[:start], sent=now[start:]), Replace(0, now[start:])


def _replaced(script: Script, text: str) -> tuple[Script, ClientMessage]:
    """Take back from the first phrase that the edit touches; what stands before it keeps its sound."""
    kept = common(script.sent, text)
    position = 0
    for place, commit in enumerate(script.commits):
        if commit.end == UNKNOWN or commit.end > kept:
            before = script.commits[:place]
            return _cut(script, before, commit.index, commit.start, text)
        position = commit.end
    following = script.commits[-1].index + 1 if script.commits else 0
    return _cut(script, script.commits, following, position, text)


def _cut(
    script: Script, commits: tuple[Commit, ...], from_segment: int, start: int, text: str
) -> tuple[Script, ClientMessage]:
    return replace(script, sent=text, commits=commits), Replace(from_segment, text[start:])


def passed_over(said: str, now: str) -> str:
    """How much of `now` is not for a new session, after an earlier one was told `said`.

    Text that was added at the end is for it; a change further up was a correction, to be heard on demand.
    """
    kept = common(said, now)
    if kept == len(said):
        return said
    return now if _common_end(said[kept:], now[kept:]) else now[:kept]


def committed(script: Script, index: int, phrase: str) -> Script:
    """The script after the server has committed `phrase` as segment `index`."""
    commits = tuple(commit for commit in script.commits if commit.index < index)
    start = _start_after(commits)
    found = _locate(script.sent, phrase, start)
    if found is None:
        return replace(script, commits=(*commits, Commit(index, start, UNKNOWN)))
    begin, end = found
    return replace(script, commits=(*_closed(commits, begin), Commit(index, begin, end)))


def retracted(script: Script, from_segment: int) -> Script:
    """The script after the server has withdrawn its segments from `from_segment` on."""
    return replace(script, commits=tuple(commit for commit in script.commits if commit.index < from_segment))


def left_over(script: Script, *, complete: bool) -> Script:
    """What a session that broke off has left to say; unless its last phrase is `complete`, that phrase too."""
    begin = script.committed if complete or not script.commits else script.commits[-1].start
    return Script(base=script.base + script.sent[:begin], sent=script.sent[begin:])


def located(text: str, phrases: Sequence[str], origin: int) -> tuple[int, int] | None:
    """Where the last of `phrases`, spoken one after the other from `origin` on, stands in `text` now."""
    for begin in dict.fromkeys((min(origin, len(text)), 0)):
        at, found = begin, None
        for phrase in phrases:
            found = re.compile(r"\s+".join(map(re.escape, phrase.split()))).search(text, at)
            at = found.end() if found else at
        if found:
            return found.span()
    return None


def _start_after(commits: tuple[Commit, ...]) -> int:
    """Where the next phrase can begin: after the last one, or where the first unlocated one began."""
    for commit in commits:
        if commit.end == UNKNOWN:
            return commit.start
    return commits[-1].end if commits else 0


def _closed(commits: tuple[Commit, ...], begin: int) -> tuple[Commit, ...]:
    """A phrase found at `begin` tells where the unlocated ones before it have ended."""
    return tuple(replace(commit, end=begin) if commit.end == UNKNOWN else commit for commit in commits)


def _locate(sent: str, phrase: str, start: int) -> tuple[int, int] | None:
    """Where `phrase` stands in `sent` from `start` on, whatever the white space between its words."""
    if sent.startswith(phrase, start):
        return start, start + len(phrase)
    begin = end = None
    position = start
    for word in phrase.split():
        at = sent.find(word, position)
        if at < 0 or (begin is not None and sent[position:at].strip()):
            return None
        begin = at if begin is None else begin
        position = end = at + len(word)
    return None if begin is None or end is None else (begin, end)


def common(one: str, other: str) -> int:
    """Length of the common beginning; by halves, because a book is compared at each key."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _common_end(one: str, other: str) -> int:
    """Length of the common end."""
    return common(one[::-1], other[::-1])
