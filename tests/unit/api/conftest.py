"""The doors on a real Unix socket, with a scripted engine behind them and the real queue, bus and metrics."""

import asyncio
import hashlib
import shutil
import socket
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest

from ttsd.api.app import Services, build_app
from ttsd.api.server import Server
from ttsd.bus import Bus
from ttsd.config import Config, Http, Limits, language_code
from ttsd.jobs.billing import Billing
from ttsd.jobs.casting import VoiceSettings
from ttsd.jobs.enrolment import Enrolment
from ttsd.jobs.ledger import Ledger
from ttsd.jobs.queue import JobQueue
from ttsd.jobs.references import References
from ttsd.jobs.slots import NOBODYS, Whose
from ttsd.listening import bind_tcp, bind_unix
from ttsd.log.search import LogSearch
from ttsd.metrics import Metrics
from ttsd.protocol.engine import EngineInfo, EngineVoice
from ttsd.protocol.errors import BadRequest, NothingToSay, TtsdError, UnknownVoice, UnsupportedLanguage
from ttsd.protocol.events import StoppingEvent
from ttsd.protocol.health import HealthSample, HostSample, Phase, Readiness, Status, WorkerStatus
from ttsd.protocol.hearing import ReferenceRead
from ttsd.protocol.prep import Prepared
from ttsd.protocol.speech import LANGUAGES, NEUTRAL, SAMPLE_RATE_HZ, Segment, Service, Span, Style
from ttsd.storage.chronicle import Chronicle
from ttsd.storage.database import Database
from ttsd.storage.lexicons import Lexicons
from ttsd.storage.spool import Spool
from ttsd.storage.voices import Voices
from ttsd.supervisor.prep import Prep
from ttsd.supervisor.supervisor import Supervisor
from ttsd.text.pronunciation import is_reading

ENGINE = EngineInfo(
    name="scripted",
    revision="1",
    slots=4,
    languages=("en",),
    voices=(EngineVoice("ann", ("en",)), EngineVoice("bob", ("en",))),
    default_voice="ann",
)


class ScriptedSpeaker:
    """Says each letter as one chunk. A text with `!` waits for `go` there; one with `?` fails there."""

    def __init__(self) -> None:
        self.info = ENGINE
        self.chunk_samples = 240
        self.go = asyncio.Event()
        self.failure: Exception = TtsdError("the engine choked")
        self.begun: list[str] = []
        self.closed: list[str] = []
        self.services: list[Service] = []
        self.chunks_made = 0
        self.ready = asyncio.Event()
        self.ready.set()

    def sound(self, text: str) -> bytes:
        """What `text` sounds like: each letter a value of its own, ten milliseconds of silence between lines."""
        lines = text.split("\n")
        pause = bytes(240 * 2)
        return pause.join(b"".join(self.chunk(letter) for letter in line) for line in lines)

    def chunk(self, letter: str) -> bytes:
        return ord(letter).to_bytes(2, "little") * self.chunk_samples

    async def engine(self, timeout_s: float | None = None, *, patient: bool = True) -> EngineInfo:
        return self.info

    async def resolve(
        self, voice: str | None, seed: int = 0, speed: float = 1.0, style: Style = NEUTRAL
    ) -> VoiceSettings:
        await self.ready.wait()
        wanted = voice or self.info.default_voice
        if wanted not in [known.name for known in self.info.voices]:
            raise UnknownVoice(f"no voice {wanted!r}", param="voice")
        return VoiceSettings(wanted, seed, speed)

    def language(self, asked: str | None) -> str:
        try:
            return language_code(asked or "auto")
        except KeyError:
            raise BadRequest(f"no language {asked!r}", param="language") from None

    async def check_languages(self, segments: tuple[Segment, ...]) -> None:
        for segment in segments:
            for span in segment.spans:
                if span.language not in self.info.languages:
                    raise UnsupportedLanguage(f"no voice for {LANGUAGES[span.language]}", param="language")

    async def speak(
        self, segment: Segment, settings: VoiceSettings, service: Service, whose: Whose = NOBODYS
    ) -> AsyncGenerator[bytes]:
        text = segment.text
        self.begun.append(text)
        self.services.append(service)
        try:
            for letter in text:
                if letter == "!":
                    await self.go.wait()
                if letter == "?":
                    raise self.failure
                self.chunks_made += 1
                yield self.chunk(letter)
                await asyncio.sleep(0)
        finally:
            self.closed.append(text)


class ScriptedPrep:
    """A segment for each line, ten milliseconds of silence between them; `~` marks German."""

    async def text(self, text: str, language: str, _lexicon: object = None, _prior: str = "") -> Prepared:
        lines = [line for line in text.split("\n") if any(map(str.isalnum, line))]
        if not lines:
            raise NothingToSay("no speakable text is left", param="text")
        code = "en" if language == "auto" else language
        segments = tuple(Segment((Span("de" if "~" in line else code, line),), pause_after_ms=10) for line in lines)
        return Prepared(0, segments)


class ScriptedListener:
    """Hears in each clip what is written in it."""

    async def read_reference(self, source: Path, target: Path) -> ReferenceRead:
        data = source.read_bytes()
        target.write_bytes(data)
        return ReferenceRead(0, SAMPLE_RATE_HZ, hashlib.sha256(data).hexdigest())


class Condition:
    def __init__(self, queue: JobQueue) -> None:
        self.live_sessions = 0
        self.stopping = False
        self.not_ready = ""
        self._queue = queue

    def readiness(self) -> Readiness:
        return Readiness(not self.not_ready, self.not_ready, 7 if self.not_ready else 0)

    async def status(self) -> Status:
        return Status(
            version="0",
            pid=1,
            started_s=0.0,
            uptime_s=0.0,
            socket="",
            spool="",
            config_file=None,
            readiness=self.readiness(),
            worker=WorkerStatus(Phase.READY, 0.0, engine=ENGINE),
            queue=await self._queue.counts(),
            live_sessions=self.live_sessions,
            health=HealthSample(0.0, HostSample(0.0, 0, 1, 0)),
        )


class House:
    """The doors of one test: what is behind them, and where they are."""

    def __init__(self, folder: Path, config: Config) -> None:
        self.folder = folder
        self.path = folder / "ttsd.sock"
        self.port = 0
        self.bus = Bus()
        self.metrics = Metrics()
        self.speaker = ScriptedSpeaker()
        self.database = Database(folder / "ttsd.db")
        self.ledger = Ledger(self.database, self.metrics.usage, config, lambda: 1000.0)
        spool = Spool(folder / "spool")
        spool.prepare()
        self.queue = JobQueue(self.database, {"": spool}, self.bus, self.metrics, config.limits, lambda: 1.0)
        self.condition = Condition(self.queue)
        self.voices = Voices(folder / "voices", config.limits)
        self.voices.prepare()
        lexicons = Lexicons(folder / "lexicons", folder / "cache/lexicons", is_reading)
        listener = Prep.listener("listener", 30)
        references = References(folder / "cache/references", ScriptedListener())
        references.prepare()
        self.services = Services(
            config=config,
            queue=self.queue,
            speaker=self.speaker,
            prep=ScriptedPrep(),
            encoder=Prep.encoder("encoder", 30),
            lexicons=lexicons,
            bus=self.bus,
            metrics=self.metrics,
            condition=self.condition,
            supervisor=Supervisor(config, self.bus, lambda: 1.0),
            chronicle=Chronicle(folder / "health", lambda: 1000.0),
            log_search=LogSearch(folder / "logs", folder / "cache", asyncio.get_running_loop().time),
            voices=self.voices,
            enrolment=Enrolment(self.voices, lexicons, listener, lambda: ENGINE, config, lambda: 1.0),
            references=references,
            billing=Billing(self.database, self.ledger, config, lambda: 1000.0),
            engine=lambda: ENGINE,
            spill_folder=folder / "cache",
            state_folder=folder / "state",
        )
        self.server = Server(build_app(self.services))

    @asynccontextmanager
    async def open(self, *more: socket.socket) -> AsyncIterator[None]:
        await self.database.open()
        async with asyncio.TaskGroup() as group:
            group.create_task(self.server.serve([bind_unix(self.path), *more]))
            await self.server.started()
            yield
            await self.server.stop()
        await self.database.close()
        self.services.chronicle.close()

    def client(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession("http://localhost", connector=aiohttp.UnixConnector(str(self.path)))

    async def stop(self) -> None:
        """As the daemon stops: refuse, tell, drain."""
        self.condition.stopping = True
        self.bus.publish(StoppingEvent(seq=0))
        await self.server.drain()

    async def raw(self, data: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection of bytes, with `data` sent on it."""
        reader, writer = await asyncio.open_unix_connection(self.path)
        writer.write(data)
        await writer.drain()
        return reader, writer

    @staticmethod
    def request(target: str, body: object) -> bytes:
        data = msgspec.json.encode(body)
        head = f"POST {target} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {len(data)}\r\n\r\n"
        return head.encode() + data


@pytest.fixture
def folder() -> Iterator[Path]:
    """Short, because a socket's path may have 107 bytes."""
    path = Path(tempfile.mkdtemp(prefix="ttsd-"))
    yield path
    shutil.rmtree(path)


@pytest.fixture
async def open_house(folder: Path) -> AsyncIterator[Callable[..., Any]]:
    """`await open_house(max_streams=1)`: doors with these limits, and over TCP when `http=` has `listen`."""
    async with AsyncExitStack() as stack:

        async def open_it(http: Http | None = None, config: Config | None = None, **limits: Any) -> House:
            config = config or Config(limits=Limits(**limits), http=http or Http())
            house = House(folder, config)
            listeners = bind_tcp(config.http.listen)
            house.port = listeners[0].getsockname()[1] if listeners else 0
            await stack.enter_async_context(house.open(*listeners))
            return house

        yield open_it


@pytest.fixture
async def house(open_house: Callable[..., Any]) -> House:
    return await open_house()


@pytest.fixture
async def http(house: House) -> AsyncIterator[aiohttp.ClientSession]:
    async with house.client() as session:
        yield session
