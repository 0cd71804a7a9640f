"""The token file."""

import os
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.needs import needs_root
from ttsd.protocol.errors import BadRequest, ConfigError, NotFound
from ttsd.storage.token_file import Token, add, day, digest_of, migrate, read, revoke

NOON_S = 1_900_000_000.0


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "etc" / "tokens"


def test_a_new_token_is_found_by_itself_alone_and_stands_nowhere(file: Path):
    secret = add(file, "laptop", NOON_S, None, admin=False)
    other = add(file, "robot", NOON_S, 30, admin=True)
    assert len(secret) > 40
    assert secret != other
    assert secret not in file.read_text()
    tokens = read(file)
    assert tokens.find(secret) == Token("laptop", digest_of(secret))
    robot = tokens.find(other)
    assert robot is not None
    assert (robot.name, robot.admin, robot.expires) == ("robot", True, day(NOON_S + 30 * 86_400))
    for wrong in (secret[:-1], secret + "x", "", "laptop", digest_of(secret)):
        assert tokens.find(wrong) is None


def test_a_token_is_good_up_to_its_day(file: Path):
    secret = add(file, "laptop", NOON_S, 1, admin=False)
    token = read(file).find(secret)
    assert token is not None
    assert not token.has_expired(NOON_S)
    assert token.has_expired(NOON_S + 86_400)


def test_a_revoked_token_is_gone(file: Path):
    secret = add(file, "laptop", NOON_S, None, admin=False)
    add(file, "robot", NOON_S, None, admin=False)
    revoke(file, "laptop")
    assert [token.name for token in read(file).tokens] == ["robot"]
    assert read(file).find(secret) is None
    with pytest.raises(NotFound, match="`ttsd token list`"):
        revoke(file, "laptop")


def test_names_are_plain_and_each_is_there_once(file: Path):
    add(file, "laptop", NOON_S, None, admin=False)
    for name in ("laptop", "a:b", "", "-x", "a\nb", "x" * 65):
        with pytest.raises(BadRequest):
            add(file, name, NOON_S, None, admin=False)


def test_a_file_of_the_old_kind_goes_on_and_can_be_hashed(file: Path):
    file.parent.mkdir()
    file.write_text("s3cret\n")
    file.chmod(0o640)
    assert read(file).plain
    assert read(file).find("s3cret") is not None
    assert migrate(file)
    assert "s3cret" not in file.read_text()
    assert not read(file).plain
    assert read(file).find("s3cret") is not None
    assert not migrate(file)


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o660, 0o642])
def test_a_file_that_others_could_read_or_change_is_refused_with_the_command_that_mends_it(file: Path, mode: int):
    add(file, "laptop", NOON_S, None, admin=False)
    assert file.stat().st_mode & 0o037 == 0
    file.chmod(mode)
    with pytest.raises(ConfigError, match=f"chmod 0640 {file}"):
        read(file)


def test_a_line_that_is_none_is_told_by_its_number_alone(file: Path):
    add(file, "laptop", NOON_S, None, admin=False)
    assert file.read_text().startswith("#")
    file.write_text("\n" + file.read_text() + "hunter2\n")
    with pytest.raises(ConfigError, match="line 4") as raised:
        read(file)
    assert "hunter2" not in raised.value.message


@pytest.mark.parametrize(
    "end", [":expires=2027-3-1", ":expires=2027-02-30", ":admin:expires=2027-03-01", ":Admin", "0"]
)
def test_a_lone_hashed_line_with_a_slip_is_no_token_of_the_old_kind(file: Path, end: str):
    file.parent.mkdir()
    file.write_text(f"laptop:sha256:{digest_of('s3cret')}{end}\n")
    file.chmod(0o600)
    with pytest.raises(ConfigError, match="line 1"):
        read(file)


def test_a_file_that_is_not_there_or_not_text_is_refused(file: Path):
    with pytest.raises(ConfigError, match="cannot be read"):
        read(file)
    file.parent.mkdir()
    file.write_bytes(b"\xff\xfe")
    file.chmod(0o600)
    with pytest.raises(ConfigError, match="not text"):
        read(file)


def test_a_change_leaves_no_moment_without_tokens(file: Path):
    add(file, "laptop", NOON_S, None, admin=False)
    before = file.stat()
    add(file, "robot", NOON_S, None, admin=False)
    assert file.stat().st_ino != before.st_ino
    assert sorted(path.name for path in file.parent.iterdir()) == [".tokens.lock", "tokens"]


def test_two_who_add_tokens_at_once_both_have_theirs(file: Path):
    with ThreadPoolExecutor(8) as crowd:
        secrets = list(crowd.map(lambda n: add(file, f"robot-{n}", NOON_S, None, admin=False), range(40)))
    tokens = read(file)
    assert all(tokens.find(secret) for secret in secrets)


def test_a_link_stays_one_and_what_it_leads_to_changes(file: Path, tmp_path: Path):
    file.parent.mkdir()
    file.symlink_to(tmp_path / "elsewhere" / "tokens")
    secret = add(file, "laptop", NOON_S, None, admin=False)
    assert file.is_symlink()
    assert read(tmp_path / "elsewhere" / "tokens").find(secret) is not None


def test_who_may_look_into_the_folder_cannot_hold_the_lock(file: Path):
    add(file, "laptop", NOON_S, None, admin=False)
    (lock,) = file.parent.glob(".*.lock")
    assert stat.S_IMODE(lock.stat().st_mode) == 0o600


def test_what_cannot_be_changed_is_told_as_it_is(file: Path, tmp_path: Path):
    for change in (lambda: revoke(file, "laptop"), lambda: migrate(file)):
        with pytest.raises(ConfigError, match=r"cannot be read \(No such file or directory\)$"):
            change()
    assert not file.parent.exists()
    file.parent.mkdir()
    file.symlink_to(file)
    with pytest.raises(ConfigError, match="Too many levels of symbolic links"):
        add(file, "laptop", NOON_S, None, admin=False)
    (tmp_path / "taken").write_text("")
    with pytest.raises(ConfigError, match=r"cannot be written \(File exists\)$"):
        add(tmp_path / "taken" / "tokens", "laptop", NOON_S, None, admin=False)


def seen_while_it_changes(file: Path) -> set[tuple[int, int, int]]:
    """Mode, owner and group as somebody finds them who looks all the time that tokens come and go."""
    seen: set[tuple[int, int, int]] = set()
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            status = file.stat()
            seen.add((status.st_mode & 0o7777, status.st_uid, status.st_gid))

    looking = threading.Thread(target=look)
    looking.start()
    for number in range(20):
        add(file, f"robot-{number}", NOON_S, None, admin=False)
        revoke(file, f"robot-{number}")
    over.set()
    looking.join()
    return seen


def test_who_could_read_the_file_can_at_every_moment_of_a_change(file: Path):
    add(file, "laptop", NOON_S, None, admin=False)
    file.chmod(0o640)
    assert seen_while_it_changes(file) == {(0o640, os.geteuid(), file.stat().st_gid)}


@needs_root
def test_so_can_another_owner(file: Path):
    add(file, "laptop", NOON_S, None, admin=False)
    os.chown(file, 1234, 2345)
    file.chmod(0o600)
    assert seen_while_it_changes(file) == {(0o600, 1234, 2345)}
