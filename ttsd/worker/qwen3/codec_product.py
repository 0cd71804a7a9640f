"""Products of rows with a matrix that stays the same, and convolutions that are such products."""

from typing import Any, Final, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

_ONEDNN: Final[Any] = torch.ops.mkldnn


class Product:
    """x · weightᵀ + bias, for a weight [n_out, n_in]. [rows, n_in] -> [rows, n_out]

    On a CPU, in single precision, a large weight is packed for oneDNN, once, in place of the original: its kernels
    come near the processor's limit with many rows and near the memory's with few, where the plain product takes up to
    three times as long. Does not keep the tensors it is given.
    """

    PACKED_ABOVE: Final = 2**15
    """Numbers in a weight. The call into oneDNN costs 15 µs more than the plain one."""
    PACKED_FOR_ROWS: Final = 16
    """oneDNN chooses the order of a packed weight by it. This one is good for any number of rows; 1 is not."""
    FEWEST_ROWS: Final = 4
    """Rows are added up to so many: with fewer, other kernels read the weight at two thirds of the speed."""

    def __init__(self, weight: Tensor, bias: Tensor | None = None) -> None:
        weight = weight.detach()
        self._packed = self._pack(weight) if self._pays(weight) else None
        self.weight = weight.clone() if self._packed is None else None
        self._columns = None if self.weight is None else self.weight.t()
        self.bias = None if bias is None else bias.detach().clone()

    def __call__(self, x: Tensor) -> Tensor:
        if self._columns is None:
            return self._by_onednn(x)
        return torch.mm(x, self._columns) if self.bias is None else torch.addmm(self.bias, x, self._columns)

    def _by_onednn(self, x: Tensor) -> Tensor:
        missing = self.FEWEST_ROWS - len(x)
        if missing > 0:
            return self._by_onednn(functional.pad(x, (0, 0, 0, missing)))[:-missing]
        y = _ONEDNN._linear_pointwise(x, self._packed, self.bias, "none", [], "")  # noqa: SLF001 — its only name
        return cast("Tensor", y)

    def _pays(self, weight: Tensor) -> bool:
        exact = weight.device.type == "cpu" and weight.dtype == torch.float32
        return exact and weight.numel() > self.PACKED_ABOVE and torch.backends.mkldnn.is_available()

    def _pack(self, weight: Tensor) -> Tensor:
        packed = _ONEDNN._reorder_linear_weight(weight.contiguous(), self.PACKED_FOR_ROWS)  # noqa: SLF001 — as above
        return cast("Tensor", packed)


def windows(x: Tensor, taps: int, dilation: int = 1) -> Tensor:
    """For each step its input and those that so many taps look back at: [B, L, C] -> a view [B, T, taps, C].

    T = L - (taps - 1) · dilation. `x` is contiguous.
    """
    batch, length, channels = x.shape
    steps = length - (taps - 1) * dilation
    return x.as_strided((batch, steps, taps, channels), (length * channels, channels, dilation * channels, 1))


class Convolution:
    """A convolution over time as one product with the windows. [B, L, C] -> [B, T, C_out], contiguous

    The weight lies as the product wants it. (PyTorch's own convolution has oneDNN rearrange it on each call.) On a
    card windows are not written out when they are many: cuDNN is given the same weight.
    """

    WRITTEN_OUT: Final = 2**22
    """Numbers that the windows may take on a card: more do not stay in its cache."""

    def __init__(self, conv: nn.Conv1d) -> None:
        (self._taps,), (self._dilation,) = conv.kernel_size, conv.dilation
        self._product = Product(conv.weight.detach().transpose(1, 2).flatten(1), conv.bias)  # [C_out, taps · C]

    def __call__(self, x: Tensor) -> Tensor:
        seen = windows(x, self._taps, self._dilation)
        if x.is_cuda and seen.numel() > self.WRITTEN_OUT:
            return self.direct(x)
        batch, steps, taps, channels = seen.shape
        return self._product(seen.reshape(batch * steps, taps * channels)).view(batch, steps, -1)

    def direct(self, x: Tensor) -> Tensor:
        """The same without writing out the windows.

        In two dimensions, for there channels may lie side by side: in one, PyTorch moves them apart first.
        """
        assert self._product.weight is not None
        weight = self._product.weight.view(-1, 1, self._taps, x.shape[2]).permute(0, 3, 1, 2)  # [C_out, C, 1, taps]
        y = functional.conv2d(x.mT[:, :, None], weight, self._product.bias, dilation=(1, self._dilation))
        return y[:, :, 0].mT.contiguous()
