"""Where each row of a prompt comes from: cloning in both layouts, speaker vector only, instructions, built-in speakers.

A position of the talker is the sum of a text row and a codec row. `Prompt.rows` are the positions before the first
frame; `Prompt.trailing` are the text rows that are added to the frames, one each, and pad rows follow them. The layouts
are those of the "Qwen3-TTS Technical Report" (2026), and to the position what the official package does.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from ttsd.protocol.errors import BadRequest, NothingToSay, UnsupportedLanguage
from ttsd.protocol.speech import LANGUAGES
from ttsd.worker.qwen3.geometry import ModelConfig


class Layout(StrEnum):
    """Where the target text stands."""

    STREAMING = "streaming"
    """Over the reference's frames, the rest over the frames as they are made: speech begins before the text ends."""
    TEXT_FIRST = "text-first"
    """All of it before the first frame."""


class Rows(Protocol):
    """The talker's embeddings; each row is [hidden]."""

    def text_rows(self, ids: Tensor) -> Tensor:
        """[n] text ids → [n, hidden]"""
        ...

    def code_rows(self, ids: Tensor) -> Tensor:
        """[n] ids of the first codebook, control codes among them → [n, hidden]"""
        ...

    def frame_rows(self, codes: Tensor) -> Tensor:
        """[frames, codebooks] → [frames, hidden]: the sum over the codebooks"""
        ...


class Reference(NamedTuple):
    """A voice to be continued: what was said in the clip, and its frames."""

    text_ids: Sequence[int]
    codes: Tensor
    """[frames, codebooks]"""
    rows: Tensor | None = None
    """[frames, hidden]: what a prompt takes of the codes, where it is kept"""


class Speaker(NamedTuple):
    """Who speaks. `reference` is there when the clip is continued (in-context cloning)."""

    vector: Tensor | None = None
    """[hidden]: from the speaker encoder, or a built-in speaker's row"""
    reference: Reference | None = None


class Prompt(NamedTuple):
    """What a slot starts from."""

    rows: Tensor
    """[positions, hidden]"""
    trailing: Tensor
    """[text rows left, hidden]; the end-of-text row is the last of them, where the layout has not used it up"""
    fixed: int = 0
    """So many of the first positions depend on voice and language alone."""


class PromptBuilder:
    """Builds prompts of one model; rows that never change are made once. Inference mode is the caller's."""

    def __init__(self, model: ModelConfig, rows: Rows, role_ids: Sequence[int], device: torch.device | str) -> None:
        self._model = model
        self._rows = rows
        self._device = device
        self._role = self._text(role_ids)
        self._bos = self._text((model.tts_bos_token_id,))
        self._eos = self._text((model.tts_eos_token_id,))
        self.pad = self._text((model.tts_pad_token_id,))
        """[1, hidden]: the text row of a frame for which there is no text any more"""

    @property
    def end(self) -> Tensor:
        """[1, hidden]: the text row that says that the text has ended."""
        return self._eos

    def language(self, code: str) -> int | None:
        """The id of a language by code or name (`zh`, `Chinese`); None for `auto`. Raises UnsupportedLanguage."""
        code = code.lower()
        if code == "auto":
            return None
        ids = self._model.talker.codec_language_id
        name = LANGUAGES.get(code, code).lower()
        if name not in ids:
            raise UnsupportedLanguage(
                f"the model does not speak {code!r}; it speaks {', '.join(sorted(ids))}", param="language"
            )
        return ids[name]

    def built_in(self, name: str, language: str) -> tuple[Tensor, int | None]:
        """A built-in speaker's row [hidden] and the language id to go with it: dialects take that of `zh` and `auto`.

        Raises BadRequest for a name the checkpoint does not have.
        """
        talker = self._model.talker
        found = talker.spk_id.get(name.lower())
        if found is None:
            names = ", ".join(sorted(talker.spk_id)) or "none"
            raise BadRequest(f"the model has no speaker {name!r}; it has {names}", param="voice")
        dialect = talker.spk_is_dialect.get(name.lower(), False)
        spoken = language.lower() in ("zh", "chinese", "auto")
        own = talker.codec_language_id.get(str(dialect)) if dialect and spoken else None
        ids = found if isinstance(found, list) else [found]
        return self._code(ids)[0], self.language(language) if own is None else own

    def reference_rows(self, codes: Tensor) -> Tensor:
        """[frames, codebooks] → [frames, hidden]: what a prompt takes of a reference; the same for every text."""
        return self._rows.frame_rows(codes.to(self._device))

    def text(self, ids: Sequence[int]) -> Tensor:
        """[n, hidden]: text rows, as they are added to frames."""
        return self._text(ids)

    def build(
        self,
        text_ids: Sequence[int],
        speaker: Speaker,
        language: int | None,
        layout: Layout,
        instruct_ids: Sequence[int] = (),
    ) -> Prompt:
        """The prompt of a text. Raises NothingToSay."""
        if not text_ids:
            raise NothingToSay("there is nothing in this text that can be spoken", param="text")
        head = self.head(speaker, language, instruct_ids)
        body, trailing = self._body(self._text(text_ids), speaker.reference, layout)
        fixed = len(head)
        if layout is Layout.TEXT_FIRST and speaker.reference is not None:
            fixed += len(speaker.reference.text_ids)
        return Prompt(torch.cat((head, body)), trailing, fixed)

    def build_open(self, text_ids: Sequence[int], vector: Tensor | None, language: int | None) -> Prompt:
        """The prompt of a text whose beginning is known, in the streaming layout; more rows follow, `end` as the last.

        A voice is not continued from its clip: that would have to be laid over text that is not there yet.
        """
        head, text = self.head(Speaker(vector), language), self._text(text_ids)
        first = text[:1] + self._code((self._model.talker.codec_bos_id,))
        return Prompt(torch.cat((head, first)), text[1:], len(head))

    def head(self, speaker: Speaker, language: int | None, instruct_ids: Sequence[int] = ()) -> Tensor:
        """[positions, hidden]: what depends on the voice and the language alone; nine positions, or so."""
        talker = self._model.talker
        thinking = (
            (talker.codec_nothink_id, talker.codec_think_bos_id, talker.codec_think_eos_id)
            if language is None
            else (talker.codec_think_id, talker.codec_think_bos_id, language, talker.codec_think_eos_id)
        )
        codec = [self._code(thinking)]
        if speaker.vector is not None:
            codec.append(speaker.vector.view(1, -1).to(self.pad))
        codec.append(self._code((talker.codec_pad_id,)))
        codec_rows = torch.cat(codec)
        text_rows = torch.cat((self.pad.expand(len(codec_rows) - 1, -1), self._bos))
        parts = [self._text(instruct_ids)] if instruct_ids else []
        return torch.cat([*parts, self._role, text_rows + codec_rows])

    def _body(self, text: Tensor, reference: Reference | None, layout: Layout) -> tuple[Tensor, Tensor]:
        talker = self._model.talker
        start = self._code((talker.codec_bos_id,))
        if reference is None:
            frames = start
        else:
            known = self.reference_rows(reference.codes) if reference.rows is None else reference.rows
            frames = torch.cat((start, known))
            text = torch.cat((self._text(reference.text_ids), text))
        text = torch.cat((text, self._eos))
        if layout is Layout.TEXT_FIRST:
            silent = self._code((talker.codec_pad_id,))
            return torch.cat((text + silent, frames + self.pad)), text[:0]
        over, trailing = text[: len(frames)], text[len(frames) :]
        over = torch.cat((over, self.pad.expand(len(frames) - len(over), -1)))
        return over + frames, trailing

    def _text(self, ids: Sequence[int]) -> Tensor:
        return self._rows.text_rows(self._ids(ids))

    def _code(self, ids: Sequence[int]) -> Tensor:
        return self._rows.code_rows(self._ids(ids))

    def _ids(self, ids: Sequence[int]) -> Tensor:
        # From pinned memory: else the host would wait for all that the card has to do, such as others' frames.
        pinned = torch.device(self._device).type == "cuda"
        return torch.tensor(ids, dtype=torch.int64, pin_memory=pinned).to(self._device, non_blocking=True)
