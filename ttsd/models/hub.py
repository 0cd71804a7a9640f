"""The hub: what a commit is made of, and the bytes of its files; the one place that knows huggingface_hub."""

import contextlib
import importlib
import importlib.util
import os
from collections.abc import Callable, Generator
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import Any, Final, Protocol

import msgspec

from ttsd.protocol.errors import BadRequest, Forbidden, NotFound, TtsdError, Unavailable

FILES: Final = ("*.json", "*.safetensors", "merges.txt", "speech_tokenizer/*")
"""What a checkpoint is made of; a repository has pictures and prose besides."""
NEEDED: Final = frozenset({"config.json", "speech_tokenizer/config.json"})
PATIENCE_S: Final = 30.0
"""For the answer to a question; a download has the limits of the hub's client, HF_HUB_DOWNLOAD_TIMEOUT."""


class HubFile(msgspec.Struct, frozen=True):
    """A file of a commit; `digest` is its SHA-256, or, for a small one that git keeps itself, git's SHA-1."""

    name: str
    size: int
    digest: str


class Commit(msgspec.Struct, frozen=True):
    """One state of a repository, which never changes."""

    id: str
    files: tuple[HubFile, ...]


class Sink(Protocol):
    """Where the bytes of a file go: what the hub's client asks of it."""

    def write(self, block: bytes, /) -> int: ...
    def seek(self, place: int, /) -> int: ...
    def tell(self) -> int: ...
    def truncate(self) -> int: ...


class Hub:
    """One model's repository on the hub that HF_ENDPOINT names. Calls raise TtsdError that says what to do.

    Its client's `snapshot_download` is not used: it begins a broken file anew, checks sizes but no hashes, and takes
    the folder as it is for the whole when the hub fails to answer.
    """

    def __init__(self, model_id: str) -> None:
        if importlib.util.find_spec("huggingface_hub") is None:
            raise Unavailable('the hub needs huggingface_hub: pip install "ttsd[qwen]"')
        self._id = model_id
        self._client: Any = importlib.import_module("huggingface_hub")
        self._http_get: Any = importlib.import_module("huggingface_hub.file_download").http_get
        # What it would say of its own is said by our bar and our errors.
        self._client.utils.logging.set_verbosity_error()
        self._client.utils.disable_progress_bars("huggingface_hub.http_get")

    def commit(self, revision: str | None) -> Commit:
        """The commit that `revision` means now: itself, or a tag or branch; the newest for `None`."""
        with self._explaining(f"{_endpoint()} cannot be reached", revision):
            info = self._client.HfApi().model_info(self._id, revision=revision, files_metadata=True, timeout=PATIENCE_S)
            files = tuple(_file(sibling) for sibling in info.siblings or () if _is_part(sibling.rfilename))
        if missing := NEEDED - {file.name for file in files}:
            raise BadRequest(f"{self._id} is no checkpoint of Qwen3-TTS-12Hz: it has no {min(missing)}", param="model")
        # The small ones first: whoever may not have them learns it at once.
        return Commit(info.sha, tuple(sorted(files, key=lambda file: file.size)))

    def fetch(self, commit: Commit, file: HubFile, into: Sink, have: int) -> None:
        """Append to `into`, which has the first `have` bytes, the others."""
        url = self._client.hf_hub_url(self._id, file.name, revision=commit.id)
        # Compressed on the way, a range would be one of other bytes.
        headers = {**self._client.utils.build_hf_headers(), "Accept-Encoding": "identity"}
        with self._explaining(f"{file.name}: the download from {_endpoint()} broke off", commit.id):
            self._http_get(url, into, resume_size=have, headers=headers, expected_size=file.size)

    def cached(self, commit: Commit, file: HubFile) -> Path | None:
        """Where another program that uses the hub has left the file, if one has."""
        found = self._client.try_to_load_from_cache(self._id, file.name, revision=commit.id)
        return Path(found) if isinstance(found, str) else None

    @contextlib.contextmanager
    def _explaining(self, what: str, revision: str | None) -> Generator[None]:
        try:
            yield
        except TtsdError:
            raise
        except Exception as error:  # its HTTP library, and so the errors, change between versions of the hub's client
            if isinstance(error, OSError) and not _is_of_the_net(error):
                raise
            raise self._explained(what, revision, error) from error

    def _explained(self, what: str, revision: str | None, error: Exception) -> TtsdError:
        kinds: Any = importlib.import_module("huggingface_hub.errors")
        explain = self._explanations(revision)
        known = next((name for name in explain if isinstance(error, getattr(kinds, name))), "")
        if known:
            return explain[known]()
        answer: Any = getattr(error, "response", None)
        if answer is not None and answer.status_code in (401, 403, 404):
            return self._refused(answer)
        return _broken_off(what, error)

    def _refused(self, answer: Any) -> TtsdError:
        if "credentials" in answer.headers.get("X-Error-Message", ""):
            return Forbidden(f"{_endpoint()} does not know the token that it was given: hf auth login, or set HF_TOKEN")
        return self._locked() if answer.status_code == 403 else self._unknown()

    def _explanations(self, revision: str | None) -> dict[str, Callable[[], TtsdError]]:
        """By the name of the client's error, the special before the general."""
        model = self._id
        return {
            "OfflineModeIsEnabled": lambda: Unavailable(
                "HF_HUB_OFFLINE is set: unset it, or copy the checkpoint here and say: ttsd model use FOLDER"
            ),
            "GatedRepoError": self._locked,
            "RevisionNotFoundError": lambda: NotFound(f"{model} has no revision {revision!r}; leave --revision out"),
            "RepositoryNotFoundError": self._unknown,
            "HFValidationError": lambda: BadRequest(f"{model!r} is no hub id", param="model"),
        }

    def _unknown(self) -> NotFound:
        """To those it does not know, a hub does not say whether there is a private model of that name."""
        return NotFound(
            f"{_endpoint()} has no model {self._id!r} that it would show us: ttsd model list names some; "
            "for a private one log in first: hf auth login, or set HF_TOKEN"
        )

    def _locked(self) -> Forbidden:
        return Forbidden(
            f"{self._id} is given only to those who have accepted its terms: accept them on its page, then log in "
            "with hf auth login, or set HF_TOKEN"
        )


def _is_part(name: str) -> bool:
    return any(fnmatch(name, pattern) for pattern in FILES)


def _file(sibling: Any) -> HubFile:
    """Raises Unavailable for what a hub does not say, or would not say."""
    name, size = sibling.rfilename, sibling.size
    digest = sibling.lfs["sha256"] if sibling.lfs else sibling.blob_id
    if size is None or not digest:
        raise Unavailable(f"{_endpoint()} tells no size and hash of {name}: set HF_ENDPOINT to one that does")
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        raise Unavailable(f"{_endpoint()} names a file {name!r}, which would lie outside the model's folder")
    return HubFile(name, size, digest)


def _is_of_the_net(error: OSError) -> bool:
    """The hub's client raises errors of the system too; ours, of the disk, carry a number or a file."""
    return isinstance(error, ConnectionError | TimeoutError) or (error.errno is None and error.filename is None)


def _broken_off(what: str, error: Exception) -> Unavailable:
    lines = str(error).strip().splitlines()
    return Unavailable(
        f"{what} ({lines[0] if lines else type(error).__name__}); try again: what is here already is kept; behind a "
        "proxy set HTTPS_PROXY; where there is a mirror set HF_ENDPOINT; or copy the checkpoint from another machine "
        "and say: ttsd model use FOLDER"
    )


def _endpoint() -> str:
    return os.environ.get("HF_ENDPOINT") or "the hub"
