"""A card that is not there: tensors on `cuda` with shapes and without numbers, and a recorder as strict as a card's.

PyTorch's fake tensors go through every operation as on a card, up to what needs a driver or a number: whoever asks them
for a number is refused. A build for CPUs lacks the part that makes tensors on `cuda` current before they are indexed or
copied; `card` does without it.
"""

import contextlib
import itertools
from collections import Counter
from collections.abc import Callable, Hashable, Iterator
from types import EllipsisType
from typing import Any

import torch
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.multiprocessing.reductions import StorageWeakRef
from torch.overrides import TorchFunctionMode
from torch.utils import _pytree as pytree
from torch.utils._python_dispatch import TorchDispatchMode

aten = torch.ops.aten

READS = {
    aten.item.default,
    aten._local_scalar_dense.default,
    aten.is_nonzero.default,
    aten.nonzero.default,
    aten.masked_select.default,
    aten.equal.default,
    aten.unique_consecutive.default,
    aten._unique2.default,
    aten.bincount.default,
    aten.repeat_interleave.Tensor,
}
"""The host waits for their result, or for its size."""
INDEXED = {aten.index.Tensor, aten.index_put.default, aten.index_put_.default, aten._index_put_impl_.default}
"""So it does for these where they are given a mask."""


class HostWaits(AssertionError):
    """The host would wait for the card."""


class CannotBeRecorded(AssertionError):
    """A recording of this would fail, or be replayed wrongly."""


# --- the card ---------------------------------------------------------------------------------------


@contextlib.contextmanager
def card() -> Iterator[None]:
    """Tensors made meanwhile on `cuda` are pretended."""
    with FakeTensorMode(), _WithoutDriver():
        yield


class _WithoutDriver(TorchFunctionMode):
    """Does in terms of operations what otherwise asks for the current device first."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = dict(kwargs or {})
        kwargs.pop("pin_memory", None)
        match func:
            case torch.Tensor.__getitem__:
                return _view(*args)
            case torch.Tensor.__setitem__:
                return _set(*args)
            case torch.Tensor.__invert__:
                return aten.bitwise_not.default(*args)
            case torch.Tensor.to if _moves_to_card(args):
                return aten._to_copy.default(args[0], device=args[1], **kwargs)
        try:
            return func(*args, **kwargs)
        except RuntimeError as error:
            if "not linked with support for cuda" not in str(error) or not hasattr(aten, func.__name__):
                raise
            return getattr(aten, func.__name__)(*args, **kwargs)


class OnHost(TorchFunctionMode):
    """Numbers instead of a pretended card: what is made on `cuda` is made on the CPU."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if kwargs.get("device") is not None and torch.device(kwargs["device"]).type == "cuda":
            kwargs = {**kwargs, "device": "cpu"}
        kwargs.pop("pin_memory", None)
        return func(*args, **kwargs)


def _moves_to_card(args: Any) -> bool:
    given = args[1] if len(args) > 1 else None
    return isinstance(given, str | torch.device) and torch.device(given).type == "cuda"


def _view(tensor: Tensor, index: Any) -> Tensor:
    """`tensor[index]`"""
    parts = index if isinstance(index, tuple) else (index,)
    dim = 0
    for place, part in enumerate(parts):
        if isinstance(part, EllipsisType):
            dim = tensor.dim() - sum(other is not None for other in parts[place + 1 :])
        elif part is None:
            tensor, dim = tensor.unsqueeze(dim), dim + 1
        elif isinstance(part, slice):
            tensor, dim = aten.slice.Tensor(tensor, dim, part.start, part.stop, part.step or 1), dim + 1
        elif isinstance(part, int):
            tensor = tensor.select(dim, part)
        else:
            return aten.index.Tensor(tensor, [*[None] * dim, part])
    return tensor


def _set(tensor: Tensor, index: Any, value: Any) -> None:
    """`tensor[index] = value`; as ATen/TensorIndexing.h does it, a single number is copied from the host."""
    place = _view(tensor, index)
    if isinstance(value, Tensor):
        aten.copy_.default(place, value)
    elif place.dim():
        place.fill_(value)
    else:
        aten.copy_.default(place, torch.tensor(value, dtype=tensor.dtype, device="cpu"))


# --- what is done on it -----------------------------------------------------------------------------


class NoWaiting(TorchDispatchMode):
    """Refuses what makes the host wait: numbers that are read, and copies between host and card that block."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if _is_composite(func):
            with self:
                return func.decompose(*args, **kwargs)
        _refuse_reads(func, args)
        made = func(*args, **kwargs)
        if func is aten.copy_.default:
            source, blocks = args[1], not (kwargs.get("non_blocking") or args[2:3] == (True,))
            if blocks and source.device.type != args[0].device.type:
                raise HostWaits(f"a blocking copy from {source.device} to {args[0].device}: {list(source.shape)}")
        if func is aten._to_copy.default and not kwargs.get("non_blocking") and made.device.type != args[0].device.type:
            raise HostWaits(f"a blocking copy from {args[0].device} to {made.device}: {list(made.shape)}")
        return made


def _is_composite(func: Any) -> bool:
    """Whether it is made of other operations, and those are what is done."""
    return func.namespace == "aten" and torch._C._dispatch_has_kernel_for_dispatch_key(
        func.name(), "CompositeImplicitAutograd"
    )


def _refuse_reads(func: Any, args: Any) -> None:
    if func in READS:
        raise HostWaits(f"{func}: the host waits for numbers")
    if func in INDEXED and any(part is not None and part.dtype in (torch.bool, torch.uint8) for part in args[1]):
        raise HostWaits(f"{func} with a mask: the host waits for how many there are")


class Trace(TorchDispatchMode):
    """The operations of a call, as a recording has them: each with its scalars and the memory it reads and writes.

    Memory that was there before the call goes by its address, other memory by the order in which it was made. Two calls
    with the same trace do the same; so a recording of the one is good for the other.
    """

    def __init__(self, device: str) -> None:
        super().__init__()
        self.steps: list[tuple[Any, ...]] = []
        self.before: dict[int, StorageWeakRef] = {}
        """What was there before the call, by address."""
        self.written: set[int] = set()
        """Addresses of what was there before, and was written to."""
        self._device = device
        self._made: dict[int, str] = {}
        self._numbers = itertools.count()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func.namespace == "prim":
            return func(*args, **kwargs)
        _refuse_reads(func, args)
        given = [part for part in pytree.tree_leaves((args, kwargs)) if isinstance(part, Tensor)]
        if any(tensor.device.type != self._device for tensor in given):
            raise CannotBeRecorded(f"{func} on {sorted({tensor.device.type for tensor in given})}")
        described = pytree.tree_map(self._described, (args, kwargs))
        self._note_written(func, args, kwargs)
        made = func(*args, **kwargs)
        self._note_made(made, {address(tensor) for tensor in given}, func)
        self.steps.append((str(func), described))
        return made

    def _note_made(self, made: Any, given: set[int], func: Any) -> None:
        for tensor in pytree.tree_leaves(made):
            if not isinstance(tensor, Tensor):
                continue
            if tensor.device.type != self._device:
                raise CannotBeRecorded(f"{func} makes something on {tensor.device}")
            if address(tensor) not in given:
                self._made[address(tensor)] = f"made {next(self._numbers)}"

    def _note_written(self, func: Any, args: Any, kwargs: Any) -> None:
        for number, argument in enumerate(func._schema.arguments):
            written = argument.alias_info is not None and argument.alias_info.is_write
            tensor = args[number] if number < len(args) else kwargs.get(argument.name)
            if written and isinstance(tensor, Tensor) and address(tensor) in self.before:
                self.written.add(address(tensor))

    def _described(self, part: Any) -> Any:
        if not isinstance(part, Tensor):
            return part if isinstance(part, int | float | bool | str | type(None)) else str(part)
        place = address(part)
        if part.layout is torch.strided and place not in self._made and place not in self.before:
            self.before[place] = StorageWeakRef(part.untyped_storage())
        name = self._made.get(place, place)
        if part.layout is not torch.strided:
            return name, tuple(part.shape)
        return name, tuple(part.shape), part.stride(), part.storage_offset(), str(part.dtype)

    def difference(self, other: "Trace") -> str:
        """The first step that is another one; empty when there is none."""
        for number, (mine, its) in enumerate(itertools.zip_longest(self.steps, other.steps)):
            if mine != its:
                return f"step {number}: {mine} and {its}"
        return ""


def address(tensor: Tensor) -> int:
    """Of the memory it is a view of; one that oneDNN has is nobody's view, and is never replaced."""
    return id(tensor) if tensor.layout is torch._mkldnn else tensor.untyped_storage()._cdata


class Strict:
    """A `Recorder` that runs every call, and refuses what a recorded one would not do.

    A recorded call makes the same steps each time, on memory that is still there, and its result stands where it stood.
    """

    WARM_UPS = 1

    def __init__(self, device: str) -> None:
        self._device = device
        self.traces: dict[Hashable, Trace] = {}
        self.runs: Counter[Hashable] = Counter()
        self._made: dict[Hashable, Tensor] = {}

    def knows(self, key: Hashable) -> bool:
        return key in self.traces

    def record(self, key: Hashable, call: Callable[[], Tensor]) -> None:
        assert key not in self.traces, f"{key} is recorded already"
        for _ in range(self.WARM_UPS):
            call()
        self.traces[key], self._made[key] = self._traced(call)

    def run(self, key: Hashable, call: Callable[[], Tensor]) -> Tensor:
        recorded = self.traces[key]
        gone = [place for place, storage in recorded.before.items() if storage.expired()]
        trace, made = self._traced(call)
        if gone:
            raise CannotBeRecorded(f"{key}: {len(gone)} of the buffers it was recorded with are gone")
        if difference := recorded.difference(trace):
            raise CannotBeRecorded(f"{key}: {difference}")
        self.runs[key] += 1
        aten.copy_.default(self._made[key], made)
        return self._made[key]

    def _traced(self, call: Callable[[], Tensor]) -> tuple[Trace, Tensor]:
        with Trace(self._device) as trace:
            return trace, call()
