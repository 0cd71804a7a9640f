"""Products of rows with a matrix that stays the same: most of what the model does, and all of what it reads."""

from collections.abc import Callable
from typing import Any, Final, cast

import torch
from torch import Tensor
from torch.nn import functional

_ONEDNN: Final[Any] = torch.ops.mkldnn
_linear: Final = cast("Callable[..., Tensor]", getattr(_ONEDNN, "_linear_pointwise", None))
"""None in a build of torch without oneDNN."""


class Product:
    """x · weightᵀ + bias, for a weight [n_out, n_in]. [rows, n_in] -> [rows, n_out]

    On a CPU, in single precision, a large weight is packed for oneDNN, once, in place of the original: its kernels
    come near the processor's limit with many rows and near the memory's with few, where the plain product takes two to
    four times as long. And a row's sums do not depend on how many others there are, as long as there are `ALIKE` rows.
    Does not keep the tensors it is given.
    """

    PACKED_ABOVE: Final = 2**15
    """Numbers in a weight. The call into oneDNN costs 15 µs more than the plain one."""
    PACKED_FOR_ROWS: Final = 16
    """oneDNN chooses the order of a packed weight by it. This one is good for any number of rows; 1 is not."""
    ALIKE: Final = 4
    """Rows are added up to so many: with fewer, other kernels add up in another order, and read the weight slower."""

    def __init__(self, weight: Tensor, bias: Tensor | None = None) -> None:
        weight = weight.detach()
        self._packed = _pack(weight) if self._pays(weight) else None
        self.weight = weight.clone() if self._packed is None else None
        self._columns = None if self.weight is None else self.weight.t()
        self.bias = None if bias is None else bias.detach().clone()

    def __call__(self, x: Tensor) -> Tensor:
        if self._columns is None:
            return self._by_onednn(x)
        return torch.mm(x, self._columns) if self.bias is None else torch.addmm(self.bias, x, self._columns)

    def into(self, x: Tensor, out: Tensor) -> None:
        """The product is written to `out`; for one without a bias."""
        if self._columns is None:
            out.copy_(self._by_onednn(x))
        else:
            torch.mm(x, self._columns, out=out)

    def onto(self, x: Tensor, total: Tensor) -> Tensor:
        """The product is added to `total`; for one without a bias."""
        return total.add_(self._by_onednn(x)) if self._columns is None else total.addmm_(x, self._columns)

    @property
    def packed(self) -> bool:
        """Whether oneDNN has the weight."""
        return self._packed is not None

    def _by_onednn(self, x: Tensor) -> Tensor:
        missing = self.ALIKE - len(x)
        if missing > 0:
            return self._by_onednn(functional.pad(x, (0, 0, 0, missing)))[:-missing]
        return _linear(x, self._packed, self.bias, "none", [], "")

    def _pays(self, weight: Tensor) -> bool:
        exact = weight.device.type == "cpu" and weight.dtype == torch.float32
        return exact and weight.numel() > self.PACKED_ABOVE and torch.backends.mkldnn.is_available()


def _pack(weight: Tensor) -> Tensor:
    packed = _ONEDNN._reorder_linear_weight(weight.contiguous(), Product.PACKED_FOR_ROWS)  # noqa: SLF001 — its only name
    return cast("Tensor", packed)
