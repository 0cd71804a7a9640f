"""What a frame cannot be faster than: the bytes that it has to read."""

from typing import Final

from ttsd.worker.qwen3.geometry import Stack, TalkerConfig

KINDS: Final = 2
"""Keys and values."""


def weight_bytes(talker: TalkerConfig, number_bytes: int) -> int:
    """Weights that a frame reads: the talker's once, the predictor's layers once for each code, each of its heads once.

    Rows of embeddings are few.
    """
    predictor = talker.code_predictor_config
    others = talker.num_code_groups - 1
    numbers = talker.num_hidden_layers * _layer(talker) + talker.hidden_size * talker.vocab_size
    numbers += others * (predictor.num_hidden_layers * _layer(predictor) + predictor.hidden_size * predictor.vocab_size)
    return number_bytes * numbers


def memory_bytes(talker: TalkerConfig, number_bytes: int, streams: int, positions: int) -> int:
    """Keys and values that a frame of so many streams reads, each with so many positions behind it."""
    each = talker.num_hidden_layers * KINDS * talker.num_key_value_heads * talker.head_dim
    return number_bytes * streams * positions * each


def floor_ms(size_bytes: int, gb_s: float) -> float:
    return size_bytes / gb_s / 1e6


def _layer(shape: Stack) -> int:
    """Numbers in the matrices of a decoder layer."""
    heads = shape.num_attention_heads + shape.num_key_value_heads
    return 2 * shape.hidden_size * shape.head_dim * heads + 3 * shape.hidden_size * shape.intermediate_size
