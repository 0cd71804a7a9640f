"""What is worth a line in the log when a card's figures are held against those before. Pure."""

from collections.abc import Iterator

from ttsd.protocol.health import Ecc, GpuSample


def ecc_news(before: GpuSample | None, now: GpuSample) -> Iterator[tuple[str, dict[str, int]]]:
    """Events and their fields: each once, when it is seen first."""
    old, new = (before and before.ecc) or Ecc(), now.ecc or Ecc()
    if (new.uncorrected or 0) > (old.uncorrected or 0):
        yield "gpu.memory_errors", {"uncorrected": new.uncorrected or 0, "before": old.uncorrected or 0}
    if new.pending and not old.pending:
        yield "gpu.reset_wanted", {}
    if new.exhausted and not old.exhausted:
        yield "gpu.memory_worn_out", {}
