"""The spool's folders on a real file system: each step is a rename, and every crash between two leaves a way on."""

import os
from pathlib import Path, PurePath

import msgspec
import pytest

from ttsd.protocol.errors import BadRequest, StorageFull
from ttsd.protocol.jobs import Receipt
from ttsd.storage.spool import Spool, error_path, read_receipt, receipt_path

A = PurePath("sub/a.txt")


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    spool = Spool(tmp_path / "spool")
    spool.prepare()
    return spool


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


def published(spool: Spool, job: str, relative: PurePath, data: bytes) -> Path:
    scratch = spool.scratch(job, "output")
    scratch.parent.mkdir(exist_ok=True)
    scratch.write_bytes(data)
    output = spool.publish(scratch, relative, ".wav")
    spool.publish_receipt(job, output, receipt(job, relative))
    return output


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
    with pytest.raises((StorageFull, FileExistsError, NotADirectoryError)):
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
