"""A daemon whose worker says that it computes on a card, over a scripted driver: what happens to both."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import DaemonProcess
from ttsd.client import TtsdClient

MakeDaemon = Callable[..., DaemonProcess]
ONE = ("count=1", "name=NVIDIA Fake", "used=1000000000")


class Rig:
    """The daemon, and what the driver under it tells."""

    def __init__(self, daemon: DaemonProcess, values: Path, wait_for: Callable[..., Any]) -> None:
        self.daemon = daemon
        self._values = values
        self.wait = wait_for

    def driver(self, *lines: str) -> None:
        new = self._values.with_suffix(".new")
        new.write_text("".join(line + "\n" for line in lines))
        new.rename(self._values)

    def ready(self) -> bool:
        return self.daemon.get("/readyz").status_code == 200

    def wait_ready(self) -> None:
        self.wait(self.ready, 20, "readiness")

    def wait_refusal(self) -> Any:
        """The answer that says that it is not ready."""

        def refusal() -> Any:
            answer = self.daemon.get("/readyz")
            return answer if answer.status_code == 503 else None

        return self.wait(refusal, 20, "no readiness")

    def wait_log(self, event: str, count: int = 1) -> list[dict[str, Any]]:
        def found() -> list[dict[str, Any]]:
            lines = [json.loads(line) for line in (self.daemon.root / "logs" / "ttsd.log").read_text().splitlines()]
            return [line for line in lines if line["event"] == event]

        self.wait(lambda: len(found()) >= count, 20, event)
        return found()


@pytest.fixture
def rig(tmp_path: Path, driver: Path, make_daemon: MakeDaemon, wait_for: Callable[..., Any]) -> Rig:
    daemon = make_daemon(fake={"device": "cuda"}, gpu={"sample_s": 0.05})
    values = tmp_path / "values.txt"
    daemon.env |= {"LD_LIBRARY_PATH": str(driver), "FAKE_NVML": str(values)}
    daemon.env["CUDA_VISIBLE_DEVICES"] = "0"
    return Rig(daemon, values, wait_for)


def say(daemon: DaemonProcess, text: str) -> int:
    return daemon.post("/api/tts", json={"text": text, "language": "en"}).status_code


def test_a_lost_card_is_no_readiness_until_it_is_back(rig: Rig) -> None:
    rig.driver(*ONE)
    rig.daemon.start()
    first = rig.daemon.worker_pid()
    rig.driver(*ONE, "rc.nvmlDeviceGetMemoryInfo=15")
    answer = rig.wait_refusal()
    assert answer.headers["Retry-After"] == "10"
    error = answer.json()["error"]
    assert (error["code"], error["retryable"]) == ("engine_not_ready", True)
    assert error["message"].startswith("GPU 0 (NVIDIA Fake) is lost: GPU is lost; it is looked for every")
    refused = rig.daemon.post("/api/tts", json={"text": "hello", "language": "en"})
    assert refused.status_code == 503
    assert "is lost" in refused.json()["error"]["message"]
    assert rig.daemon.get("/healthz").status_code == 200
    status = rig.daemon.status()
    assert [card["label"] for card in status["health"]["lost_gpus"]] == ["0"]
    assert status["worker"]["exits"][-1]["cause"] == "card_lost"
    rig.driver(*ONE)
    rig.wait_ready()
    assert rig.daemon.worker_pid() != first
    assert say(rig.daemon, "hello") == 200
    assert [line["reason"] for line in rig.wait_log("gpu.lost")] == ["GPU is lost"]
    assert len(rig.wait_log("gpu.found_again")) == 1


def test_what_was_accepted_outlives_a_lost_card(rig: Rig) -> None:
    rig.driver(*ONE)
    rig.daemon.settings["fake"]["rtf"] = 1
    rig.daemon.start()
    rig.daemon.drop("long.txt", "A sentence that takes a while. " * 3)
    rig.wait(lambda: rig.daemon.status()["queue"]["running"], 20, "the job")
    rig.driver(*ONE, "rc.nvmlDeviceGetMemoryInfo=15")
    rig.wait_refusal()
    rig.driver(*ONE)
    rig.daemon.wait_path("outbox/long.wav", 40)


def test_with_another_card_the_worker_goes_on_there(rig: Rig) -> None:
    two = ("count=2", "name=NVIDIA Fake")
    del rig.daemon.env["CUDA_VISIBLE_DEVICES"]
    rig.driver(*two)
    rig.daemon.start()
    rig.wait(lambda: rig.daemon.status()["health"]["gpus"], 20, "the cards")
    assert [card["serves"] for card in rig.daemon.status()["health"]["gpus"]] == [True, False]
    first = rig.daemon.worker_pid()
    rig.driver(*two, "0.rc.nvmlDeviceGetMemoryInfo=15")
    rig.wait(lambda: rig.daemon.worker_pid() != first, 20, "another worker")
    rig.wait_ready()
    health = rig.daemon.status()["health"]
    assert [(card["index"], card["serves"]) for card in health["gpus"]] == [(1, True)]
    assert [card["label"] for card in health["lost_gpus"]] == ["0"]


def test_a_driver_that_goes_away_has_the_engine_prove_itself(rig: Rig) -> None:
    rig.driver(*ONE)
    rig.daemon.start()
    first = rig.daemon.worker_pid()
    rig.wait(lambda: rig.daemon.status()["health"]["gpus"], 20, "the cards")
    rig.driver("rc.nvmlDeviceGetTemperature=9", "rc.nvmlInit_v2=9")
    [doubt] = rig.wait_log("worker.doubted")
    assert doubt["reason"] == "the NVIDIA driver does not answer any more: Driver Not Loaded"
    assert rig.daemon.status()["health"]["driver_error"] == "Driver Not Loaded"
    assert rig.ready()
    assert rig.daemon.worker_pid() == first
    assert say(rig.daemon, "the engine still speaks") == 200
    rig.driver(*ONE)
    rig.wait(lambda: rig.daemon.status()["health"]["gpus"], 20, "the cards")
    assert len(rig.wait_log("gpu.driver_lost")) == 1


def test_an_engine_that_cannot_prove_itself_then_is_replaced(rig: Rig) -> None:
    rig.driver(*ONE)
    rig.daemon.start()
    first = rig.daemon.worker_pid()
    rig.daemon.script.write_text('[[rule]]\nmatch = "Ready."\nfail = "CUDA error: unspecified launch failure"\n')
    rig.driver(*ONE, "xid=1:0:31")
    reason = rig.wait_refusal().json()["reason"]
    assert "failed its canary: CUDA error" in reason
    rig.daemon.script.unlink()
    rig.wait_ready()
    assert rig.daemon.worker_pid() != first
    [told] = rig.wait_log("gpu.xid")
    assert (told["card"], told["xid"]) == (0, 31)
    assert "memory of the card that is not its own" in told["meaning"]


def test_errors_of_a_card_are_told_once_each(rig: Rig) -> None:
    rig.driver(*ONE, "ecc=0", "remapped=0:0:0:0")
    rig.daemon.start()
    rig.wait(lambda: rig.daemon.status()["health"]["gpus"], 20, "the cards")
    rig.driver(*ONE, "ecc=2", "remapped=0:2:1:0", "xid=1:0:63")
    [errors] = rig.wait_log("gpu.memory_errors")
    assert (errors["card"], errors["uncorrected"], errors["before"]) == ("0", 2, 0)
    rig.wait_log("gpu.reset_wanted")
    rig.driver(*ONE, "ecc=3", "remapped=0:2:1:1", "xid=1:0:63")
    rig.wait_log("gpu.memory_worn_out")
    assert [line["uncorrected"] for line in rig.wait_log("gpu.memory_errors", 2)] == [2, 3]
    assert len(rig.wait_log("gpu.reset_wanted")) == len(rig.wait_log("gpu.xid")) == 1
    worn = {"uncorrected": 3, "uncorrected_ever": None, "pending": True, "exhausted": True}
    rig.wait(lambda: rig.daemon.status()["health"]["gpus"][0]["ecc"] == worn, 20, "the sample after the lines")
    assert rig.daemon.status()["health"]["gpus"][0]["xid"]["number"] == 63


def test_a_driver_that_comes_after_the_daemon_is_found(rig: Rig) -> None:
    rig.driver("rc.nvmlInit_v2=9")
    rig.daemon.script.write_text('[[rule]]\non = "load"\nfail = "torch finds no CUDA device"\nretryable = true\n')
    rig.daemon.start(ready=False)
    rig.wait(lambda: rig.daemon.listens() and "no CUDA" in rig.daemon.get("/readyz").text, 20, "the reason")
    rig.daemon.script.unlink()
    rig.driver(*ONE)
    rig.wait_ready()


def test_the_card_of_the_worker_is_chosen_by_uuid(rig: Rig) -> None:
    rig.daemon.env["CUDA_VISIBLE_DEVICES"] = "GPU-00000000-0000-0000-0000-000000000001"
    rig.driver("count=2")
    rig.daemon.start()
    rig.wait(lambda: rig.daemon.status()["health"]["gpus"], 20, "the cards")
    assert [card["serves"] for card in rig.daemon.status()["health"]["gpus"]] == [False, True]


def test_an_instance_of_a_card_is_kept_in_the_history(rig: Rig) -> None:
    rig.driver("count=1", "name=H100", "0.migs=2", "0:0.name=H100 MIG 1g.10gb", "0:1.name=H100 MIG 2g.20gb")
    rig.daemon.start()

    def names() -> set[str]:
        history = asyncio.run(TtsdClient(rig.daemon.socket).history(60, 10))
        return {card.name for card in history.cards}

    rig.wait(lambda: names() == {"H100 MIG 1g.10gb", "H100 MIG 2g.20gb"}, 20, "both instances")


@pytest.mark.parametrize("fault", ["silent = true", 'fail = "NaN in the logits"'])
def test_an_engine_that_goes_wrong_is_replaced_when_its_canary_shows_it(rig: Rig, fault: str) -> None:
    rig.driver(*ONE)
    rig.daemon.start()
    first = rig.daemon.worker_pid()
    rig.daemon.script.write_text(f'[[rule]]\nmatch = "odd"\n{fault}\n')
    for number in range(6):
        say(rig.daemon, f"odd {number}")
    assert rig.daemon.worker_pid() == first
    rig.daemon.script.write_text(f"[[rule]]\n{fault}\n")
    for number in range(6):
        if not rig.daemon.status()["worker"]["exits"]:  # nobody would answer for 10 s
            say(rig.daemon, f"odder {number}")
    rig.wait(lambda: rig.daemon.status()["worker"]["exits"], 20, "the end of the worker")
    assert "failed its canary" in rig.daemon.status()["worker"]["exits"][-1]["reason"]
    assert "canary" in rig.wait_refusal().json()["reason"]
    rig.daemon.script.unlink()
    rig.wait_ready()
    assert say(rig.daemon, "even") == 200
