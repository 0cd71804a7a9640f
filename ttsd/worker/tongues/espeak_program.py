"""Runs espeak-ng's library once: text on stdin; on stdout its sound (s16le, 22,050 Hz), or IPA, line for line.

A program of its own, because the sound depends on everything that its process has spoken before, and because the
library's licence is the GPL. It imports nothing of ttsd and starts in some 30 ms.

    python espeak_program.py LIBRARY DATA VOICE RATE sound|phonemes|version
"""

import ctypes
import os
import sys
from typing import Any, Final

SYNCHRONOUS: Final = 2
DONT_EXIT: Final = 0x8000
UTF8: Final = 1
RATE: Final = 1
IPA: Final = 0x02
OUT: Final = 1


def speak(library: Any, text: bytes) -> None:
    """Writes as it is made: 60 ms at a time. A reader that has gone ends it."""
    callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)

    def deliver(samples: int | None, count: int, _events: int | None) -> int:
        if samples and count:
            write(ctypes.string_at(samples, count * 2))
        return 0

    kept = callback(deliver)
    library.espeak_SetSynthCallback(kept)
    library.espeak_Synth(text, len(text) + 1, 0, 1, 0, UTF8, None, None)


def phonemes(library: Any, text: bytes) -> None:
    translate = library.espeak_TextToPhonemes
    translate.restype = ctypes.c_char_p
    translate.argtypes = [ctypes.POINTER(ctypes.c_char_p), ctypes.c_int, ctypes.c_int]
    for line in text.split(b"\n"):
        rest = ctypes.c_char_p(line)
        clauses: list[bytes] = []
        while rest.value:  # it takes a clause at a time, and leaves none at the end
            clauses.append(translate(ctypes.byref(rest), UTF8, IPA) or b"")
        write(b" ".join(clauses) + b"\n")


def write(data: bytes) -> None:
    while data:
        data = data[os.write(OUT, data) :]


def main() -> int:
    path, data, voice, rate, wanted = sys.argv[1:]
    library = ctypes.CDLL(path)
    if library.espeak_Initialize(SYNCHRONOUS, 0, data.encode() or None, DONT_EXIT) <= 0:
        return 1
    if wanted == "version":
        library.espeak_Info.restype = ctypes.c_char_p
        os.write(OUT, library.espeak_Info(None))
        return 0
    if library.espeak_SetVoiceByName(voice.encode()):
        return 2
    library.espeak_SetParameter(RATE, int(rate), 0)
    text = sys.stdin.buffer.read().replace(b"\0", b"")
    (speak if wanted == "sound" else phonemes)(library, text)
    return 0


if __name__ == "__main__":
    # Not by way of the interpreter's end: the library's own may wait for threads that it does not have.
    os._exit(main())
