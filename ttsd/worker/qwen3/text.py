"""From text to token ids: whole, and while it is being typed.

Byte-level BPE after NFC and a split into words, as Qwen's tokenizer does it. Of transformers nothing is needed but the
library under its tokenizers; that loads in a fraction of the time.
"""

import unicodedata
from pathlib import Path
from typing import Any, Final, TypeVar, cast

import msgspec

from ttsd.protocol.errors import BadRequest, ConfigError

T = TypeVar("T")

_AS_QWEN2: Final = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)",
    r"[^\r\n\p{L}\p{N}]?\p{L}+",
    r"\p{N}",
    r" ?[^\s\p{L}\p{N}]+[\r\n]*",
    r"\s*[\r\n]+",
    r"\s+(?!\S)",
    r"\s+",
)
_AS_PATCHED: Final = (
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+",
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*",
    r"\p{N}",
    r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
    r"\s*[\r\n]+",
    r"\s+(?!\S)",
    r"\s+",
)
"""The official package asks transformers 4.57.3 for its "Mistral fix", and gets it for a folder with a vocabulary of
the published size whose config.json names no version of transformers, or one from 4.57.3 to below 5. Words then end
where a capital follows a small letter, and marks belong to letters. Published folders get it, by the warnings of those
who do not ask for it [DarioFT/ComfyUI-Qwen3-TTS #43]."""

_SMALL_VOCABULARY: Final = 100_000
_LAST_PLAIN: Final = (4, 57, 2)
_FIRST_PLAIN_AGAIN: Final = (5, 0, 0)
_NEWLINES: Final = "\r\n"


class _Added(msgspec.Struct, frozen=True):
    content: str


class _TokenizerConfig(msgspec.Struct, frozen=True):
    added_tokens_decoder: dict[str, _Added]


class _ModelVersion(msgspec.Struct, frozen=True):
    transformers_version: str | None = None


class TextTokenizer:
    """The tokenizer of a checkpoint's folder. Raises ConfigError naming the file that is missing or broken.

    Text is text: what looks like a control token in it is spelt out, and never becomes one. Words are split as the
    official package splits them when it is given the folder; `by_hub_id`: as it does when it is given the name that the
    folder was fetched by, which is the way of Qwen's other models and differs in words like iPhone.
    """

    def __init__(self, folder: Path, *, by_hub_id: bool = False) -> None:
        added = _read(folder / "tokenizer_config.json", _TokenizerConfig).added_tokens_decoder
        control = {token.content: number for number, token in added.items()}
        self._start = _control(folder, control, "<|im_start|>")
        self._end = _control(folder, control, "<|im_end|>")
        self._tokenizer = _backend(folder, plain=by_hub_id)
        self.role_ids = [self._start, *self.ids("assistant\n")]
        """What every prompt begins with: the start of a turn, `assistant`, end of line."""

    def ids(self, text: str) -> list[int]:
        """Ids of a text, target or transcript. Raises BadRequest for half of a surrogate pair."""
        _check(text)
        return list(self._tokenizer.encode(text, add_special_tokens=False).ids)

    text_ids = ids
    ref_ids = ids

    def instruct_ids(self, text: str) -> list[int]:
        """Ids of an instruction, the turn around it included; none for an empty one. Raises BadRequest."""
        return [self._start, *self.ids(f"user\n{text}"), self._end, *self.ids("\n")] if text else []

    def normalized(self, text: str) -> str:
        """`text` composed (NFC), as it is before it is split."""
        return cast("str", self._tokenizer.normalizer.normalize_str(text))

    def word_ends(self, text: str) -> list[int]:
        """Where the words of a normalized text end; the last of them ends at its length."""
        return [end for _, (_, end) in self._tokenizer.pre_tokenizer.pre_tokenize_str(text)]


class AppendSafe:
    """Ids of a text that arrives in pieces: what comes out is what `ids` makes of the whole, however it was cut.

    An id comes out as soon as nothing that may follow can change it: when its word has ended for certain.
    """

    def __init__(self, tokenizer: TextTokenizer) -> None:
        self._tokenizer = tokenizer
        self._held = ""
        self._look_at = 0

    def feed(self, text: str) -> list[int]:
        """More text; the ids that are certain now. Raises BadRequest, and the text is as before."""
        _check(text)
        self._held += text
        if len(self._held) < self._look_at:
            return []
        text = self._tokenizer.normalized(self._held)
        end = self._last_certain_end(text)
        self._held = text[end:]
        self._look_at = _next_look(len(self._held))
        return self._tokenizer.ids(text[:end]) if end else []

    def end(self) -> list[int]:
        """The text is complete: the remaining ids. What is fed afterwards is another text."""
        rest, self._held, self._look_at = self._held, "", 0
        return self._tokenizer.ids(rest)

    def _last_certain_end(self, text: str) -> int:
        ends = (end for end in reversed(self._tokenizer.word_ends(text)) if end < len(text))
        return next((end for end in ends if _word_surely_ends(text[end - 1], text[end])), 0)


def _word_surely_ends(before: str, after: str) -> bool:
    """Whether a word that ends between these two ends there whatever follows, and whatever came before.

    Holds for both splits above: a number is a word of its own; a run of letters goes on with letters and marks only;
    and nothing that begins with something else reaches past a blank, or into a number. Line ends stay with punctuation
    before them, and blanks with blanks. A character that this Python does not know may be anything. What follows may
    compose with `after`, which stays what it is: a letter, a number, a blank or neither.
    """
    left, right = unicodedata.category(before), unicodedata.category(after)
    if left[0] == "N":
        return True
    if left[0] == "L" and right[0] not in "LM" and right != "Cn":
        return True
    return not before.isspace() and (right[0] == "N" or (after.isspace() and after not in _NEWLINES))


def _next_look(held: int) -> int:
    """From which length on to look for ends again: at once in ordinary text, not each time in endless words."""
    return 0 if held < 512 else held + held // 8


def _check(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise BadRequest("the text holds half of a surrogate pair; send whole characters", param="text") from error


def _backend(folder: Path, *, plain: bool) -> Any:
    """The library's tokenizer, without a single added token."""
    from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers
    from tokenizers.models import BPE

    vocab, merges = folder / "vocab.json", folder / "merges.txt"
    known = _read(vocab, dict[str, int])
    missing = [symbol for symbol in pre_tokenizers.ByteLevel.alphabet() if symbol not in known]
    if missing:
        raise _broken(vocab, f"{len(missing)} of the 256 bytes have no token")
    pairs = _merges(merges)
    try:
        tokenizer = Tokenizer(BPE(known, pairs))
    except Exception as error:  # the library raises nothing narrower
        raise _broken(merges, str(error)) from error
    patched = not plain and len(known) > _SMALL_VOCABULARY and _patched(folder)
    split = "|".join(_AS_PATCHED if patched else _AS_QWEN2)
    tokenizer.normalizer = normalizers.NFC()
    words = pre_tokenizers.Split(Regex(split), behavior="isolated")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [words, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    )
    return tokenizer


def _merges(file: Path) -> list[tuple[str, str]]:
    lines = [line for line in _text(file).split("\n") if line and not line.startswith("#version")]
    pairs = [tuple(line.rstrip("\r").split(" ")) for line in lines]
    if wrong := next((pair for pair in pairs if len(pair) != 2), None):
        raise _broken(file, f"{' '.join(wrong)!r} is no pair")
    return cast("list[tuple[str, str]]", pairs)


def _patched(folder: Path) -> bool:
    file = folder / "config.json"
    name = _read(file, _ModelVersion).transformers_version if file.exists() else None
    if not name:
        return True
    parts = [int("".join(filter(str.isdigit, part)) or 0) for part in name.split(".")[:3]]
    return _LAST_PLAIN < tuple(parts) < _FIRST_PLAIN_AGAIN


def _control(folder: Path, control: dict[str, str], name: str) -> int:
    number = control.get(name, "")
    if not number.isdecimal():
        raise _broken(folder / "tokenizer_config.json", f"added_tokens_decoder has no {name}")
    return int(number)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise _broken(file, str(error)) from error


def _read(file: Path, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(_text(file), type=kind)
    except msgspec.MsgspecError as error:
        raise _broken(file, str(error)) from error


def _broken(file: Path, what: str) -> ConfigError:
    return ConfigError(f"{file}: {what}; fetch the checkpoint again: ttsd model pull", param="qwen3.model")
