"""The published description of the API, taken at its word: answers are as described, and none is a 500."""

import socket
import warnings
from collections.abc import Callable
from typing import Any

import psutil
import pytest
import requests
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.needs import require
from ttsd.api.openapi import described
from ttsd.api.operations import OPERATIONS

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    try:
        import schemathesis
        from schemathesis import checks
    except ImportError:
        schemathesis = checks = None

GROWTH_BYTES = 48 * 2**20
"""Of the daemon's memory by hundreds of requests: caches and their like."""
NOT_HERE = {"/v1/worker/unload", "/v1/worker/recycle", "/v1/worker/load", "/v1/queue/pause"}
"""What would have nothing else answer; their doors have tests of their own."""
LONG = 150


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Api:
    """A daemon over TCP, which is what the tool speaks, and things in it that have names."""

    def __init__(self, daemon: Any, port: int) -> None:
        self.daemon = daemon
        self.url = f"http://127.0.0.1:{port}"
        self.session = requests.Session()
        job = daemon.post("/v1/jobs", json={"text": "A job that is there."}).json()["id"]
        self.known = {"id": [job], "name": ["tone", "noise"]}
        self.schema = schemathesis.openapi.from_dict(described())

    @property
    def rss_bytes(self) -> int:
        return psutil.Process(self.daemon.process.pid).memory_info().rss

    def check(self, operation: Any, examples: int) -> None:
        """Send what the description allows, to things that are there half of the time."""

        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            derandomize=examples < LONG,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        )
        @given(data=st.data())
        def take_it_at_its_word(data: Any) -> None:
            case = data.draw(operation.as_strategy())
            for name, values in self.known.items():
                if name in (case.path_parameters or {}) and data.draw(st.booleans()):
                    case.path_parameters[name] = data.draw(st.sampled_from(values))
            self._ask(case)

        take_it_at_its_word()

    def _ask(self, case: Any) -> None:
        answer = case.call(base_url=self.url, session=self.session, timeout=30)
        if answer.status_code >= 500:
            assert answer.status_code == 503, answer.text
            assert answer.headers["retry-after"]
        case.validate_response(
            answer,
            checks=[
                checks.status_code_conformance,
                checks.content_type_conformance,
                checks.response_schema_conformance,
                checks.response_headers_conformance,
            ],
        )


@pytest.fixture
def api(make_daemon: Callable[..., Any]) -> Any:
    require(schemathesis, "needs schemathesis: make test installs it")
    port = free_port()
    limits = {"max_text_chars": 2000, "max_body_bytes": 200_000}
    api = Api(make_daemon(http={"listen": f"127.0.0.1:{port}"}, limits=limits).start(), port)
    yield api
    api.session.close()


def ask_all(api: Api, examples: int) -> None:
    """Every operation; the daemon is as alive afterwards, and hardly larger."""
    operations = [each.ok() for each in api.schema.get_all_operations()]
    assert len(operations) == len(OPERATIONS)
    for operation in operations:
        if operation.path == "/v1/jobs":
            api.check(operation, 1)  # what comes first to a door loads code for it
    before = api.rss_bytes
    for operation in operations:
        if operation.path not in NOT_HERE:
            api.check(operation, examples)
    assert api.rss_bytes - before < GROWTH_BYTES
    assert api.daemon.get("/readyz").status_code == 200
    assert not [line for line in api.daemon.stderr.splitlines() if "crashed" in line]


@pytest.mark.timeout(120)
def test_answers_are_as_described(api: Api) -> None:
    ask_all(api, 6)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_answers_are_as_described_for_long(api: Api) -> None:
    ask_all(api, LONG)
