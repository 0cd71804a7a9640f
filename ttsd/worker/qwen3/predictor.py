"""The code predictor: codes 1 to 15 of a frame from the talker's hidden state and code 0, one after another."""

from typing import Protocol

import torch
from torch import Tensor, nn

from ttsd.worker.qwen3.geometry import PredictorConfig, TalkerConfig
from ttsd.worker.qwen3.layers import Chunk, Desk, Layer, Norm, Rotation, Scale, Step, Turn
from ttsd.worker.qwen3.product import Product


class Choose(Protocol):
    """Picks a code for each slot."""

    def __call__(self, codebook: int, scores: Tensor, out: Tensor) -> None:
        """scores [slots, vocabulary] → out [slots, 1]"""
        ...


class _Model(nn.Module):
    def __init__(self, config: PredictorConfig, width: int) -> None:
        super().__init__()
        others = config.num_code_groups - 1
        self.layers = nn.ModuleList(Layer(config) for _ in range(config.num_hidden_layers))
        self.norm = Norm(config.hidden_size, config.rms_norm_eps)
        self.codec_embedding = nn.ModuleList(nn.Embedding(config.vocab_size, width) for _ in range(others))


class Predictor(nn.Module):
    """Its weights, named as in the checkpoint until `prepare`; the memory of a frame is a `Pass`."""

    def __init__(self, config: PredictorConfig, talker: TalkerConfig) -> None:
        super().__init__()
        self.config = config
        others = config.num_code_groups - 1
        self.model = _Model(config, talker.hidden_size)
        self.lm_head = nn.ModuleList(
            nn.Linear(config.hidden_size, config.vocab_size, bias=False) for _ in range(others)
        )
        if config.hidden_size != talker.hidden_size:
            self.small_to_mtp_projection = nn.Linear(talker.hidden_size, config.hidden_size)

    def embeddings(self) -> list[Tensor]:
        """The embeddings of codes 1 to 15, each [vocabulary, talker's hidden]; theirs is the talker, see `prepare`."""
        return [module.get_parameter("weight").detach() for module in self.model.codec_embedding]

    def prepare(self, tables: list[Tensor]) -> None:
        """Fuse the weights, once, after loading. `tables`: the embeddings of codes 0 to 15, which the talker holds.

        Where a projection stands between talker and predictor, the tables are projected here once instead of a row in
        each pass.
        """
        dtype = tables[0].dtype
        layers = [layer for layer in self.model.layers if isinstance(layer, Layer)]
        for layer in layers:
            layer.prepare(dtype)
        self.layers = layers
        self.norm = Scale(self.model.norm, dtype)
        self.heads = [Product(module.get_parameter("weight").to(dtype)) for module in self.lm_head]
        self._projection = self._projecting(dtype)
        self.tables = [self.project(table) for table in tables[: len(self.heads)]]
        self.turns = self._turns()
        del self.model, self.lm_head

    def _projecting(self, dtype: torch.dtype) -> Product | None:
        if not hasattr(self, "small_to_mtp_projection"):
            return None
        own = self.small_to_mtp_projection
        made = Product(own.weight.to(dtype), own.bias.to(dtype))
        del self.small_to_mtp_projection
        return made

    def project(self, rows: Tensor) -> Tensor:
        """[n, talker's hidden] → [n, hidden]"""
        return rows if self._projection is None else self._projection(rows)

    def _turns(self) -> list[list[Turn]]:
        rotation = Rotation(self.config, [layer.turn_weight for layer in self.layers], self.config.num_code_groups)
        first = list(rotation.run(0, 2))
        return [first, *(list(rotation.run(place, 1)) for place in range(2, self.config.num_code_groups))]


class Pass:
    """One frame's fifteen codes for a fixed number of slots, which go in step; owns keys, values and the codes."""

    def __init__(self, predictor: Predictor, slots: int, like: Tensor) -> None:
        """`like`: any tensor of the device and dtype."""
        config = predictor.config
        shared, positions = config.num_key_value_heads, config.num_code_groups
        kv = like.new_zeros(config.num_hidden_layers, 2, slots, shared, positions, config.head_dim)
        self._predictor = predictor
        self._two, self._one = Desk(config, slots, 2, kv), Desk(config, slots, 1, kv)
        self._kv = kv
        self._first = Chunk(self._two, kv, 0)
        self._places: dict[int, list[_Place]] = {}
        self.codes = torch.zeros(config.num_code_groups, slots, dtype=torch.int64, device=like.device)
        """[codebooks, slots]; row 0 is put in before `run`"""
        self._rows = list(self.codes)
        self.drawn = list(self.codes[:, :, None])
        """The same, [slots, 1] for each codebook"""

    def run(self, hidden: Tensor, busy: int, choose: Choose) -> None:
        """hidden [slots, talker's hidden] and code 0 → codes 1 to 15, of the first `busy` slots."""
        own, codes, drawn = self._predictor, self._rows, self.drawn
        x = torch.stack((own.project(hidden), own.tables[0].index_select(0, codes[0])), 1).flatten(0, 1)
        for number, layer in enumerate(own.layers):
            layer.run(x, own.turns[0][number], self._two, self._first, number)
        choose(1, own.heads[0](own.norm(x[1::2])), drawn[1])
        for before, place in enumerate(self._places_of(busy), 1):
            x = own.tables[before].index_select(0, codes[before])
            turns = own.turns[before]
            for number, layer in enumerate(own.layers):
                layer.run(x, turns[number], self._one, place, number)
            choose(before + 1, own.heads[before](own.norm(x)), drawn[before + 1])

    def _places_of(self, busy: int) -> "list[_Place]":
        if busy not in self._places:
            step, kv = Step(self._one, busy), self._kv[:, :, :busy]
            self._places[busy] = [_Place(self._one.new[:, :busy], step, kv, place) for place in range(2, kv.shape[4])]
        return self._places[busy]


class _Place:
    """Memory of one position, the same for all slots."""

    def __init__(self, new: Tensor, step: Step, kv: Tensor, position: int) -> None:
        self._step = step
        self._from = new[:, :, :, 0]
        self._to = list(kv[..., position, :])
        both = kv[..., : position + 1, :].flatten(2, 3)
        self._seen = [(keys.mT, values) for keys, values in both]

    def attend(self, layer: int) -> Tensor:
        """See `Memory`."""
        self._to[layer].copy_(self._from)
        return self._step.attend(*self._seen[layer], None)
