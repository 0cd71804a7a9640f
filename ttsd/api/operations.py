"""What each route takes and answers, for the published description of the API; a test holds it against the routes."""

from typing import Any, Final, get_args

import msgspec

from ttsd.protocol.health import Readiness, Status, Unload, WorkerStatus
from ttsd.protocol.history import HealthHistory
from ttsd.protocol.jobs import Job, JobPage, JobState, Move, NewJob, Order, Receipt, Redo
from ttsd.protocol.lexicon import LexiconChange, LexiconPage, LexiconTrial, Scope, Tried
from ttsd.protocol.log import LEVELS, LogPage
from ttsd.protocol.speech import FileFormat, SpeechRequest
from ttsd.protocol.tokens import TokenList
from ttsd.protocol.usage import By, UsageReport
from ttsd.protocol.voices import ARCHIVE_TYPE, CheckedVoice, NewVariant, PatchVoice, Voice, VoiceList

PCM: Final = "audio/pcm"
OCTETS: Final = "application/octet-stream"
AUDIO: Final = ("audio/wav", PCM, "audio/flac", "audio/mpeg", "audio/ogg", "audio/mp4")


class Parameter(msgspec.Struct, frozen=True):
    """Of a query."""

    name: str
    schema: dict[str, Any]
    description: str
    required: bool = False


class Answer(msgspec.Struct, frozen=True):
    """A success: a struct as JSON, or bytes of these media types, or nothing."""

    description: str
    kind: Any = None
    media: tuple[str, ...] = ()
    status: int = 200


class Operation(msgspec.Struct, frozen=True):
    """One method of one path; `errors` are the statuses that it may have beside those that all have."""

    method: str
    path: str
    summary: str
    answer: Answer
    errors: tuple[int, ...] = ()
    body: Any = None
    body_required: bool = True
    form: Any = None
    """Fields of a multipart form with a file `audio`."""
    media: tuple[str, ...] = ()
    """Of a body of bytes."""
    query: tuple[Parameter, ...] = ()
    not_ready: Any = None
    """What is answered with 503, where that is more than an error."""


def _number(name: str, description: str, default: int, most: int, least: int = 1) -> Parameter:
    return Parameter(name, {"type": "integer", "minimum": least, "maximum": most, "default": default}, description)


def _choice(name: str, description: str, values: tuple[str, ...], *, required: bool = False) -> Parameter:
    return Parameter(name, {"type": "string", "enum": list(values)}, description, required)


def _text(name: str, description: str, longest: int = 1000, *, required: bool = False) -> Parameter:
    return Parameter(name, {"type": "string", "maxLength": longest}, description, required)


_BEFORE: Final = _text("before", "Where the page before this one ended: its `next`.")
_VARIANT: Final = _text("variant", "Of the voice; `neutral` where none is named.")
_VOICE: Final = _text("voice", "Whose, with `scope=voice`.")
_SCOPES: Final[tuple[str, ...]] = get_args(Scope)
_JOB: Final = Answer("The job.", Job)
_WORKER: Final = Answer("The worker after the deed.", WorkerStatus)
_CHECKED: Final = Answer("The voice, and what the doctor says of its clip.", CheckedVoice, status=201)

SYSTEM: Final = (
    Operation("get", "/healthz", "The daemon lives", Answer("It does.", dict[str, str])),
    Operation("get", "/readyz", "Speech can be had now", Answer("It can.", Readiness), not_ready=Readiness),
    Operation("get", "/metrics", "Figures for Prometheus", Answer("Its text format.", media=("text/plain",))),
    Operation("get", "/v1/status", "Everything at once", Answer("The daemon's condition.", Status)),
    Operation(
        "get",
        "/v1/health/history",
        "The machine's figures of up to a day",
        Answer("Bands: least, mean, most of each stretch of time.", HealthHistory),
        (400,),
        query=(
            _number("since_s", "So many seconds back.", 3600, 86_400),
            _number("points", "In so many stretches of time.", 120, 2000),
        ),
    ),
    Operation(
        "get",
        "/v1/logs",
        "The log files, searched from the newest line back",
        Answer("A page of lines.", LogPage),
        (400,),
        query=(
            _choice("level", "The least.", LEVELS),
            _text("q", "Words, each somewhere in the line."),
            _text("job", "Id of a job."),
            _text("request", "Id of a request."),
            _text("user", "Name of who asked; only an admin may ask for others."),
            _BEFORE,
            _number("limit", "Lines of a page.", 200, 1000),
        ),
    ),
    Operation(
        "get",
        "/v1/usage",
        "What was spoken for whom, and what it cost",
        Answer("One row for each that it is told apart by.", UsageReport),
        (400,),
        query=(
            _choice("by", "What it is told apart by.", get_args(By)),
            Parameter("since_s", {"type": "number", "minimum": 0, "maximum": 2**39}, "Since then, Unix seconds."),
        ),
    ),
    Operation("get", "/v1/tokens", "Tokens of TCP clients, for admins", Answer("All there are.", TokenList)),
    Operation("get", "/v1/openapi.json", "This description", Answer("OpenAPI 3.1.", dict[str, Any])),
)

WORKER: Final = (
    Operation("post", "/v1/worker/recycle", "Replace the worker without loss", _WORKER, (409,)),
    Operation(
        "post",
        "/v1/worker/unload",
        "Free the memory of the model",
        _WORKER,
        (400, 409, 413),
        body=Unload,
        body_required=False,
    ),
    Operation("post", "/v1/worker/load", "Load the model again", _WORKER, (409,)),
)

SPEECH: Final = (
    Operation(
        "post",
        "/api/tts",
        "Speak a text: all of it",
        Answer("A WAV at 24 kHz, mono, 16 bits.", media=("audio/wav",)),
        (400, 413, 422, 500),
        body=SpeechRequest,
    ),
    Operation(
        "post",
        "/api/tts_stream",
        "Speak a text: as it is made",
        Answer(
            "Raw PCM, s16le mono, at the rate in X-Sample-Rate; a failure on the way breaks the body off.", media=(PCM,)
        ),
        (400, 413, 422, 500),
        body=SpeechRequest,
    ),
    Operation(
        "post",
        "/v1/encode",
        "PCM becomes a file",
        Answer("The file.", media=AUDIO),
        (400, 413, 422),
        media=(OCTETS,),
        query=(
            _choice("format", "Of the file.", get_args(FileFormat), required=True),
            _text("title", "For its tags."),
            _text("voice", "For its tags."),
        ),
    ),
)

JOBS: Final = (
    Operation(
        "get",
        "/v1/jobs",
        "A page of jobs",
        Answer("Jobs, and how many there are of each state.", JobPage),
        (400,),
        query=(
            Parameter(
                "state",
                {"type": "array", "items": {"type": "string", "enum": [str(state) for state in JobState]}},
                "Only these; again for more.",
            ),
            _text("q", "Words in their titles and texts; newest first, without `offset`."),
            _choice("order", "Of the page.", get_args(Order)),
            _BEFORE,
            _number("offset", "Leave out so many.", 0, 10_000_000, least=0),
            _number("limit", "Jobs of a page.", 50, 1000),
        ),
    ),
    Operation(
        "post", "/v1/jobs", "Add a job", Answer("It is accepted.", Job, status=201), (400, 413, 422, 429), body=NewJob
    ),
    Operation("get", "/v1/jobs/{id}", "One job", _JOB, (404,)),
    Operation("delete", "/v1/jobs/{id}", "Cancel a job", _JOB, (404, 409)),
    Operation("post", "/v1/jobs/{id}/retry", "Try again", _JOB, (404, 409, 429)),
    Operation(
        "post",
        "/v1/jobs/{id}/redo",
        "Another take of one segment",
        _JOB,
        (400, 404, 409, 413, 422, 429),
        body=Redo,
    ),
    Operation("post", "/v1/jobs/{id}/move", "Another turn", _JOB, (400, 404, 409, 413), body=Move),
    Operation("get", "/v1/jobs/{id}/receipt", "What lies beside its output", Answer("It.", Receipt), (404, 409)),
    Operation("get", "/v1/jobs/{id}/audio", "Its finished file", Answer("It.", media=(*AUDIO, OCTETS)), (404, 409)),
    Operation("post", "/v1/queue/pause", "Hold background work", Answer("The queue.", dict[str, Any])),
    Operation("post", "/v1/queue/resume", "Let it go on", Answer("The queue.", dict[str, Any])),
)


def _enrolment(path: str, summary: str) -> Operation:
    return Operation(
        "post",
        path,
        summary,
        _CHECKED,
        (400, 404, 409, 413, 422, 429),
        form=NewVariant,
        media=(ARCHIVE_TYPE, "application/zip"),
    )


VOICES: Final = (
    Operation("get", "/v1/voices", "All voices", Answer("Profiles first.", VoiceList)),
    _enrolment("/v1/voices", "Add a voice"),
    Operation("get", "/v1/voices/{name}", "One voice", Answer("It.", Voice), (404,)),
    _enrolment("/v1/voices/{name}", "Add a variant"),
    Operation(
        "patch",
        "/v1/voices/{name}",
        "Change what is said of a voice",
        Answer("The voice.", Voice),
        (400, 404, 409, 413, 422),
        body=PatchVoice,
    ),
    Operation(
        "delete",
        "/v1/voices/{name}",
        "Remove a voice, or with `variant` one of its variants",
        Answer("It is gone.", Voice),
        (400, 404, 409),
        query=(_VARIANT,),
    ),
    Operation(
        "post",
        "/v1/voices/{name}/check",
        "What the doctor says of its clips",
        Answer("The voice and the reports.", CheckedVoice),
        (400, 404, 409, 422, 429),
        query=(_VARIANT, _text("listen", "`true`: by ear, too.")),
    ),
    Operation(
        "get",
        "/v1/voices/{name}/archive",
        "The whole voice in one file",
        Answer("A zip.", media=(ARCHIVE_TYPE,)),
        (400, 404),
    ),
    Operation(
        "get",
        "/v1/voices/{name}/clip",
        "A clip of it",
        Answer("The clip as it is used.", media=("audio/flac", "audio/wav", OCTETS)),
        (400, 404, 422),
        query=(_VARIANT, _choice("format", "At 24 kHz, whatever it is kept as.", ("wav",))),
    ),
)

LEXICON: Final = (
    Operation(
        "get",
        "/v1/lexicon",
        "How words are said",
        Answer("The entries.", LexiconPage),
        (400,),
        query=(_choice("scope", "Of one lexicon.", _SCOPES), _VOICE),
    ),
    Operation(
        "post",
        "/v1/lexicon",
        "Add entries, or put others in the place of all",
        Answer("Those that were added.", LexiconPage),
        (400, 413),
        body=LexiconChange,
    ),
    Operation(
        "delete",
        "/v1/lexicon",
        "Remove the entries for a word",
        Answer("Those that are gone.", LexiconPage),
        (400, 404),
        query=(
            _choice("scope", "Of one lexicon.", _SCOPES),
            _VOICE,
            _text("written", "The word.", required=True),
            _text("language", "Only the entry for this language."),
        ),
    ),
    Operation(
        "post",
        "/v1/lexicon/test",
        "How would this be read?",
        Answer("Its segments, as an engine would be given them.", Tried),
        (400, 413, 422),
        body=LexiconTrial,
    ),
)

OPERATIONS: Final = (*SYSTEM, *WORKER, *SPEECH, *JOBS, *VOICES, *LEXICON)
