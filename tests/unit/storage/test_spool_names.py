"""Whatever sources are called and in whatever order they come: each has results of its own, and keeps them."""

import tempfile
from pathlib import Path, PurePath

import hypothesis.strategies as st
from hypothesis import given, settings

from tests.unit.storage.test_spool import below, drop, made, receipt
from ttsd.storage.spool import Spool

STEMS = st.sampled_from(["a", "a.md", "a.json", "a.wav", "a~row", "0001", "x" * 250])
SUFFIXES = st.sampled_from([".txt", ".md", ".TXT", ".csv", ".json", ".jsonl"])
SOURCES = st.builds(
    lambda folders, stem, suffix: PurePath(*folders, (stem + suffix)[-255:]),
    st.lists(st.sampled_from(["a", "0001"]), max_size=2),
    STEMS,
    SUFFIXES,
)
TABLES = (".csv", ".json", ".jsonl")
ROWS = ("0001", "a", "0001/a")


class Sources:
    """Sources going through a spool, and what each should have in the outbox."""

    def __init__(self, root: Path) -> None:
        self.spool = Spool(root)
        self.spool.prepare()
        self.due: dict[PurePath, dict[str, bytes]] = {}
        self.open: dict[str, PurePath] = {}

    def begin(self, source: PurePath) -> None:
        """Claim it; of a table, publish the first row."""
        if source in self.open.values():
            return
        job = f"j{len(self.due)}-{len(self.open)}-{source.name[:9]}"
        drop(self.spool, source)
        assert self.spool.claim(source, job)
        self.open[job] = source
        if source.suffix in TABLES:
            self.publish_row(job, source, ROWS[0])

    def publish_row(self, job: str, source: PurePath, row: str) -> str:
        path = self.spool.publish_row(made(self.spool, job, f"{source} {row}".encode()), source, row, ".wav")
        return str(path.relative_to(self.spool.outbox))

    def end(self, job: str) -> None:
        """Publish what it has, with its receipt."""
        source = self.open.pop(job)
        if source.suffix in TABLES:
            files = {self.publish_row(job, source, row): f"{source} {row}".encode() for row in ROWS}
            output = self.spool.rows_folder(job, source)
        else:
            output = self.spool.publish(made(self.spool, job, str(source).encode()), source, ".wav")
            files = {str(output.relative_to(self.spool.outbox)): str(source).encode()}
        told = receipt(job, source, str(output.relative_to(self.spool.outbox)))
        self.spool.publish_receipt(job, output, told, old=self.due.get(source, ()), new=files)
        self.spool.finish(job, source)
        self.due[source] = files

    def crash(self) -> None:
        self.spool = Spool(self.spool.root)
        self.spool.prepare()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(SOURCES, st.booleans(), st.booleans()), min_size=2, max_size=9))
def test_each_source_has_its_own_results(steps):
    with tempfile.TemporaryDirectory() as folder:
        sources = Sources(Path(folder) / "spool")
        for source, ends_at_once, crashes in steps:
            sources.begin(source)
            if crashes:
                sources.crash()
            if ends_at_once:
                sources.end(next(job for job, other in sources.open.items() if other == source))
        for job in [*sources.open]:
            sources.end(job)
        for source, files in sources.due.items():
            for path, content in files.items():
                assert (sources.spool.outbox / path).read_bytes() == content, (source, path)
            assert sources.spool.last_receipt(source) is not None, source
        wavs = [path for path in below(sources.spool.outbox) if path.endswith(".wav")]
        assert sorted(wavs) == sorted(path for files in sources.due.values() for path in files)
        assert list(sources.spool.work.iterdir()) == []
