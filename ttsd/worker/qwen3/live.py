"""A text that is still being written, on its way into a stream."""

import queue
from collections.abc import Callable
from typing import Final, Protocol

import torch
from torch import Tensor

from ttsd.protocol.errors import NothingToSay
from ttsd.worker.engine import Piece
from ttsd.worker.qwen3.model import Model
from ttsd.worker.qwen3.text import AppendSafe

POLL_S: Final = 0.02


class Appendable(Protocol):
    """What takes text rows while it speaks."""

    def append(self, rows: Tensor, tokens: int, *, last: bool) -> None:
        """More text: its rows [n, hidden], and how many of them are tokens of the text."""
        ...


class LiveText:
    """Owns what has been written and is not certain yet: a word that may go on has no tokens before it has ended."""

    def __init__(self, model: Model, beginning: str, more: "queue.SimpleQueue[Piece]") -> None:
        self._model = model
        self._more = more
        self._tokens = AppendSafe(model.tokenizer)
        self._beginning = beginning
        self._ended = False
        self._passed_end = False

    def begin(self, waiting: Callable[[], None]) -> list[int]:
        """The first tokens, as soon as there are some. Raises NothingToSay when the text ends without any.

        `waiting` is called meanwhile, again and again; what it raises ends the wait.
        """
        ids = self._tokens.feed(self._beginning)
        while not ids:
            waiting()
            try:
                ids = self._take(self._more.get(timeout=POLL_S))
            except queue.Empty:
                continue
            if self._ended and not ids:
                raise NothingToSay("there is nothing in this text that can be spoken", param="text")
        return ids

    def pass_on(self, stream: Appendable) -> None:
        """Let the stream have what has come since."""
        ids: list[int] = []
        while not self._more.empty():
            ids += self._take(self._more.get())
        ends = self._ended and not self._passed_end
        if not ids and not ends:
            return
        with torch.inference_mode():
            parts = [self._model.prompts.text(ids)] if ids else []
            rows = torch.cat((*parts, self._model.prompts.end) if ends else parts)
        self._passed_end = ends
        stream.append(rows, len(ids), last=ends)

    def _take(self, piece: Piece) -> list[int]:
        ids = self._tokens.feed(piece.text)
        if piece.last:
            self._ended = True
            ids += self._tokens.end()
        return ids
