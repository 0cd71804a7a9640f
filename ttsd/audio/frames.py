"""PCM as FFmpeg's frames, and filters over them."""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Final

from av.audio.frame import AudioFrame
from av.filter import Graph

from ttsd.protocol.speech import BYTES_PER_SAMPLE, SAMPLE_RATE_HZ

TIME_BASE: Final = Fraction(1, SAMPLE_RATE_HZ)


def frames(blocks: Iterable[bytes]) -> Iterator[AudioFrame]:
    """One frame for each block of s16le mono."""
    position = 0
    for block in blocks:
        samples = len(block) // BYTES_PER_SAMPLE
        frame = AudioFrame(format="s16", layout="mono", samples=samples)
        frame.planes[0].update(block)
        frame.sample_rate, frame.time_base, frame.pts = SAMPLE_RATE_HZ, TIME_BASE, position
        position += samples
        yield frame


def filtered(source: Iterable[AudioFrame], name: str, options: str) -> Iterator[AudioFrame]:
    """`source` through FFmpeg's filter `name`."""
    graph = Graph()
    graph.threads = 1
    entry = graph.add_abuffer(sample_rate=SAMPLE_RATE_HZ, format="s16", layout="mono", time_base=TIME_BASE)
    graph.link_nodes(entry, graph.add(name, options), graph.add("abuffersink")).configure()
    for frame in source:
        graph.push(frame)
        yield from _ready(graph)
    graph.push(None)
    yield from _ready(graph)


def _ready(graph: Graph) -> Iterator[AudioFrame]:
    while True:
        try:
            frame = graph.pull()
        except (BlockingIOError, EOFError):
            return
        assert isinstance(frame, AudioFrame)
        yield frame
