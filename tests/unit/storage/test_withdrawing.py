"""What a job that does not succeed has put into the outbox goes, as far as no receipt tells of it."""

from pathlib import Path, PurePath

from ttsd.protocol.jobs import Receipt
from ttsd.storage.publishing import PUBLISHED_NOTE
from ttsd.storage.spool import Spool

TABLE = PurePath("sub/table.csv")


def claim(spool: Spool, job: str) -> None:
    source = spool.inbox / TABLE
    source.parent.mkdir(exist_ok=True)
    source.write_text("text\nHello.\n")
    assert spool.claim(TABLE, job)


def publish(spool: Spool, job: str, *rows: str) -> list[str]:
    """Files of these rows, as the receipt will name them."""
    found: list[Path] = []
    for row in rows:
        scratch = spool.scratch(job, "output")
        scratch.write_text(f"{job} {row}")
        found.append(spool.publish_row(scratch, TABLE, row, ".wav"))
    return [str(path.relative_to(spool.outbox)) for path in found]


def publish_receipt(spool: Spool, job: str, new: list[str], old: tuple[str, ...] = ()) -> None:
    told = Receipt(
        1, job, str(TABLE), "", "sub/table", "v", "en", "e", "1", 0, 1.0, 24_000, 1.0, (), 1, 2, 3, 4, 5, 6,
        files=tuple(new),
    )  # fmt: skip
    spool.publish_receipt(job, spool.rows_folder(job, TABLE), told, old=old, new=new)


def outbox(spool: Spool) -> list[str]:
    return sorted(str(path.relative_to(spool.outbox)) for path in spool.outbox.rglob("*") if path.is_file())


def test_a_cancelled_table_leaves_no_row(spool: Spool):
    claim(spool, "j1")
    publish(spool, "j1", "a", "b")
    spool.fail("j1", TABLE, "it was cancelled")
    assert outbox(spool) == []
    assert list(spool.outbox.iterdir()) == []
    assert (spool.failed / TABLE).exists()


def test_what_the_last_version_has_stays(spool: Spool):
    claim(spool, "j1")
    publish_receipt(spool, "j1", publish(spool, "j1", "a", "b"))
    spool.finish("j1", TABLE)
    claim(spool, "j2")
    publish(spool, "j2", "a", "c")
    spool.fail("j2", TABLE, "it was cancelled")
    assert outbox(spool) == ["sub/table.json", "sub/table/a.wav", "sub/table/b.wav"]


def test_a_failed_table_with_a_receipt_keeps_its_rows_and_what_is_out_of_date_goes(spool: Spool):
    claim(spool, "j1")
    first = publish(spool, "j1", "a", "b")
    publish_receipt(spool, "j1", first)
    spool.finish("j1", TABLE)
    claim(spool, "j2")
    publish_receipt(spool, "j2", publish(spool, "j2", "a", "c"), old=tuple(first))
    spool.fail("j2", TABLE, "one row was not spoken")
    assert outbox(spool) == ["sub/table.json", "sub/table/a.wav", "sub/table/c.wav"]


def test_what_an_earlier_try_published_elsewhere_goes_with_the_receipt(spool: Spool):
    """As with another format after a restart."""
    claim(spool, "j1")
    publish(spool, "j1", "a", "old")
    again = Spool(spool.root)
    again.prepare()
    publish_receipt(again, "j1", publish(again, "j1", "a", "new"))
    again.finish("j1", TABLE)
    assert outbox(again) == ["sub/table.json", "sub/table/a.wav", "sub/table/new.wav"]


def test_half_a_line_of_the_note_was_not_published(spool: Spool):
    claim(spool, "j1")
    publish(spool, "j1", "a")
    with spool.scratch("j1", PUBLISHED_NOTE).open("ab") as note:
        note.write(b'"sub/table/b.w')
    spool.fail("j1", TABLE, "it was cancelled")
    assert outbox(spool) == []
