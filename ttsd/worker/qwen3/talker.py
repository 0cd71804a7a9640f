"""The talker: code 0 of each frame from the text and from the frames before."""

import torch
import torch.nn.functional as F  # noqa: N812 — its name everywhere
from torch import Tensor, nn

from ttsd.worker.qwen3.geometry import TalkerConfig
from ttsd.worker.qwen3.layers import Layer, Norm, Rotation, Scale
from ttsd.worker.qwen3.predictor import Predictor
from ttsd.worker.qwen3.product import Product


class _Model(nn.Module):
    def __init__(self, config: TalkerConfig) -> None:
        super().__init__()
        self.layers = nn.ModuleList(Layer(config) for _ in range(config.num_hidden_layers))
        self.norm = Norm(config.hidden_size, config.rms_norm_eps)
        self.codec_embedding = nn.Embedding(config.vocab_size, config.hidden_size)
        self.text_embedding = nn.Embedding(config.text_vocab_size, config.text_hidden_size)


class _Projection(nn.Module):
    """Two linear layers around a SiLU; holds the checkpoint's tensors until `prepare`, and gives them up."""

    def __init__(self, config: TalkerConfig) -> None:
        super().__init__()
        self.linear_fc1 = nn.Linear(config.text_hidden_size, config.text_hidden_size)
        self.linear_fc2 = nn.Linear(config.text_hidden_size, config.hidden_size)

    def prepare(self, dtype: torch.dtype) -> None:
        parts = (self.linear_fc1, self.linear_fc2)
        self._into, self._out = (Product(part.weight.to(dtype), part.bias.to(dtype)) for part in parts)
        del self.linear_fc1, self.linear_fc2

    def forward(self, x: Tensor) -> Tensor:
        """[n, text_hidden] → [n, hidden]; a row is the same in any company."""
        count = len(x)
        x = F.pad(x, (0, 0, 0, -count % Product.ALIKE))
        return self._out(F.silu(self._into(x)))[:count]


class Talker(nn.Module):
    """Its weights and the predictor's, named as in the checkpoint below `talker.` until `prepare`.

    Build it on the meta device, load it, call `prepare` once; then it has embeddings, and `Frames` run it.
    """

    def __init__(self, config: TalkerConfig) -> None:
        super().__init__()
        self.config = config
        self.model = _Model(config)
        self.text_projection = _Projection(config)
        self.codec_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        self.code_predictor = Predictor(config.code_predictor_config, config)

    @torch.inference_mode()
    def prepare(self, dtype: torch.dtype | None = None) -> None:
        """Fuse the weights, once, after loading, as they are or as `dtype`; what went into a fused one is given up.

        The table of texts stays as it came, perhaps mapped from its file: it is a third of a small model, and a stream
        reads a few of its rows.
        """
        model, predictor, dtype = self.model, self.code_predictor, dtype or self.codec_head.weight.dtype
        self.layers = [layer for layer in model.layers if isinstance(layer, Layer)]
        for layer in self.layers:
            layer.prepare(dtype)
        self.norm = Scale(model.norm, dtype)
        self.head = Product(self.codec_head.weight.to(dtype))
        self.text = model.text_embedding.weight.detach()
        tables = [model.codec_embedding.weight.detach(), *predictor.embeddings()]
        sizes = [len(table) for table in tables]
        self.codes = torch.cat(tables).to(dtype)  # one table for all codebooks: [vocabularies, hidden]
        starts = [sum(sizes[:codebook]) for codebook in range(len(sizes))]
        self.starts = torch.tensor(starts, device=self.codes.device)
        del self.model, self.codec_head, tables
        self.text_projection.prepare(dtype)
        predictor.prepare([self.codes[start : start + size] for start, size in zip(starts, sizes, strict=True)])

    def rotation(self, positions: int) -> Rotation:
        """Rotary tables for that many positions."""
        return Rotation(self.config, [layer.turn_weight for layer in self.layers], positions)

    def text_rows(self, ids: Tensor) -> Tensor:
        """[n] text ids → [n, hidden]"""
        return self.text_projection(self.text.index_select(0, ids).to(self.codes.dtype))

    def code_rows(self, ids: Tensor) -> Tensor:
        """[n] ids of the first codebook, control codes among them → [n, hidden]"""
        return self.codes.index_select(0, ids)

    def frame_rows(self, codes: Tensor) -> Tensor:
        """[n, codebooks] → [n, hidden]: the sum over the codebooks"""
        return F.embedding(codes + self.starts, self.codes).sum(1)
