"""Tensors of a checkpoint: mapped from safetensors files, converted on the way to their device."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar, cast

import msgspec
import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from ttsd.protocol.errors import ConfigError
from ttsd.worker.out_of_memory import is_out_of_memory

INDEX: Final = "model.safetensors.index.json"
"""Names the file of each tensor where the weights are in several files."""
WEIGHTS: Final = "model.safetensors"
PIECE: Final = 2**21
"""Numbers converted at once: they are still in the processor's cache when they are looked at."""
MAPPED_BYTES: Final = 64 * 2**20
"""So much is read before a file is unmapped and mapped anew: pages that were read count as the process's memory."""

_TYPES: Final = (torch.float32, torch.bfloat16, torch.float16)
T = TypeVar("T", bound=msgspec.Struct)


class _Index(msgspec.Struct, frozen=True):
    weight_map: dict[str, str]


class Place(NamedTuple):
    """Where numbers are to be, and as what."""

    device: torch.device
    dtype: torch.dtype
    narrow: bool = False
    """On a CPU they also stay mapped in a type all of whose numbers `dtype` has; who asked for them widens them."""


class Weights:
    """The tensors of a folder, in one file or in several of which an index tells.

    One file at a time is mapped, and not for long; tensors that are kept keep it mapped.
    """

    def __init__(self, folder: Path) -> None:
        index = folder / INDEX
        self._source = index if index.exists() else folder / WEIGHTS
        listed = set(read_json(index, _Index).weight_map.values()) if index.exists() else {WEIGHTS}
        files = [folder / name for name in sorted(listed)]
        self._files = {name: file for file in files for name in _mapped(file).keys()}  # noqa: SIM118 — no mapping
        self.size_bytes = sum(file.stat().st_size for file in files)
        self._open: tuple[Path, Any] | None = None
        self._seen_bytes = 0

    @property
    def names(self) -> list[str]:
        return list(self._files)

    def tensor(self, name: str) -> Tensor:
        """On the CPU, mapped from its file. Raises ConfigError when there is none."""
        if name not in self._files:
            raise broken(self._source, f"tensor {name} is missing")
        file = self._files[name]
        try:
            return cast("Tensor", self._at(file).get_tensor(name))
        except (SafetensorError, RuntimeError) as error:
            if is_out_of_memory(error):
                raise
            raise broken(file, f"tensor {name} cannot be read: {error}") from error

    def loaded(self, name: str, shape: torch.Size, place: Place, count: Callable[[int], None]) -> Tensor:
        """A tensor at its place: mapped from its file where it is all that already, else put there in pieces.

        Raises ConfigError when it is missing, has another shape, or holds what is no number.
        """
        device, dtype, narrow = place
        self._check(name, shape)
        held = self.tensor(name).dtype
        stays = device.type == "cpu" and (held == dtype or (narrow and torch.promote_types(held, dtype) == dtype))
        found = self.tensor(name) if stays else torch.empty(shape, device=device, dtype=dtype)
        total = torch.zeros((), device=device)
        for piece, goal in zip(self._pieces(name), torch.split(found.view(-1), PIECE), strict=True):
            if not stays:
                goal.copy_(piece)
            total += goal.sum(dtype=torch.float32)
            count(piece.nbytes)
        if not total.isfinite():
            raise broken(self._files[name], f"tensor {name} holds NaN or infinity, read as {_word(dtype)}")
        return found

    def _check(self, name: str, shape: torch.Size) -> None:
        tensor = self.tensor(name)
        if tensor.shape != shape:
            shapes = f"{list(tensor.shape)}, and config.json asks for {list(shape)}"
            raise broken(self._files[name], f"tensor {name} has the shape {shapes}")
        if tensor.dtype not in _TYPES:
            kinds = f"{_word(tensor.dtype)}; weights are {', '.join(map(_word, _TYPES))}"
            raise broken(self._files[name], f"tensor {name} is {kinds}")

    def _pieces(self, name: str) -> Iterator[Tensor]:
        """All of a tensor in order, flat, `PIECE` numbers each, the last one less. Not to be kept."""
        size = self.tensor(name).numel()
        for start in range(0, size, PIECE):
            piece = self.tensor(name).view(-1)[start : start + PIECE]
            self._seen_bytes += piece.nbytes
            yield piece

    def _at(self, file: Path) -> Any:
        if self._open is None or self._open[0] != file or self._seen_bytes > MAPPED_BYTES:
            self.unmap()
            self._open = file, _mapped(file)
        return self._open[1]

    def unmap(self) -> None:
        """Let go of the file."""
        self._open = None
        self._seen_bytes = 0


def _mapped(file: Path) -> Any:
    """A safetensors file, its header checked."""
    if not file.is_file():
        raise broken(file, "there is a folder of that name" if file.is_dir() else "the file is missing")
    try:
        return safe_open(file, framework="pt", device="cpu")
    except (SafetensorError, OSError) as error:
        raise broken(file, f"this is no whole safetensors file ({error})") from error


def read_json(file: Path, kind: type[T]) -> T:
    """A JSON file as what it must be. Raises ConfigError naming it, and the field."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=kind)
    except FileNotFoundError as error:
        raise broken(file, "the file is missing") from error
    except OSError as error:
        raise broken(file, error.strerror or str(error)) from error
    except msgspec.MsgspecError as error:
        raise broken(file, str(error)) from error


def broken(file: Path, what: str, way_out: str = "fetch the checkpoint again: ttsd model pull") -> ConfigError:
    """What is wrong with a file of the checkpoint."""
    return ConfigError(f"{file}: {what}; {way_out}", param="qwen3.model")


def _word(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")
