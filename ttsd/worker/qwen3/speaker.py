"""The speaker encoder: from a clip to the vector that says who speaks.

An ECAPA-TDNN (Desplanques, Thienpondt, Demuynck 2020, arXiv:2005.07143) over log mel frames of 256 samples. Modules are
named as the tensors under `speaker_encoder.` in the checkpoint.
"""

import math
from typing import Final, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 — torch's own name for it

from ttsd.worker.qwen3.geometry import SpeakerConfig

_WINDOW: Final = 1024
_HOP: Final = 256
_FLOOR: Final = 1e-5
"""The quietest a mel band can be; its logarithm is taken."""


class SpeakerEncoder(nn.Module):
    """Load the weights, then call `prepare` once."""

    def __init__(self, config: SpeakerConfig) -> None:
        super().__init__()
        first, *inner, _ = config.enc_channels
        kernels, dilations = config.enc_kernel_sizes, config.enc_dilations
        blocks: list[nn.Module] = [_Tdnn(config.mel_dim, first, kernels[0], dilations[0])]
        for i, (taken, made) in enumerate(zip((first, *inner), inner, strict=False), start=1):
            blocks.append(_SeRes2Net(taken, made, config, kernels[i], dilations[i]))
        self.blocks = nn.ModuleList(blocks)
        wide = config.enc_channels[-1]
        self.mfa = _Tdnn(sum(inner), wide, kernels[-1], dilations[-1])
        self.asp = _Pooling(wide, config.enc_attention_channels)
        self.fc = nn.Conv1d(2 * wide, config.enc_dim, 1)
        self._mels, self._rate = config.mel_dim, config.sample_rate
        self._filters = torch.empty(0)
        self._window = torch.empty(0)

    def prepare(self) -> None:
        """Make what is not in the checkpoint, on the device of the weights."""
        device = self.fc.weight.device
        self._filters = mel_filters(self._rate, _WINDOW, self._mels).to(device)
        self._window = torch.hann_window(_WINDOW, device=device)

    def vector(self, wave: Tensor) -> Tensor:
        """[n] samples at 24 kHz, n > 384 → [enc_dim], in the type of the weights."""
        mel = log_mel(wave.to(self._filters), self._filters, self._window)
        return self(mel[None].to(self.fc.weight.dtype))[0]

    def forward(self, x: Tensor) -> Tensor:
        """[B, mels, T] → [B, enc_dim]"""
        outputs: list[Tensor] = []
        for block in self.blocks:
            x = block(x)
            outputs.append(x)
        x = self.mfa(torch.cat(outputs[1:], dim=1))
        return self.fc(self.asp(x))[:, :, 0]


def log_mel(wave: Tensor, filters: Tensor, window: Tensor) -> Tensor:
    """[n] → [mels, n // 256]: log magnitudes. The clip is mirrored at its ends, so that each hop has a whole window."""
    edge = (_WINDOW - _HOP) // 2
    wave = F.pad(wave[None, None], (edge, edge), mode="reflect")[0, 0]
    spectrum = torch.stft(
        wave, _WINDOW, hop_length=_HOP, win_length=_WINDOW, window=window, center=False, return_complex=True
    )
    magnitude = torch.sqrt(torch.view_as_real(spectrum).square().sum(-1) + 1e-9)
    return torch.log((filters @ magnitude).clamp(min=_FLOOR))


def mel_filters(rate: int, window: int, bands: int) -> Tensor:
    """[bands, window // 2 + 1] float32: triangles of equal area, even on Slaney's mel scale from 0 to rate / 2.

    Rounded to float32 before the areas are made equal, as librosa does it: the model has seen those values.
    """
    bins = torch.linspace(0, rate / 2, window // 2 + 1, dtype=torch.float64, device="cpu")
    top = _CORNER_MEL + math.log(rate / 2 / _CORNER_HZ) / _LOG_STEP
    edges = [_hertz(top * i / (bands + 1)) for i in range(bands + 2)]
    filters = torch.empty(bands, len(bins), device="cpu")
    for band, (low, mid, high) in enumerate(zip(edges, edges[1:], edges[2:], strict=False)):
        rising, falling = (bins - low) / (mid - low), (high - bins) / (high - mid)
        triangle = torch.minimum(rising, falling).clamp(min=0).float()
        filters[band] = triangle.double() * (2 / (high - low))
    return filters


_CORNER_HZ: Final = 1000.0
_CORNER_MEL: Final = 15.0
_LOG_STEP: Final = math.log(6.4) / 27
"""Slaney's scale is linear up to 1 kHz (mel 15) and logarithmic above: 27 mels to the factor 6.4."""


def _hertz(mel: float) -> float:
    if mel < _CORNER_MEL:
        return mel * (200 / 3)
    return _CORNER_HZ * math.exp(_LOG_STEP * (mel - _CORNER_MEL))


class _Tdnn(nn.Module):
    """A convolution over time that keeps the length (mirrored at the ends), and a rectifier."""

    def __init__(self, taken: int, made: int, kernel: int = 1, dilation: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv1d(taken, made, kernel, dilation=dilation, padding="same", padding_mode="reflect")

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.conv(x))


class _Res2Net(nn.Module):
    """Channels in groups: the first stays, others are filtered, from the third on with the result before them added."""

    def __init__(self, channels: int, scale: int, kernel: int, dilation: int) -> None:
        super().__init__()
        width = channels // scale
        self.blocks = nn.ModuleList([_Tdnn(width, width, kernel, dilation) for _ in range(scale - 1)])

    def forward(self, x: Tensor) -> Tensor:
        first, *groups = x.chunk(len(self.blocks) + 1, dim=1)
        outputs = [first]
        for i, (block, group) in enumerate(zip(self.blocks, groups, strict=True)):
            outputs.append(block(group + outputs[-1] if i else group))
        return torch.cat(outputs, dim=1)


class _Squeeze(nn.Module):
    """Channels weighted by what the whole clip says of them."""

    def __init__(self, channels: int, hidden: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(channels, hidden, 1)
        self.conv2 = nn.Conv1d(hidden, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        mean = x.mean(dim=2, keepdim=True)
        return x * torch.sigmoid(self.conv2(torch.relu(self.conv1(mean))))


class _SeRes2Net(nn.Module):
    """One block of ECAPA: 1×1, Res2Net, 1×1, squeeze-and-excitation, around a residual."""

    def __init__(self, taken: int, made: int, config: SpeakerConfig, kernel: int, dilation: int) -> None:
        super().__init__()
        self.tdnn1 = _Tdnn(taken, made)
        self.res2net_block = _Res2Net(made, config.enc_res2net_scale, kernel, dilation)
        self.tdnn2 = _Tdnn(made, made)
        self.se_block = _Squeeze(made, config.enc_se_channels)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.se_block(self.tdnn2(self.res2net_block(self.tdnn1(x))))


class _Pooling(nn.Module):
    """Mean and deviation over time, weighted per channel by attention that sees the clip's own mean and deviation."""

    def __init__(self, channels: int, hidden: int) -> None:
        super().__init__()
        self.tdnn = _Tdnn(3 * channels, hidden)
        self.conv = nn.Conv1d(hidden, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """[B, C, T] → [B, 2·C, 1]"""
        mean, deviation = _statistics(x, torch.full_like(x[:1, :1], 1 / x.shape[2]))
        seen = torch.cat((x, mean.expand_as(x), deviation.expand_as(x)), dim=1)
        weights = cast("Tensor", self.conv(torch.tanh(self.tdnn(seen)))).softmax(dim=2)
        return torch.cat(_statistics(x, weights), dim=1)


def _statistics(x: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
    """[B, C, T], weights that sum to 1 over T → mean and deviation, [B, C, 1] each."""
    mean = (weights * x).sum(2, keepdim=True)
    variance = (weights * (x - mean).square()).sum(2, keepdim=True)
    return mean, variance.clamp(min=1e-12).sqrt()
