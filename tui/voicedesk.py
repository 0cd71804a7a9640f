"""What people do with voices, step by step: questions, the work, and what is told of it."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TypeVar

import msgspec
from textual.screen import Screen

from ttsd.protocol.errors import Conflict
from ttsd.protocol.hearing import Report
from ttsd.protocol.voices import ARCHIVE_SUFFIX, NewVariant, VoiceList
from tui import voiceforms as forms
from tui import words
from tui.language import chosen, t
from tui.paths import expanded
from tui.screens.examining import Examining
from tui.screens.form import Answers, Form, Question, Wrong
from tui.screens.recording import RecordingScreen
from tui.voicerows import Row
from tui.voicework import VoiceWork, read_clip, write_archive
from tui.widgets.confirm import Confirm
from tui.widgets.picker import Picker

T = TypeVar("T")


class Asks(Protocol):
    """Shows a dialog and waits for its answer."""

    def __call__(self, screen: Screen[T], /) -> Coroutine[Any, Any, T]: ...


class VoiceDesk:
    """Owns nothing. Each method is one flow, to be run as a worker; it raises TtsdError when the daemon refuses."""

    def __init__(
        self,
        work: VoiceWork,
        voices: Callable[[], VoiceList | None],
        ask: Asks,
        tell: Callable[[str, str], None],
    ) -> None:
        """`tell`: a text and its title."""
        self._work = work
        self._voices = voices
        self._ask = ask
        self._tell = tell

    # --- a new voice, or another variant of one ---

    async def add(self, path: Path | None = None, row: Row | None = None) -> str:
        """From a file; the new reference, or nothing. With `row`, another variant of its voice is proposed."""
        if path is not None and path.name.lower().endswith(ARCHIVE_SUFFIX):
            return await self.take_in(path)
        questions = forms.new_voice(path=str(path or ""), row=row)
        answers = await self._ask(Form(t("A voice from a file"), questions, self._check_new))
        while answers is not None:
            file = expanded(answers["clip"])
            audio = await asyncio.to_thread(read_clip, file)
            done, answers = await self._enrol(answers, file.name, audio, questions)
            if done:
                return done
        return ""

    async def record(self, row: Row | None = None) -> str:
        """From the microphone; the new reference, or nothing."""
        recorded = await self._ask(RecordingScreen(chosen(), self._work.play, self._work.hush))
        if recorded is None:
            return ""
        questions = forms.recorded_voice(recorded.transcript, recorded.language, row)
        answers = await self._ask(Form(t("What was recorded"), questions, self._check_new))
        while answers is not None:
            done, answers = await self._enrol(answers, "recording.wav", recorded.wav, questions)
            if done:
                return done
        return ""

    async def _enrol(
        self, answers: Answers, filename: str, audio: bytes, questions: list[Question]
    ) -> tuple[str, Answers | None]:
        """Have it examined, and keep it or not; otherwise the answers to go on with, if any."""
        new = forms.new_variant(answers)
        decision = await self._ask(Examining(new.name, partial(self._examined, new, filename, audio)))
        if decision is None:
            return "", None
        if decision.action == "change":
            asked = [msgspec.structs.replace(each, value=answers[each.name]) for each in questions]
            return "", await self._ask(Form(new.name, asked, self._check_new, at=decision.at))
        new = msgspec.structs.replace(new, denoise=decision.denoise)
        if forms.exists(new, self._voices()):
            if not await self._sure(t("Put the new clip in the old one's place?")):
                return "", None
            new = msgspec.structs.replace(new, replace=True)
        await self._work.add(new, filename, audio)
        reference = forms.reference_of(new)
        self._tell(t("{voice} is a voice now; a hears it, enter takes it", voice=reference), t("Added"))
        return reference, None

    async def _examined(self, new: NewVariant, filename: str, audio: bytes, denoise: bool) -> Report:
        trial = msgspec.structs.replace(new, denoise=denoise, keep=False, replace=True)
        return (await self._work.add(trial, filename, audio)).reports[0].report

    def _check_new(self, answers: Mapping[str, str]) -> Wrong | None:
        return forms.wrong_with_new(answers, self._voices())

    # --- what is there ---

    async def change(self, row: Row) -> str:
        """Name, words, settings; the reference after it."""
        answers = await self._ask(Form(row.reference, forms.changing(row), forms.wrong_with_changes))
        changes = forms.changes(answers, row) if answers else None
        if changes is None:
            return row.reference
        voice = await self._work.change(row.voice.name, changes)
        return Row(voice, row.variant).reference

    async def remove(self, row: Row) -> None:
        """A variant, or the whole voice; only what cannot be brought back is asked about."""
        whole = row.variant is None or len(row.voice.variants) == 1
        if not whole and row.first:
            which = [(t("the whole voice"), "voice"), (t("this clip alone"), "variant")]
            picked = await self._ask(Picker(t("Remove {voice}", voice=row.voice.name), which, "voice"))
            if picked is None:
                return
            whole = picked == "voice"
        if row.voice.problem and not await self._sure(t("It is broken, and cannot be brought back. Remove it?")):
            return
        await self._work.remove(row, whole=whole)
        gone = row.voice.name if whole else row.reference
        self._tell(t("u brings it back") if self._work.removed else "", t("{voice} is gone", voice=gone))

    async def undo(self) -> str:
        name = await self._work.undo()
        self._tell("", t("{voice} is back", voice=name))
        return name

    async def export(self, row: Row) -> None:
        """Into a file that is asked for."""
        answers = await self._ask(
            Form(t("Export {voice}", voice=row.voice.name), forms.exporting(row), forms.wrong_path)
        )
        if answers is None:
            return
        path = expanded(answers["file"])
        if path.exists() and not await self._sure(t("{path} is there already. Replace it?", path=path)):
            return
        data = await self._work.exported(row.voice.name)
        await asyncio.to_thread(write_archive, path, data)
        self._tell(f"{path}\n{words.size(len(data))}", t("Exported"))

    async def take_in(self, path: Path | None = None) -> str:
        """From a file that `export` wrote; the voice's name, or nothing."""
        answers = await self._ask(Form(t("Import a voice"), forms.importing(path), forms.wrong_with_import))
        if answers is None:
            return ""
        data = await asyncio.to_thread(read_clip, expanded(answers["file"]))
        name = answers["name"] or None
        try:
            checked = await self._work.take_in(data, name, replace=False)
        except Conflict as error:
            if not await self._sure(t("{why}. Replace it?", why=error.message)):
                return ""
            checked = await self._work.take_in(data, name, replace=True)
        self._tell(t("{voice} is a voice now; a hears it, enter takes it", voice=checked.voice.name), t("Imported"))
        return checked.voice.name

    async def sentence(self, text: str) -> str | None:
        """Another sentence for auditions."""
        answers = await self._ask(Form(t("What they say"), forms.sentence(text), lambda _: None))
        return answers["sentence"] if answers else None

    async def _sure(self, question: str) -> bool:
        return await self._ask(Confirm(question))
