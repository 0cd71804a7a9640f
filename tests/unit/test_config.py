"""config.toml against the defaults, and one clear error for everything that can be wrong."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import msgspec
import pytest
import tomli

from ttsd import places
from ttsd.config import Config, Section, Spool, language_code, load_config
from ttsd.config.durations import duration_s
from ttsd.config.reloading import changed, is_reloadable
from ttsd.config.sentences import sentences
from ttsd.protocol.errors import ConfigError
from ttsd.protocol.speech import LANGUAGES, LanguageCode

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "config.toml"
SECTIONS = {section.name: section.type for section in msgspec.structs.fields(Config) if section.name != "spools"}
KEYS = [(name, field) for name, kind in SECTIONS.items() for field in msgspec.structs.fields(kind)]
KEY_IDS = [f"{section}.{field.name}" for section, field in KEYS]


def written(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "config.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def loaded(path: Path | None, env: dict[str, str] | None = None) -> Config:
    return load_config(path, env or {}).config


def error(path: Path | None, env: dict[str, str] | None = None) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        load_config(path, env or {})
    return caught.value


# --- the file in the repository --------------------------------------------------------------------


def test_the_example_is_the_defaults_key_by_key():
    assert tomli.loads(EXAMPLE.read_text()) == msgspec.json.decode(msgspec.json.encode(Config()))
    assert loaded(EXAMPLE) == Config()


@pytest.mark.parametrize("section", SECTIONS)
def test_the_example_says_of_each_key_what_the_source_says(section):
    known = sentences()[type(getattr(Config(), section)).__name__]
    text = EXAMPLE.read_text()
    assert f"[{section}]  # {known['']}\n" in text
    for field in msgspec.structs.fields(getattr(Config(), section)):
        assert re.search(rf"^# {re.escape(known[field.name])}\n{field.name} = ", text, re.MULTILINE)


@pytest.mark.parametrize(("section", "field"), KEYS, ids=KEY_IDS)
def test_sentences_name_every_choice(section, field):
    sentence = sentences()[type(getattr(Config(), section)).__name__][field.name]
    for choice in get_args(field.type) if get_origin(field.type) is Literal else ():
        assert re.search(rf"\b{choice}\b", sentence)


def test_the_installed_form_with_every_key_commented_out_is_the_defaults_too(tmp_path):
    commented = re.sub(r"^(\w+ = )", r"#\1", EXAMPLE.read_text(), flags=re.MULTILINE)
    assert all(table == {} for table in tomli.loads(commented).values())
    assert loaded(written(tmp_path, commented)) == Config()


# --- each key --------------------------------------------------------------------------------------


BAD_VALUES = {
    msgspec.inspect.BoolType: ('"maybe"', "true or false"),
    msgspec.inspect.IntType: ("-1", "a whole number"),
    msgspec.inspect.FloatType: ("-99.5", "a number"),
    msgspec.inspect.VarTupleType: ("[1, 2]", "a list of strings"),
    msgspec.inspect.DictType: ("3", "a table of strings"),
    msgspec.inspect.StrType: ("17", "a string"),
    msgspec.inspect.UnionType: ("[]", "a string or a number"),
}


def bad_value(annotation: Any) -> tuple[str, str]:
    """TOML that a key of this type does not take, and a piece of what the error says it takes."""
    kind = msgspec.inspect.type_info(annotation)
    if isinstance(kind, msgspec.inspect.LiteralType):
        return '"nonsense"', json.dumps(kind.values[0])
    return BAD_VALUES.get(type(kind), ("17", "a string"))


@pytest.mark.parametrize(("section", "field"), KEYS, ids=KEY_IDS)
def test_a_bad_value_names_file_section_key_value_and_what_is_allowed(section, field, tmp_path):
    toml, allowed = bad_value(field.type)
    path = written(tmp_path, f"[{section}]\n{field.name} = {toml}\n")
    problem = error(path)
    assert problem.message.startswith(f"{path}: [{section}] {field.name} = {toml} is not allowed: it takes ")
    assert allowed in problem.message
    assert problem.param == f"{section}.{field.name}"


@pytest.mark.parametrize(("section", "field"), KEYS, ids=KEY_IDS)
def test_a_key_can_be_set_from_file_and_environment(section, field, tmp_path):
    default = getattr(getattr(Config(), section), field.name)
    toml = msgspec.json.encode(default).decode()
    name = f"TTSD__{section}__{field.name}".upper()
    file = written(tmp_path, f"[{section}]\n{field.name} = {toml}\n")
    for config in (loaded(file), loaded(None, {name: toml})):
        assert config == Config()
    assert load_config(file, {}).overrides == {}
    assert load_config(file, {name: toml}).overrides == {f"{section}.{field.name}": name}


@pytest.mark.parametrize(
    ("setting", "takes"),
    [
        ("[engine]\nslots = 65", "a whole number from 0 to 64"),
        ("[engine]\nslots = 1.5", "a whole number from 0 to 64"),
        ("[engine]\nslots = true", "a whole number from 0 to 64"),
        ("[gpu]\nvram_restart = 1.01", "a number above 0 to 1"),
        ("[gpu]\nvram_hysteresis = 1", "a number from 0 below 1"),
        ("[gpu]\nvram_budget_mb = -1", "a whole number from 0 up"),
        ('[engine]\nkeep_alive = "soon"', 'a duration such as "5m", a number of seconds, or "forever"'),
        ('[engine]\nkeep_alive = "5m3"', 'a duration such as "5m", a number of seconds, or "forever"'),
        ('[engine]\nkeep_alive = ""', 'a duration such as "5m", a number of seconds, or "forever"'),
        ("[limits]\nmax_queue = 0", "a whole number from 1 up"),
        ("[limits]\nmax_clip_bytes = 67_108_865", "a whole number from 1 to 67108864"),
        ("[limits]\nmax_clip_s = 60.5", "a number above 0 to 60"),
        ("[spool]\nrescan_s = 0", "a number above 0"),
        ("[spool]\nrescan_s = inf", "a finite number"),
        ("[spool]\nrescan_s = nan", "a number above 0"),
        ("[spool]\nsettle_s = 2026-11-22", "a number from 0 up"),
        ('[spool]\nignore = "*.bak"', "a list of strings"),
        ('[speech]\nvoice = "../x"', "a string that matches"),
        ('[http]\nlisten = "8080"', '"HOST:PORT"'),
        ('[http]\nlisten = "localhost:99999"', '"HOST:PORT"'),
        ('[http]\ntrusted_networks = ["300.0.0.0/8"]', "a list of networks"),
        ('[http]\ntrusted_proxies = ["10.0.0.0/8", "Who?"]', "a list of networks and users"),
        ('[spool]\nfile_mode = "0666x"', 'a mode such as "0640"'),
        ('[spool]\nfile_mode = "0440"', 'a mode such as "0640"'),
        ('[spool]\nfile_mode = "0755"', 'a mode such as "0640"'),
        ('[spool]\ngroup = "no such group"', "a group of this system"),
        ('[spool]\ngroup = "4294967295"', "a group of this system"),
        ('[spool]\nvoice = "../x"', "a string that matches"),
        ('[spool]\nformat = "aiff"', '"" or "flac"'),
        (f'[daemon]\nsocket = "/{"é" * 54}"', "a path of at most 107 bytes"),
    ],
)
def test_bounds_and_rules(tmp_path, setting, takes):
    assert f"it takes {takes}" in error(written(tmp_path, setting)).message


@pytest.mark.parametrize("listen", ["", "localhost:8080", "127.0.0.1:1", "[::1]:65535"])
def test_endpoints_that_are_fine(tmp_path, listen):
    assert loaded(written(tmp_path, f'[http]\nlisten = "{listen}"')).http.listen == listen


# --- several spools --------------------------------------------------------------------------------

SPOOL_KEYS = [field.name for field in msgspec.structs.fields(Spool)]


@pytest.mark.parametrize("key", SPOOL_KEYS)
def test_every_key_of_a_spool_can_be_set_for_each_spool(tmp_path, key):
    values: dict[str, Any] = {
        "root": "/srv/books",
        "settle_s": 2.5,
        "rescan_s": 7.0,
        "ignore": ("*.bak",),
        "polling": True,
        "voice": "anna",
        "language": "de",
        "format": "m4b",
        "captions": "both",
        "file_mode": "0640",
        "group": "root",
    }
    toml = {name: msgspec.json.encode(value).decode() for name, value in values.items()}
    path = written(
        tmp_path, f'[spools.books]\nroot = "/srv/books"\n{f"{key} = {toml[key]}" if key != "root" else ""}\n'
    )
    assert getattr(loaded(path).spools["books"], key) == values[key]
    env = {"TTSD__SPOOLS__BOOKS__ROOT": "/srv/books", f"TTSD__SPOOLS__BOOKS__{key}".upper(): toml[key]}
    assert getattr(loaded(None, env).spools["books"], key) == values[key]


def test_spools_have_their_roots_in_full_and_nothing_else_in_common(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", "/home/someone")
    path = written(tmp_path, '[spool]\nsettle_s = 3\nvoice = "main"\n[spools.a]\nroot = "~/a"\n[spools.b-2]\nroot="/b"')
    config = loaded(path, {"TTSD__SPOOL__ROOT": "~/main", "TTSD__SPOOLS__B_2__VOICE": "bea"})
    assert config.all_spools == {
        "": Spool(root="/home/someone/main", settle_s=3, voice="main"),
        "a": Spool(root="/home/someone/a"),
        "b-2": Spool(root="/b", voice="bea"),
    }
    assert config.flat["spools.b-2.voice"] == "bea"


def test_mode_and_group_are_numbers():
    spool = Spool(file_mode="0640", group="root")
    assert (spool.mode, spool.gid) == (0o640, 0)
    assert (Spool(group="1234").gid, Spool().mode, Spool().gid) == (1234, None, None)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[spools.My]\nroot = "/a"', "[spools.My]: a spool's name is 1 to 32 of a-z, 0-9 and -"),
        (f'[spools.{"x" * 33}]\nroot = "/a"', "a spool's name is 1 to 32 of"),
        ('[spools]\nroot = "/a"', 'spools.root = "/a": [spools.root] is a section, not a key'),
        ("spools = 1", "spools = 1: [spools] is a section, not a key"),
        ('[spools.a]\nvoice = "x"', "[spools.a] root is missing"),
        ("[spools.a]", "[spools.a] root is missing"),
        ('[spools.a]\nrot = "/a"', "[spools.a] rot: unknown key; did you mean root?"),
        ('[spools.a]\nroot = "/a"\nsettle_s = -1', "[spools.a] settle_s = -1 is not allowed: it takes a number from 0"),
        (
            '[spools.a]\nroot = "/a"\nfile_mode = "0111"',
            '[spools.a] file_mode = "0111" is not allowed: it takes a mode',
        ),
        ('[spools.a]\nroot = "/a"\ngroup = "nope"', '[spools.a] group = "nope" is not allowed: it takes a group of'),
    ],
)
def test_a_bad_spool_says_where_and_what(tmp_path, text, says):
    path = written(tmp_path, text)
    problem = error(path)
    assert problem.message.startswith(f"{path}: ")
    assert says in problem.message


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("TTSD__SPOOLS__A__VOICE", "TTSD__SPOOLS__A__VOICE: [spools.a] root is missing"),
        ("TTSD__SPOOLS__A", "TTSD__SPOOLS__A: settings of a further spool are written TTSD__SPOOLS__NAME__KEY"),
        ("TTSD__SPOOLS__Ä__ROOT", "TTSD__SPOOLS__Ä__ROOT: [spools.ä]: a spool's name is"),
        ("TTSD__SPOOLS__A__ROT", "TTSD__SPOOLS__A__ROT: [spools.a] rot: unknown key"),
    ],
)
def test_a_bad_spool_in_the_environment_names_the_variable(name, says):
    assert error(None, {name: "x"}).message.startswith(says)


@pytest.mark.parametrize(
    ("main", "first", "second", "says"),
    [
        ("m", "m", "b", '[spools.a] root = "m" is the same directory as [spool] root = "m"'),
        ("m", "m/inbox", "b", '[spools.a] root = "m/inbox" lies in [spool] root = "m"'),
        ("m/x", "m", "b", '[spools.a] root = "m" contains [spool] root = "m/x"'),
        ("m", "a", "a/b", '[spools.b] root = "a/b" lies in [spools.a] root = "a"'),
        ("m", "a", "link/b", '[spools.b] root = "link/b" lies in [spools.a] root = "a"'),
        ("m", "a", "b/../a", '[spools.b] root = "b/../a" is the same directory as [spools.a] root = "a"'),
    ],
)
def test_no_spool_lies_in_another(tmp_path, monkeypatch, main, first, second, says):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a").mkdir()
    (tmp_path / "link").symlink_to("a")
    path = written(tmp_path, f'[spool]\nroot = "{main}"\n[spools.a]\nroot = "{first}"\n[spools.b]\nroot = "{second}"')
    problem = error(path)
    assert problem.message == f"{path}: {says}: give each spool a directory of its own"
    assert problem.param in ("spools.a.root", "spools.b.root")


def test_the_example_of_a_further_spool_is_right(tmp_path):
    lines = re.findall(r"^#   (.*)", EXAMPLE.read_text(), re.MULTILINE)
    assert loaded(written(tmp_path, "\n".join(lines))).spools == {"books": Spool(root="/srv/books", format="m4b")}


def test_what_a_reload_says_of_spools():
    book, song = Spool(root="/srv/books"), Spool(root="/srv/songs")
    louder = msgspec.structs.replace(book, settle_s=9)
    before = Config(spools={"books": book, "songs": song})
    after = Config(spools={"books": louder, "new": book})
    assert changed(before, before) == []
    names = changed(before, after)
    assert not is_reloadable("spools.books.settle_s")
    assert is_reloadable("spools.books.voice")
    assert {"spools.books.settle_s", "spools.songs.root", "spools.new.root"} <= set(names)
    assert "spools.books.root" not in names


def test_spools_side_by_side_are_fine(tmp_path):
    path = written(tmp_path, '[spool]\nroot = "/srv/a"\n[spools.a]\nroot = "/srv/ab"\n[spools.b]\nroot = "/srv/b/a"')
    assert set(loaded(path).all_spools) == {"", "a", "b"}


# --- the whole file --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[lgo]\nlevel = 1", "unknown section [lgo]; did you mean log?"),
        ("[zebra]", "unknown section [zebra]; there are daemon, engine"),
        ("[log]\nlevle = 1", "[log] levle: unknown key; did you mean level?"),
        ("[log]\nzebra = 1", "[log] zebra: unknown key; there are level, format"),
        ("log = 3", "log = 3: [log] is a section, not a key"),
        ("[log]\nlevel = info", "not valid TOML: "),
        (b"[log]\nlevel = '\xe9'", "not UTF-8 text: byte 15 is 0xe9"),
    ],
)
def test_a_bad_file_says_where_and_what(tmp_path, text, says):
    path = written(tmp_path, text)
    assert error(path).message.startswith(f"{path}: {says}")


def test_a_byte_order_mark_is_fine(tmp_path):
    assert loaded(written(tmp_path, b"\xef\xbb\xbf[log]\nlevel = 'debug'")).log.level == "debug"


def test_a_file_that_cannot_be_read_says_so(tmp_path):
    assert "cannot be read: Is a directory" in error(tmp_path).message
    (tmp_path / "loop").symlink_to("loop")
    assert "cannot be read: Too many levels" in error(tmp_path / "loop").message
    assert "cannot be read: File name too long" in error(tmp_path / ("x" * 300)).message
    assert "cannot be read: Not a directory" in error(written(tmp_path, "") / "x").message


# --- where it comes from ---------------------------------------------------------------------------


def test_search_order(tmp_path, monkeypatch):
    home = tmp_path / "home"
    user = home / ".config" / "ttsd" / "config.toml"
    user.parent.mkdir(parents=True)
    system, named, explicit = (tmp_path / name for name in ("system.toml", "named.toml", "explicit.toml"))
    for path in (user, system, named, explicit):
        path.write_text("")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setattr("ttsd.places.SYSTEM_CONFIG", system)
    assert load_config(explicit, {"TTSD_CONFIG": str(named)}).file == explicit
    assert load_config(None, {"TTSD_CONFIG": str(named)}).file == named
    assert load_config(None, {}).file == user
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "elsewhere"))
    assert load_config(None, {}).file == system
    system.unlink()
    assert load_config(None, {}).file is None


def test_a_file_that_was_named_must_be_there(tmp_path):
    missing = tmp_path / "missing.toml"
    assert str(missing) in error(missing).message
    assert str(missing) in error(None, {"TTSD_CONFIG": str(missing)}).message


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("TTSD__LOG__LEVEL", "debug", "debug"),
        ("TTSD__LOG__LEVEL", '"debug"', "debug"),
        ("TTSD__log__keep_days", "3", 3),
        ("TTSD__GPU__SAMPLE_S", "1", 1.0),
        ("TTSD__SPOOL__POLLING", "true", True),
        ("TTSD__SPOOL__POLLING", "false", False),
        ("TTSD__LIMITS__MAX_QUEUE", "1_000", 1000),
        ("TTSD__SPOOL__SETTLE_S", "2.5e-1", 0.25),
        ("TTSD__OUTPUT__LOUDNESS_LUFS", "-16", -16.0),
        ("TTSD__ENGINE__KEEP_ALIVE", "90", 90),
        ("TTSD__ENGINE__KEEP_ALIVE", "5m", "5m"),
        ("TTSD__ENGINE__LANGUAGES", '["en", "zh"]', ("en", "zh")),
        ("TTSD__HTTP__TRUSTED_NETWORKS", "[]", ()),
        ("TTSD__SPOOL__IGNORE", '["*.bak", "*.old"]', ("*.bak", "*.old")),
        ("TTSD__SPOOL__ROOT", "/srv/spool", "/srv/spool"),
        ("TTSD__QWEN3__MODEL", "2024", "2024"),
        ("TTSD__SPEECH__VOICE", "", ""),
    ],
)
def test_the_environment_wins_over_the_file(tmp_path, name, text, value):
    path = written(tmp_path, '[log]\nlevel = "error"\n')
    _, section, key = name.lower().split("__")
    assert getattr(getattr(loaded(path, {name: text}), section), key) == value


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("TTSD__LOG__LEVEL", "loud", 'TTSD__LOG__LEVEL: [log] level = "loud" is not allowed: it takes "debug" or'),
        (
            "TTSD__SPOOL__POLLING",
            "1",
            'TTSD__SPOOL__POLLING: [spool] polling = "1" is not allowed: it takes true or false',
        ),
        (
            "TTSD__SPOOL__POLLING",
            "True",
            'TTSD__SPOOL__POLLING: [spool] polling = "True" is not allowed: it takes true',
        ),
        (
            "TTSD__LIMITS__MAX_QUEUE",
            "0",
            'TTSD__LIMITS__MAX_QUEUE: [limits] max_queue = "0" is not allowed: it takes a',
        ),
        ("TTSD__LIMITS__MAX_QUEUE", "", 'TTSD__LIMITS__MAX_QUEUE: [limits] max_queue = "" is not allowed: it takes a'),
        ("TTSD__SPOOL__RESCAN_S", "inf", "TTSD__SPOOL__RESCAN_S: [spool] rescan_s = Infinity is not allowed: it takes"),
        ("TTSD__HTTP__TRUSTED_NETWORKS", '["x"]', "TTSD__HTTP__TRUSTED_NETWORKS: [http] trusted_networks = "),
        ("TTSD__LOG", "x", "TTSD__LOG: environment settings are written TTSD__SECTION__KEY"),
        ("TTSD__LOG__", "x", "TTSD__LOG__: environment settings are written TTSD__SECTION__KEY"),
        ("TTSD__LGO__LEVEL", "x", "TTSD__LGO__LEVEL: unknown section [lgo]; did you mean log?"),
        ("TTSD__LOG__LEVLE", "x", "TTSD__LOG__LEVLE: [log] levle: unknown key; did you mean level?"),
        ("TTSD__LOG__A__B", "x", "TTSD__LOG__A__B: [log] a__b: unknown key"),
    ],
)
def test_a_bad_environment_names_the_variable(name, text, says):
    assert error(None, {name: text}).message.startswith(says)


BAD_TEXTS = {
    msgspec.inspect.BoolType: ("yes", "true or false"),
    msgspec.inspect.IntType: ("many", "a whole number"),
    msgspec.inspect.FloatType: ("soon", "a number"),
    msgspec.inspect.VarTupleType: ("*.bak, *.old", "a list of strings"),
    msgspec.inspect.DictType: ("f12", "a table of strings"),
    msgspec.inspect.UnionType: ("soon", 'a duration such as "5m"'),
    msgspec.inspect.LiteralType: ("nonsense", " or "),
}
"""By type, all but texts, which take any."""
PARTICULAR = [(section, field) for section, field in KEYS if type(msgspec.inspect.type_info(field.type)) in BAD_TEXTS]


@pytest.mark.parametrize(
    ("section", "field"), PARTICULAR, ids=[f"{section}.{field.name}" for section, field in PARTICULAR]
)
def test_a_bad_value_in_the_environment_names_the_variable_and_what_is_allowed(section, field):
    text, allowed = BAD_TEXTS[type(msgspec.inspect.type_info(field.type))]
    name = f"TTSD__{section}__{field.name}".upper()
    problem = error(None, {name: text})
    assert problem.message.startswith(f'{name}: [{section}] {field.name} = "{text}" is not allowed: it takes ')
    assert field.name == "sample_rate_hz" or allowed in problem.message
    assert problem.param == f"{section}.{field.name}"


def test_paths_of_the_user_are_expanded(monkeypatch):
    monkeypatch.setenv("HOME", "/home/someone")
    config = loaded(None, {"TTSD__SPOOL__ROOT": "~/spool", "TTSD__DAEMON__SOCKET": "~/t.sock"})
    assert config.spool_root == Path("/home/someone/spool")
    assert config.socket_path == Path("/home/someone/t.sock")


def test_sections_are_frozen_and_strict():
    assert all(issubclass(kind, Section) for kind in SECTIONS.values())
    with pytest.raises(AttributeError):
        Config().log.level = "debug"


def test_loading_imports_nothing_heavy():
    program = "import sys, ttsd.config; ttsd.config.load_config(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert not {"numpy", "torch", "starlette", "uvicorn", "structlog", "asyncio"} & set(done.stdout.split())


# --- places ----------------------------------------------------------------------------------------


def test_systemds_directories_come_first(monkeypatch):
    for name in ("RUNTIME", "STATE", "CACHE", "LOGS"):
        monkeypatch.setenv(f"{name}_DIRECTORY", f"/{name.lower()}/ttsd:/{name.lower()}/second")
    assert places.runtime_dir() == Path("/runtime/ttsd")
    assert places.state_dir() == Path("/state/ttsd")
    assert places.cache_dir() == Path("/cache/ttsd")
    assert places.logs_dir() == Path("/logs/ttsd")
    assert Config().socket_path == Path("/runtime/ttsd/ttsd.sock")
    assert Config().spool_root == Path("/state/ttsd/spool")


@pytest.fixture
def plain_home(monkeypatch):
    """A user without systemd's and XDG's variables."""
    for name in [*os.environ]:
        if name.endswith("_DIRECTORY") or name.startswith(("XDG_", "TTSD_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", "/home/someone")


@pytest.mark.usefixtures("plain_home")
def test_else_the_base_directories(monkeypatch):
    assert places.state_dir() == Path("/home/someone/.local/state/ttsd")
    assert places.cache_dir() == Path("/home/someone/.cache/ttsd")
    assert places.logs_dir() == Path("/home/someone/.local/state/ttsd/logs")
    assert places.runtime_dir().name == f"ttsd-{os.getuid()}"
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/run/user/1")
    monkeypatch.setenv("XDG_STATE_HOME", "/data")
    monkeypatch.setenv("XDG_CACHE_HOME", "relative paths are to be ignored")
    assert places.runtime_dir() == Path("/run/user/1/ttsd")
    assert places.state_dir() == Path("/data/ttsd")
    assert places.cache_dir() == Path("/home/someone/.cache/ttsd")


@pytest.mark.usefixtures("plain_home")
def test_a_user_without_a_home_is_told_what_to_set(monkeypatch):
    monkeypatch.delenv("HOME")
    monkeypatch.setattr("os.getuid", lambda: 4_000_000_000)
    with pytest.raises(ConfigError, match="has no home directory: set HOME or XDG_STATE_HOME"):
        places.state_dir()


@pytest.mark.usefixtures("plain_home")
def test_clients_find_the_daemon(monkeypatch, tmp_path):
    own, system = tmp_path / "ttsd" / "ttsd.sock", tmp_path / "system" / "ttsd.sock"
    own.parent.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setattr(places, "SYSTEM_SOCKET", system)
    assert places.client_socket() == own
    system.parent.mkdir()
    assert places.client_socket() == system
    own.touch()
    assert places.client_socket() == own
    monkeypatch.setenv("TTSD_SOCKET", "/named")
    assert places.client_socket() == Path("/named")
    assert places.client_socket("/explicit") == Path("/explicit")


# --- languages -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "code"), [("auto", "auto"), ("ZH", "zh"), (" German ", "de"), ("en", "en")])
def test_languages_by_code_or_english_name(name, code):
    assert language_code(name) == code


def test_the_languages_that_may_be_written_are_those_that_have_a_name():
    assert get_args(LanguageCode) == tuple(LANGUAGES)


def test_an_unknown_language_is_a_key_error():
    with pytest.raises(KeyError):
        language_code("klingon")


# --- durations and what was once allowed -------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("5m", 300),
        ("1h30m", 5400),
        ("90s", 90),
        ("250ms", 0.25),
        ("1.5h", 5400),
        ("2d", 172_800),
        ("300", 300),
        (300, 300),
        (0.5, 0.5),
        (0, 0),
        ("0", 0),
        (-1, None),
        ("-1", None),
        ("-1m", None),
        ("forever", None),
        (" Forever ", None),
    ],
)
def test_durations_as_people_write_them(written, seconds):
    assert duration_s(written) == seconds


@pytest.mark.parametrize("written", ["", "m", "5x", "5m3", "1h 30m", "--1", "ever", "1e3", "5 m", "\u0665m"])
def test_what_is_no_duration(written):
    with pytest.raises(ValueError, match=f"^{re.escape(written)}$"):
        duration_s(written)


@pytest.mark.parametrize(("old", "meant"), [("true", "forever"), ("false", "5m")])
def test_a_model_kept_or_not_is_a_duration_today(old, meant, tmp_path):
    path = written(tmp_path, f"[engine]\nkeep_alive = {old}\n")
    found = load_config(path, {})
    assert found.config.engine.keep_alive == meant
    [advice] = found.advice
    assert advice.startswith(f'{path}: [engine] keep_alive = {old} is taken as "{meant}": ')
    assert advice.endswith(f'write keep_alive = "{meant}"')
    by_variable = load_config(None, {"TTSD__ENGINE__KEEP_ALIVE": old})
    assert by_variable.config.engine.keep_alive == meant
    assert by_variable.advice[0].startswith("TTSD__ENGINE__KEEP_ALIVE: [engine] keep_alive")


def test_nothing_is_said_of_what_is_allowed_today(tmp_path):
    assert load_config(written(tmp_path, '[engine]\nkeep_alive = "5m"\n'), {}).advice == ()
    assert load_config(None, {"TTSD__ENGINE__KEEP_ALIVE": "-1"}).config.engine.keep_alive == -1
