"""`python -m ttsd.worker.qwen3.window`: the model without a daemon, for holding it against the official package.

`ttsd model codes` and `ttsd model decode` start this program and pass their options on.
"""

import argparse
import itertools
import json
import queue
import random
import sys
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple, cast

import torch
from torch import Tensor

from ttsd.audio.files import WavWriter
from ttsd.protocol.errors import BadRequest, TtsdError
from ttsd.worker.engine import Piece
from ttsd.worker.qwen3.checkpoint import Checkpoint
from ttsd.worker.qwen3.clip import read_clip
from ttsd.worker.qwen3.codec import CodecStream
from ttsd.worker.qwen3.frames import Frames, Settings
from ttsd.worker.qwen3.live import LiveText
from ttsd.worker.qwen3.model import DTYPES, Model, choose_device
from ttsd.worker.qwen3.pacing import Pacing
from ttsd.worker.qwen3.prompt import Layout, Prompt, Speaker
from ttsd.worker.silence import pcm

USAGE_ERROR: Final = 2
CHUNK_FRAMES: Final = 12


def main() -> None:
    """Do what the arguments say; errors are one line on standard error, and exit status 1."""
    arguments = _parser().parse_args()
    try:
        print(arguments.run(arguments))  # noqa: T201 — a program's output
    except TtsdError as error:
        sys.exit(f"ttsd: {error.message}")
    except KeyboardInterrupt:
        sys.exit(130)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ttsd model")
    commands = parser.add_subparsers(required=True)
    codes = commands.add_parser("codes")
    codes.set_defaults(run=_codes)
    codes.add_argument("--audio", type=Path)
    codes.add_argument("--transcript", default="")
    codes.add_argument("--text", required=True)
    codes.add_argument("--language", default="auto")
    codes.add_argument("--instruct", default="")
    codes.add_argument("--speaker", default="")
    codes.add_argument("--mode", choices=("icl", "xvector"), default="icl")
    codes.add_argument("--layout", choices=[layout.value for layout in Layout], default=Layout.STREAMING.value)
    codes.add_argument("--greedy", action="store_true")
    codes.add_argument("--repetition-penalty", type=float)
    codes.add_argument("--max-frames", type=int, default=2048)
    codes.add_argument("--seed", type=int, default=0)
    codes.add_argument("--exact", action="store_true")
    codes.add_argument("--live", type=int)
    codes.add_argument("--json", action="store_true")
    decode = commands.add_parser("decode")
    decode.set_defaults(run=_decode)
    decode.add_argument("--codes", type=Path, default=Path("-"))
    decode.add_argument("--out", type=Path, required=True)
    for command in (codes, decode):
        command.add_argument("--model", type=Path, required=True)
        command.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
        command.add_argument("--dtype", choices=list(DTYPES), default="float32")
    return parser


def _load(arguments: argparse.Namespace) -> Model:
    device = choose_device(arguments.device, allow_cpu=True)
    model = Model(Checkpoint.open(arguments.model), device, DTYPES[arguments.dtype])
    model.load(lambda _progress, _note: None)
    return model


def _codes(arguments: argparse.Namespace) -> str:
    model = _load(arguments)
    with torch.inference_mode():
        speaker, language = _speaker(model, arguments)
        speak = _whole if arguments.live is None else _live
        codes, pacing = speak(model, arguments, speaker, language)
    found = {
        "codes": codes,
        "finish_reason": pacing.reason,
        "ref_codes": None if speaker.reference is None else numbers(speaker.reference.codes),
        "speaker": None if speaker.vector is None else numbers(speaker.vector.float()),
    }
    if arguments.json:
        return json.dumps(found)
    return "\n".join(" ".join(f"{code:4}" for code in frame) for frame in codes) + f"\n{pacing.reason}"


def _whole(
    model: Model, arguments: argparse.Namespace, speaker: Speaker, language: int | None
) -> tuple[list[list[int]], Pacing]:
    text_ids = model.tokenizer.text_ids(arguments.text)
    instruct = model.tokenizer.instruct_ids(arguments.instruct) if arguments.instruct else ()
    prompt = model.prompts.build(text_ids, speaker, language, Layout(arguments.layout), instruct)
    pacing = Pacing(len(prompt.trailing), len(text_ids), arguments.max_frames, guarded=not arguments.exact)
    return generate(model, prompt, _settings(model, arguments), pacing), pacing


def _live(
    model: Model, arguments: argparse.Namespace, speaker: Speaker, language: int | None
) -> tuple[list[list[int]], Pacing]:
    """The text arrives in pieces, cut and timed by a seed."""
    if speaker.reference is not None or arguments.layout != Layout.STREAMING or arguments.instruct:
        raise BadRequest("--live is for --mode xvector and --layout streaming, without --instruct")
    draw, text = random.Random(arguments.live), arguments.text  # noqa: S311 — the same pieces for the same seed
    cuts = sorted(draw.sample(range(len(text) + 1), draw.randint(0, len(text))))
    pieces = deque(text[start:end] for start, end in itertools.pairwise((0, *cuts, len(text))))
    more: queue.SimpleQueue[Piece] = queue.SimpleQueue()

    def write() -> None:
        if pieces:
            piece = pieces.popleft()
            more.put(Piece(piece, last=not pieces))

    live = LiveText(model, "", more)
    ids = live.begin(write)
    prompt = model.prompts.build_open(ids, speaker.vector, language)
    pacing = Pacing(len(prompt.trailing), len(ids), arguments.max_frames, guarded=not arguments.exact)
    pacing.hold()

    def between(speech: "Speech") -> None:
        if pacing.waiting or draw.random() < 0.3:
            write()
        live.pass_on(speech)

    return generate(model, prompt, _settings(model, arguments), pacing, between), pacing


def _speaker(model: Model, arguments: argparse.Namespace) -> tuple[Speaker, int | None]:
    prompts = model.prompts
    if arguments.audio is None:
        if not arguments.speaker:
            return Speaker(), prompts.language(arguments.language)
        vector, language = prompts.built_in(arguments.speaker, arguments.language)
        return Speaker(vector), language
    transcript = arguments.transcript if arguments.mode == "icl" else None
    if transcript == "":
        raise BadRequest("--mode icl continues the clip: give its --transcript, or take --mode xvector")
    clip = read_clip(arguments.audio)
    return model.clone(clip, transcript, exact=arguments.exact), prompts.language(arguments.language)


def _settings(model: Model, arguments: argparse.Namespace) -> Settings:
    given = model.checkpoint.generation
    penalty = arguments.repetition_penalty
    return Settings(
        seed=arguments.seed,
        greedy=arguments.greedy,
        temperature=given.temperature,
        top_k=given.top_k,
        top_p=given.top_p,
        repetition_penalty=given.repetition_penalty if penalty is None else penalty,
        predictor_greedy=arguments.greedy,
        predictor_temperature=given.subtalker_temperature,
        predictor_top_k=given.subtalker_top_k,
        predictor_top_p=given.subtalker_top_p,
    )


class Speech(NamedTuple):
    """One prompt on its way."""

    frames: Frames
    pacing: Pacing

    def append(self, rows: Tensor, tokens: int, *, last: bool) -> None:
        """See `Appendable`."""
        self.frames.extend(0, rows)
        self.pacing.extend(len(rows), tokens, last=last)


def generate(
    model: Model,
    prompt: Prompt,
    settings: Settings,
    pacing: Pacing,
    between: Callable[[Speech], None] = lambda _speech: None,
) -> list[list[int]]:
    """All frames of one prompt, [frames][codebooks]; `pacing` ends it. Inference mode is the caller's.

    `between` frames text may be appended.
    """
    context = len(prompt.rows) + pacing.most_frames + 1
    rows = len(prompt.trailing) + pacing.most_frames
    frames = Frames(model.talker, model.prompts.pad, slots=1, context=context, text_rows=rows, device=model.device)
    start = frames.learn(0, prompt.rows[: prompt.fixed])
    frames.admit(0, prompt, settings, start)
    made: list[list[int]] = []
    while pacing.reason is None:
        between(Speech(frames, pacing))
        if pacing.waiting:
            continue
        codes = numbers(frames.step({0: pacing.push})[0])
        end = codes[0] == model.config.talker.codec_eos_token_id
        pacing.made(end=end)
        if not end:
            made.append(codes)
    return made


def numbers(tensor: Tensor) -> Any:
    """A tensor as lists."""
    return cast("Any", tensor).tolist()


def _decode(arguments: argparse.Namespace) -> str:
    given = sys.stdin.read() if str(arguments.codes) == "-" else arguments.codes.read_text()
    try:
        found = json.loads(given)
        codes = torch.tensor(found["codes"] if isinstance(found, dict) else found, dtype=torch.int64)
    except (ValueError, KeyError, TypeError) as error:
        raise BadRequest(f"{arguments.codes}: these are no codes, a list of frames of 16 numbers ({error})") from error
    model = _load(arguments)
    wanted = model.checkpoint.codec.decoder_config.num_quantizers
    if codes.ndim != 2 or codes.shape[1] != wanted:
        raise BadRequest(f"{arguments.codes}: the shape is {list(codes.shape)}; it must be [frames, {wanted}]")
    with torch.inference_mode(), WavWriter(arguments.out) as file:
        stream = CodecStream(model.decoder, 1, model.device, torch.float32)
        slot = torch.zeros(1, dtype=torch.int64, device=model.device)
        for chunk in torch.split(codes.to(model.device), CHUNK_FRAMES):
            file.write(pcm(stream.decode(slot, chunk[None])[0].float().cpu().numpy()))
    return f"{arguments.out}: {len(codes) * 0.08:.2f} s"


if __name__ == "__main__":
    main()
