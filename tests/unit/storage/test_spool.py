"""The spool's folders on a real file system: each step is a rename, and every crash between two leaves a way on."""

import os
import sys
from pathlib import Path, PurePath

import msgspec
import pytest

from tests.mounts import mounted, nobody, open_to_all
from tests.needs import needs_root
from ttsd.protocol.errors import BadRequest, ConfigError, StorageFull
from ttsd.protocol.jobs import Receipt
from ttsd.storage.namebook import read_receipt
from ttsd.storage.naming import error_path, receipt_path
from ttsd.storage.placing import remove_tree
from ttsd.storage.spool import Spool

A = PurePath("sub/a.txt")


def drop(spool: Spool, relative: PurePath, text: str = "hello") -> None:
    path = spool.inbox / relative
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def receipt(job: str, source: PurePath, output: str = "a.wav") -> Receipt:
    return Receipt(
        1,
        job,
        str(source),
        "0" * 64,
        output,
        "tone",
        "en",
        "fake",
        "1",
        0,
        1.0,
        24_000,
        1.0,
        (),
        1.0,
        2.0,
        3.0,
        4.0,
        5.0,
        6.0,
    )


def made(spool: Spool, job: str, data: bytes) -> Path:
    """Finished audio in the work folder."""
    scratch = spool.scratch(job, "output")
    scratch.parent.mkdir(exist_ok=True)
    scratch.write_bytes(data)
    return scratch


def published(spool: Spool, job: str, relative: PurePath, data: bytes, suffix: str = ".wav") -> Path:
    output = spool.publish(made(spool, job, data), relative, suffix)
    spool.publish_receipt(job, output, receipt(job, relative, str(output.relative_to(spool.outbox))))
    return output


def gone_through(spool: Spool, job: str, relative: PurePath) -> Path:
    """A file from the inbox to its end; its job is what its audio says."""
    drop(spool, relative, job)
    assert spool.claim(relative, job)
    output = published(spool, job, relative, job.encode())
    spool.finish(job, relative)
    return output


def table(spool: Spool, job: str, relative: PurePath, *rows: str) -> list[str]:
    """A table from the inbox to its end; the paths of its rows below the outbox."""
    drop(spool, relative)
    assert spool.claim(relative, job)
    paths = [spool.publish_row(made(spool, job, job.encode()), relative, row, ".wav") for row in rows]
    folder = spool.rows_folder(job, relative)
    spool.publish_receipt(job, folder, receipt(job, relative, str(folder.relative_to(spool.outbox))))
    spool.finish(job, relative)
    return [str(path.relative_to(spool.outbox)) for path in paths]


def below(folder: Path) -> list[str]:
    """All files there."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())


def test_a_file_goes_through_and_its_folder_is_mirrored(spool: Spool):
    drop(spool, A)
    assert spool.claim(A, "j1")
    assert not (spool.inbox / A).exists()
    assert spool.orphans() == [("j1", A)]
    output = published(spool, "j1", A, b"sound")
    spool.finish("j1", A)
    assert output == spool.outbox / "sub/a.wav"
    assert (spool.done / A).read_text() == "hello"
    found = read_receipt(receipt_path(output))
    assert found is not None
    assert found.job == "j1"
    assert list(spool.work.iterdir()) == []


def test_a_file_that_has_gone_is_not_claimed(spool: Spool):
    assert not spool.claim(A, "j1")
    assert list(spool.work.iterdir()) == []


def test_the_same_source_replaces_its_output_and_keeps_the_older_source(spool: Spool):
    for job, text in (("j1", "old"), ("j2", "new")):
        drop(spool, A, text)
        spool.claim(A, job)
        published(spool, job, A, text.encode())
        spool.finish(job, A)
    assert (spool.outbox / "sub/a.wav").read_bytes() == b"new"
    assert (spool.done / A).read_text() == "new"
    assert (spool.done / "sub/a~j2.txt").read_text() == "old"
    assert sorted(path.name for path in (spool.outbox / "sub").iterdir()) == ["a.json", "a.wav"]


def test_two_sources_of_one_name_have_two_outputs(spool: Spool):
    for job, name in (("j1", "a.txt"), ("j2", "a.md"), ("j3", "a.md"), ("j4", "a.txt")):
        drop(spool, PurePath(name), name)
        spool.claim(PurePath(name), job)
        published(spool, job, PurePath(name), job.encode())
        spool.finish(job, PurePath(name))
    assert (spool.outbox / "a.wav").read_bytes() == b"j4"
    assert (spool.outbox / "a.md.wav").read_bytes() == b"j3"
    assert sorted(path.name for path in (spool.outbox).iterdir()) == ["a.json", "a.md.json", "a.md.wav", "a.wav"]


def test_an_output_without_a_receipt_was_left_by_a_crash_and_is_replaced(spool: Spool):
    drop(spool, A)
    spool.claim(A, "j1")
    spool.scratch("j1", "output").write_bytes(b"first")
    spool.publish(spool.scratch("j1", "output"), A, ".wav")
    published(spool, "j1", A, b"second")
    assert (spool.outbox / "sub/a.wav").read_bytes() == b"second"


def test_a_failure_explains_itself_and_can_be_tried_again(spool: Spool):
    drop(spool, A)
    spool.claim(A, "j1")
    spool.fail("j1", A, "it could not be read")
    assert error_path(spool.failed / A).read_text() == "it could not be read"
    assert spool.find_failure(A) == "it could not be read"
    assert spool.reclaim("j1", A)
    assert spool.source("j1", A).read_text() == "hello"
    assert list((spool.failed / "sub").iterdir()) == []
    spool.finish("j1", A)
    assert not spool.reclaim("j2", A)


def test_a_released_file_is_back_where_it_was(spool: Spool):
    drop(spool, A)
    spool.claim(A, "j1")
    spool.release("j1", A)
    assert (spool.inbox / A).read_text() == "hello"
    assert spool.orphans() == []


def test_a_release_never_replaces_a_newer_file(spool: Spool):
    drop(spool, A, "old")
    spool.claim(A, "j1")
    drop(spool, A, "new")
    spool.release("j1", A)
    assert (spool.inbox / A).read_text() == "new"
    assert spool.source("j1", A).read_text() == "old"


def test_links_and_special_files_are_refused(spool: Spool, tmp_path: Path):
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    (spool.inbox / "link.txt").symlink_to(secret)
    os.mkfifo(spool.inbox / "pipe.txt")
    for job, name, why in (("j1", "link.txt", "symbolic link"), ("j2", "pipe.txt", "no regular file")):
        assert spool.claim(PurePath(name), job)
        with pytest.raises(BadRequest, match=why):
            spool.check_source(job, PurePath(name))
        spool.fail(job, PurePath(name), why)
    assert secret.read_text() == "secret"
    assert (spool.failed / "link.txt").is_symlink()


def test_a_source_that_somebody_removed_is_said_to_have_vanished(spool: Spool):
    drop(spool, A)
    spool.claim(A, "j1")
    spool.source("j1", A).unlink()
    with pytest.raises(BadRequest, match="vanished"):
        spool.check_source("j1", A)


@pytest.mark.parametrize("name", ["-rf.txt", "new\nline.txt", "日本 語.txt", "a.b.c.txt", "no-suffix", "'quote\".txt"])
def test_odd_names_go_through(spool: Spool, name: str):
    drop(spool, PurePath(name))
    assert spool.claim(PurePath(name), "j1")
    output = published(spool, "j1", PurePath(name), b"sound")
    spool.finish("j1", PurePath(name))
    assert output.exists()
    assert (spool.done / name).exists()


def test_sweeping_removes_leftovers_and_keeps_sources(spool: Spool):
    drop(spool, A)
    spool.claim(A, "j1")
    spool.scratch("j2", "output").parent.mkdir()
    spool.scratch("j2", "output").write_bytes(b"half")
    spool.sweep(set())
    assert [path.name for path in spool.work.iterdir()] == ["j1"]


def test_finishing_twice_is_harmless(spool: Spool):
    drop(spool, A)
    spool.claim(A, "j1")
    spool.finish("j1", A)
    spool.finish("j1", A)
    assert (spool.done / A).exists() or (spool.done / "sub/a~j1.txt").exists()


def test_a_folder_that_cannot_be_written_is_reported(tmp_path: Path):
    (tmp_path / "spool").write_text("a file where the folder should be")
    with pytest.raises(BadRequest, match="spool"):
        Spool(tmp_path / "spool").prepare()


def test_a_receipt_has_its_fields(spool: Spool):
    drop(spool, A)
    spool.claim(A, "j1")
    output = published(spool, "j1", A, b"sound")
    fields = msgspec.json.decode(receipt_path(output).read_bytes())
    assert {
        "schema_version",
        "job",
        "source_sha256",
        "voice",
        "engine",
        "segments",
        "duration_s",
        "rtf",
    } <= fields.keys()


# --- names -----------------------------------------------------------------------------------------

LONG = {
    "just fits": "x" * 251 + ".txt",
    "no room for the receipt": "y" * 251 + ".md",
    "characters of three bytes": "語" * 83 + ".txt",
    "all suffix": "a." + "z" * 253,
    "no suffix": "b" * 255,
}


@pytest.mark.parametrize("name", LONG.values(), ids=LONG)
def test_the_longest_names_go_through_every_folder(spool: Spool, name: str):
    for job in ("j1", "j2"):
        output = gone_through(spool, job, PurePath(name))
        assert output.read_bytes() == job.encode()
        assert spool.find_receipt(job, PurePath(name)) is not None
    assert len(below(spool.outbox)) == 2
    (older,) = set(below(spool.done)) - {name}
    assert (spool.done / older).read_text() == "j1"
    assert "~j2" in older
    drop(spool, PurePath(name), "bad")
    spool.claim(PurePath(name), "j3")
    spool.fail("j3", PurePath(name), "why")
    assert spool.find_failure(PurePath(name)) == "why"
    assert spool.reclaim("j3", PurePath(name))
    assert below(spool.failed) == []


def test_long_names_that_begin_alike_stay_apart(spool: Spool):
    names = [PurePath("n" * 250 + letter + ".txt") for letter in "ab"]
    outputs = [gone_through(spool, f"j{i}", name) for i, name in enumerate(names)]
    assert [output.read_bytes() for output in outputs] == [b"j0", b"j1"]


def test_a_long_name_that_is_no_utf8_can_fail(spool: Spool):
    name = PurePath(os.fsdecode(b"\xe9" * 250 + b".txt"))
    drop(spool, name)
    assert spool.claim(name, "j1")
    spool.fail("j1", name, "rename it")
    assert spool.find_failure(name) == "rename it"


@pytest.fixture
def removed(spool: Spool):
    """What pytest cannot remove is gone after the test, however that ends."""
    yield
    remove_tree(spool.root)
    assert not spool.root.exists()


@pytest.mark.usefixtures("removed")
def test_folders_deeper_than_python_recurs(spool: Spool):
    deep = PurePath(*["d"] * (sys.getrecursionlimit() + 50), "f.md")
    folder = spool.inbox
    for part in deep.parts[:-1]:  # mkdir(parents=True) recurs
        folder /= part
        folder.mkdir()
    (spool.inbox / deep).write_text("hello")
    assert spool.claim(deep, "j1")
    assert spool.orphans() == [("j1", deep)]
    output = published(spool, "j1", deep, b"sound")
    spool.finish("j1", deep)
    assert output.read_bytes() == b"sound"
    assert (spool.done / deep).read_text() == "hello"
    assert list(spool.work.iterdir()) == []


def test_a_path_too_long_for_the_work_folder_stays_and_says_so(spool: Spool):
    parts = ["p" * 250] * ((4095 - len(os.fsencode(spool.inbox))) // 251)
    left = 4095 - len(os.fsencode(spool.inbox)) - 251 * len(parts)
    if left < 10:
        parts[-1] = parts[-1][: 240 + left]
        left = 4095 - len(os.fsencode(spool.inbox)) - sum(len(part) + 1 for part in parts)
    deep = PurePath(*parts, "q" * (left - 6) + ".txt")
    drop(spool, deep)
    with pytest.raises(BadRequest, match="the path is too long"):
        spool.claim(deep, "j1")
    assert (spool.inbox / deep).exists()
    assert list(spool.work.iterdir()) == []


def test_three_sources_that_want_one_name_have_three(spool: Spool):
    outputs = [gone_through(spool, f"j{i}", PurePath(name)) for i, name in enumerate(("a.txt", "a.md.txt", "a.md"))]
    assert [output.read_bytes() for output in outputs] == [b"j0", b"j1", b"j2"]
    assert [output.name for output in outputs[:2]] == ["a.wav", "a.md.wav"]
    again = gone_through(spool, "j9", PurePath("a.md"))
    assert again == outputs[2]
    assert len(below(spool.outbox)) == 6


def test_a_source_keeps_its_name_when_a_better_one_is_free_again(spool: Spool):
    first = gone_through(spool, "j1", PurePath("a.txt"))
    second = gone_through(spool, "j2", PurePath("a.md"))
    first.unlink()
    receipt_path(first).unlink()
    assert gone_through(spool, "j3", PurePath("a.md")) == second
    assert gone_through(spool, "j4", PurePath("a.txt")) == first


def test_a_name_is_held_while_its_job_is_under_way_and_through_a_crash(spool: Spool):
    for job, name in (("j1", "a.csv"), ("j2", "a.json")):
        drop(spool, PurePath(name))
        spool.claim(PurePath(name), job)
    spool.publish_row(made(spool, "j1", b"1"), PurePath("a.csv"), "0001", ".wav")
    after = Spool(spool.root)
    after.prepare()
    second = after.publish_row(made(after, "j2", b"2"), PurePath("a.json"), "0001", ".wav")
    first = after.publish_row(made(after, "j1", b"3"), PurePath("a.csv"), "0002", ".wav")
    assert first == spool.outbox / "a/0002.wav"
    assert second.parent.name.startswith("a.json~")


@pytest.mark.parametrize("folder", ["x.txt", "x.txt/y.txt"])
def test_a_folder_where_a_file_was_loses_nothing_in_done(spool: Spool, folder: str):
    gone_through(spool, "j1", PurePath("x.txt"))
    gone_through(spool, "j2", PurePath(folder) / "a.txt")
    assert (spool.done / folder / "a.txt").read_text() == "j2"
    assert (spool.done / "x~j2.txt").read_text() == "j1"


def test_an_output_where_a_folder_stands_fails_and_says_what_is_in_the_way(spool: Spool):
    gone_through(spool, "j1", PurePath("x.wav/y.txt"))
    drop(spool, PurePath("x.txt"))
    spool.claim(PurePath("x.txt"), "j2")
    with pytest.raises(BadRequest, match=r"outbox/x\.wav; rename"):
        spool.publish(made(spool, "j2", b"sound"), PurePath("x.txt"), ".wav")


# --- captions, rows, formats -----------------------------------------------------------------------


def test_captions_lie_beside_the_audio(spool: Spool):
    drop(spool, A)
    spool.claim(A, "j1")
    output = published(spool, "j1", A, b"sound")
    assert spool.publish_beside("j1", output, ".srt", b"1\n") == spool.outbox / "sub/a.srt"
    spool.publish_beside("j1", output, ".srt", b"2\n")
    spool.finish("j1", A)
    assert below(spool.outbox) == ["sub/a.json", "sub/a.srt", "sub/a.wav"]
    assert (spool.outbox / "sub/a.srt").read_bytes() == b"2\n"


def test_rows_lie_in_the_tables_folder_and_its_receipt_beside_that(spool: Spool):
    rows = table(spool, "j1", PurePath("sub/v1.2.csv"), "0001", "b.c", "deep/er")
    assert rows == ["sub/v1.2/0001.wav", "sub/v1.2/b.c.wav", "sub/v1.2/deep/er.wav"]
    assert below(spool.outbox) == ["sub/v1.2.json", *rows]
    found = spool.last_receipt(PurePath("sub/v1.2.csv"))
    assert found is not None
    assert found.output == "sub/v1.2"


def test_tables_of_one_name_have_two_folders(spool: Spool):
    assert table(spool, "j1", PurePath("a.csv"), "0001") == ["a/0001.wav"]
    assert table(spool, "j2", PurePath("a.jsonl"), "0001") == ["a.jsonl/0001.wav"]
    assert table(spool, "j3", PurePath("a.csv"), "0002") == ["a/0002.wav"]
    assert below(spool.outbox) == ["a.json", "a.jsonl.json", "a.jsonl/0001.wav", "a/0001.wav", "a/0002.wav"]


def test_no_folder_is_called_as_a_result_may_be(spool: Spool):
    """`a.json/` would be the second choice for the rows of `a.json`, and is the receipt of `a.csv`."""
    table(spool, "j1", PurePath("a.csv"), "0001")
    (row,) = table(spool, "j2", PurePath("a.json"), "0001")
    assert row.startswith("a.json~")
    assert spool.last_receipt(PurePath("a.csv")) is not None
    assert spool.last_receipt(PurePath("a.json")) is not None
    assert table(spool, "j3", PurePath("b.wav.csv"), "0001") == ["b.wav.csv/0001.wav"]
    assert gone_through(spool, "j4", PurePath("b.txt")) == spool.outbox / "b.wav"


def test_a_table_and_a_folder_of_its_name_leave_each_other_alone(spool: Spool):
    first = gone_through(spool, "j1", PurePath("a/0001.txt"))
    rows = table(spool, "j2", PurePath("a.csv"), "0001", "0002")
    second = gone_through(spool, "j3", PurePath("a/0002.txt"))
    assert first.read_bytes() == b"j1"
    assert second.read_bytes() == b"j3"
    assert [(spool.outbox / row).read_bytes() for row in rows] == [b"j2", b"j2"]
    assert len({str(first), str(second), *(str(spool.outbox / row) for row in rows)}) == 4


@pytest.mark.parametrize("row", ["../x", "/etc/x", "a/../../x", "..", ".", "", ".hidden", "a/.b", "a\0b"])
def test_a_row_never_leaves_its_folder(spool: Spool, row: str):
    drop(spool, PurePath("a.csv"))
    spool.claim(PurePath("a.csv"), "j1")
    with pytest.raises(BadRequest, match="a row cannot be called"):
        spool.publish_row(made(spool, "j1", b"1"), PurePath("a.csv"), row, ".wav")
    assert below(spool.outbox) == []


def test_a_row_with_a_long_name(spool: Spool):
    (row,) = table(spool, "j1", PurePath("a.csv"), f"{'r' * 300}/{'s' * 300}")
    assert (spool.outbox / row).read_bytes() == b"j1"


def test_what_is_stale_goes_and_nothing_else(spool: Spool, tmp_path: Path):
    gone_through(spool, "j1", PurePath("b.txt"))
    rows = table(spool, "j2", PurePath("a.csv"), "0001", "x/y", "x/z")
    (tmp_path / "secret").write_text("")
    (spool.outbox / "link").symlink_to(tmp_path)
    spool.remove_stale(
        [*rows, "../done/b.txt", f"{tmp_path}/secret", "link/secret", "no/such", "b.wav/x", "a"], rows[:1]
    )
    assert below(spool.outbox) == ["a.json", "a/0001.wav", "b.json", "b.wav", "link"]
    assert not (spool.outbox / "a/x").exists()
    assert (tmp_path / "secret").exists()
    assert (spool.done / "b.txt").exists()


def test_an_output_of_another_format_replaces_the_old_one_even_after_a_crash(spool: Spool):
    gone_through(spool, "j1", A)
    drop(spool, A)
    spool.claim(A, "j2")
    output = spool.publish(made(spool, "j2", b"new"), A, ".mp3")
    new = receipt("j2", A, "sub/a.mp3")
    spool.publish_receipt("j2", output, new, old=["sub/a.wav"], new=["sub/a.mp3"])
    after = Spool(spool.root)  # here the daemon was killed; the job runs again, and what was old is not known any more
    after.prepare()
    output = after.publish(made(after, "j2", b"new"), A, ".mp3")
    after.publish_receipt("j2", output, new, old=["sub/a.mp3"], new=["sub/a.mp3"])
    after.finish("j2", A)
    assert below(spool.outbox) == ["sub/a.json", "sub/a.mp3"]


@pytest.mark.parametrize("old", [["sub/a.mp3"], []])
def test_what_is_made_again_after_a_crash_is_not_stale(spool: Spool, old: list[str]):
    gone_through(spool, "j1", A)
    drop(spool, A)
    spool.claim(A, "j2")
    output = spool.publish(made(spool, "j2", b"new"), A, ".mp3")
    spool.publish_receipt("j2", output, receipt("j2", A), old=["sub/a.wav"], new=["sub/a.mp3"])
    output = spool.publish(made(spool, "j2", b"new"), A, ".wav")
    spool.publish_receipt("j2", output, receipt("j2", A), old=old, new=["sub/a.wav"])
    spool.finish("j2", A)
    assert below(spool.outbox) == ["sub/a.json", "sub/a.wav"]


def test_a_finished_source_is_taken_back_and_done_again(spool: Spool):
    gone_through(spool, "j1", A)
    assert spool.reclaim_done("j1", A)
    assert spool.source("j1", A).read_text() == "j1"
    assert below(spool.done) == []
    assert spool.reclaim_done("j1", A)
    spool.finish("j1", A)
    assert below(spool.done) == ["sub/a.txt"]
    assert not spool.reclaim_done("j2", PurePath("never.txt"))
    assert list(spool.work.iterdir()) == []


# --- mode and group --------------------------------------------------------------------------------


@needs_root
def test_results_have_the_mode_and_group_that_are_asked_for(tmp_path: Path):
    (tmp_path / "spool").mkdir()
    (tmp_path / "spool/outbox").mkdir(mode=0o2770)
    (tmp_path / "spool/outbox").chmod(0o2770)
    spool = Spool(tmp_path / "spool", file_mode=0o640, gid=1234)
    spool.prepare()
    output = gone_through(spool, "j1", A)
    spool.scratch("j1", "x").parent.mkdir()
    caption = spool.publish_beside("j1", output, ".srt", b"1")
    (row,) = table(spool, "j2", PurePath("t.csv"), "0001")
    drop(spool, A)
    spool.claim(A, "j3")
    spool.fail("j3", A, "why")
    for path in (output, receipt_path(output), caption, spool.outbox / row, error_path(spool.failed / A)):
        assert (path.stat().st_mode & 0o7777, path.stat().st_gid) == (0o640, 1234), path
    for folder in (output.parent, (spool.outbox / row).parent):
        assert (folder.stat().st_mode & 0o7777, folder.stat().st_gid) == (0o2750, 1234), folder
    assert (spool.failed / "sub").stat().st_mode & 0o777 == 0o750
    assert spool.outbox.stat().st_mode & 0o7777 == 0o2770
    assert (spool.failed / A).stat().st_gid == 0


def test_without_them_the_umask_decides(spool: Spool):
    old = os.umask(0o027)
    try:
        output = gone_through(spool, "j1", A)
    finally:
        os.umask(old)
    assert output.stat().st_mode & 0o777 == 0o640
    assert output.parent.stat().st_mode & 0o777 == 0o750


@needs_root
def test_a_group_that_the_daemon_may_not_give_files_to(tmp_path: Path):
    open_to_all(tmp_path)
    tmp_path.chmod(0o777)
    with nobody(), pytest.raises(ConfigError, match=r"\[spools.books\] group: this user may not"):
        Spool(tmp_path / "spool", name="books", gid=1234).prepare()


# --- permissions -----------------------------------------------------------------------------------


@needs_root
def test_a_file_that_may_not_be_taken_stays_and_leaves_nothing(tmp_path: Path):
    spool = Spool(tmp_path / "spool")
    spool.prepare()
    drop(spool, A)
    open_to_all(spool.root)
    spool.work.chmod(0o777)
    with nobody(), pytest.raises(StorageFull, match="mend the permissions"):
        spool.claim(A, "j1")
    assert (spool.inbox / A).read_text() == "hello"
    assert list(spool.work.iterdir()) == []


def test_a_folder_in_a_files_place_is_not_taken(spool: Spool):
    (spool.inbox / "a.txt/inner").mkdir(parents=True)
    (spool.inbox / "a.txt/inner/b.txt").write_text("keep me")
    assert not spool.claim(PurePath("a.txt"), "j1")
    assert (spool.inbox / "a.txt/inner/b.txt").read_text() == "keep me"
    assert list(spool.work.iterdir()) == []


def test_sources_survive_whatever_is_swept(spool: Spool):
    drop(spool, A)
    spool.claim(A, "j1")
    (spool.source("j1", A).parent / "more").mkdir()
    spool.sweep(set())
    assert spool.source("j1", A).read_text() == "hello"


def test_a_spool_that_vanishes_is_said_to_have_gone(spool: Spool):
    drop(spool, A)
    spool.claim(A, "j1")
    spool.root.rename(spool.root.with_name("elsewhere"))
    with pytest.raises(StorageFull, match="put it back as it was"):
        spool.fail("j1", A, "why")


# --- file systems ----------------------------------------------------------------------------------


@needs_root
def test_folders_on_other_file_systems(tmp_path: Path):
    spool = Spool(tmp_path / "spool", file_mode=0o640, gid=1234)
    with mounted(spool.root / "outbox"), mounted(spool.root / "done"), mounted(spool.root / "failed"):
        (spool.outbox / "sub").mkdir()
        (spool.outbox / "sub/.a.wav.part").write_text("half a copy, left by a crash")
        spool.prepare()
        assert below(spool.outbox) == []
        drop(spool, A)
        stamp = (spool.inbox / A).stat().st_mtime_ns
        spool.claim(A, "j1")
        output = published(spool, "j1", A, b"sound")
        spool.finish("j1", A)
        assert (output.stat().st_mode & 0o777, output.stat().st_gid) == (0o640, 1234)
        assert (spool.done / A).stat().st_mtime_ns == stamp
        assert below(spool.outbox) == ["sub/a.json", "sub/a.wav"]
        assert spool.reclaim_done("j1", A)
        spool.fail("j1", A, "why")
        assert below(spool.failed) == ["sub/a.txt", "sub/a.txt.error.txt"]
        assert spool.reclaim("j1", A)
        assert spool.source("j1", A).read_text() == "hello"


@needs_root
def test_a_link_is_never_followed_to_another_file_system(tmp_path: Path):
    (tmp_path / "secret").write_text("secret")
    spool = Spool(tmp_path / "spool")
    with mounted(spool.root / "failed"):
        spool.prepare()
        (spool.inbox / "link.txt").symlink_to(tmp_path / "secret")
        os.mkfifo(spool.inbox / "pipe.txt")
        for job, name in (("j1", "link.txt"), ("j2", "pipe.txt")):
            assert spool.claim(PurePath(name), job)
            spool.fail(job, PurePath(name), "refused")
        assert (spool.failed / "link.txt").is_symlink()
        assert below(spool.failed) == ["link.txt", "link.txt.error.txt", "pipe.txt.error.txt"]


@needs_root
def test_an_inbox_that_is_a_mount_has_the_work_folder_in_it(tmp_path: Path):
    before = Spool(tmp_path / "spool")
    before.prepare()
    drop(before, A, "claimed before the mount")
    before.claim(A, "j1")
    with mounted(before.inbox):
        spool = Spool(before.root)
        spool.prepare()
        assert spool.orphans() == [("j1", A)]
        assert spool.source("j1", A).read_text() == "claimed before the mount"
        gone_through(spool, "j2", PurePath("b.txt"))
        assert below(spool.outbox) == ["b.json", "b.wav"]
        assert spool.work == spool.inbox / ".work"


@needs_root
def test_a_mount_within_the_inbox_says_what_to_do(tmp_path: Path):
    spool = Spool(tmp_path / "spool")
    spool.prepare()
    with mounted(spool.inbox / "alice"):
        drop(spool, PurePath("alice/a.txt"))
        with pytest.raises(StorageFull, match=r"spool of its own: \[spools.NAME\]"):
            spool.claim(PurePath("alice/a.txt"), "j1")
        assert (spool.inbox / "alice/a.txt").exists()
