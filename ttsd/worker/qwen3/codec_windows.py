"""Convolutions over time as products of their windows with a matrix."""

from typing import Final

from torch import Tensor, nn
from torch.nn import functional

from ttsd.worker.qwen3.product import Product


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
