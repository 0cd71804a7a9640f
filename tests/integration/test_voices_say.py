"""Whose say a voice is where `[access] manage` is for admins: root over the Unix socket, not who comes over TCP."""

import socket
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from tests.conftest import DaemonProcess
from tests.needs import needs_root
from tests.spoken_clips import clip

pytestmark = needs_root

ARCHIVE = "application/zip"
FORM = {"transcript": "Hello there, this is me speaking now.", "language": "en"}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaemonProcess]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        http = {"listen": f"127.0.0.1:{probe.getsockname()[1]}"}
    folder = tmp_path_factory.mktemp("say")
    daemon = DaemonProcess(folder, http=http, access={"manage": "admins"}, fake={"can_clone": True}).start()
    yield daemon
    assert daemon.stop() == 0


@pytest.fixture
def member(house: DaemonProcess) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=f"http://{house.settings['http']['listen']}", timeout=30) as client:
        yield client


def add(client: Any, name: str, **fields: str) -> httpx2.Response:
    return client.post("/v1/voices", data={**FORM, "name": name, **fields}, files={"audio": ("me.wav", clip())})


def makers(house: DaemonProcess, name: str) -> list[str]:
    return [each["provenance"]["added_by"] for each in house.get(f"/v1/voices/{name}").json()["variants"]]


def test_a_voice_that_cannot_be_read_is_not_for_everybody_to_delete(house: DaemonProcess, member: httpx2.Client):
    assert add(house, "broken").status_code == 201
    file = house.root / "state" / "voices" / "broken" / "voice.toml"
    file.write_text(file.read_text() + "nonsense")
    assert member.delete("/v1/voices/broken").status_code == 403
    assert house.delete("/v1/voices/broken").status_code == 204


def test_an_imported_voice_is_of_who_imports_it(house: DaemonProcess, member: httpx2.Client):
    assert add(house, "roots").status_code == 201
    packed = house.get("/v1/voices/roots/archive").content
    assert makers(house, "roots") == ["uid 0"]
    taken = member.post("/v1/voices?name=mine", content=packed, headers={"content-type": ARCHIVE})
    assert taken.status_code == 201, taken.text
    assert makers(house, "mine") == ["127.0.0.1"]
    assert member.delete("/v1/voices/mine").status_code == 204


def test_a_voice_that_was_made_while_another_came_is_not_replaced(house: DaemonProcess, member: httpx2.Client):
    assert add(member, "theirs").status_code == 201
    packed = member.get("/v1/voices/theirs/archive").content

    def slowly() -> Iterator[bytes]:
        yield packed[:1000]
        assert add(house, "anna").status_code == 201
        yield packed[1000:]

    headers = {"content-type": ARCHIVE, "content-length": str(len(packed))}
    refused = member.post("/v1/voices?name=anna&replace=true", content=slowly(), headers=headers)
    assert (refused.status_code, makers(house, "anna")) == (403, ["uid 0"])
    assert not list((house.root / "state" / "voices").glob(".*"))
