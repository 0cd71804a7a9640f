"""What the doctor finds in clips of which everything is known, and what it does not find in good ones."""

import numpy as np
import pytest

from tests.speech import (
    RATE_HZ,
    TEXTS,
    in_a_room,
    lower_voice,
    melody,
    noise,
    spoken,
    tight,
    with_hum,
    with_noise,
)
from ttsd.audio.reference.recording import Recording
from ttsd.prep.examination import Diagnosis, diagnosed
from ttsd.protocol.hearing import ClipFacts, Finding

WORDS = TEXTS[0].split()


def diagnosis(samples: np.ndarray, transcript: str = TEXTS[0], rate_hz: int = RATE_HZ, *, bits: int = 16) -> Diagnosis:
    """Of `samples` as a file of so many bits holds them."""
    steps = 2.0 ** (bits - 1)
    kept = (np.rint(np.clip(samples, -1, 1 - 1 / steps) * steps) / steps).astype(np.float32)
    return diagnosed(Recording(kept.reshape(len(kept), -1), rate_hz, "WAV", f"PCM_{bits}"), transcript, "auto")


def facts(samples: np.ndarray, *args, **options) -> ClipFacts:
    return diagnosis(samples, *args, **options).measured.facts


def found(samples: np.ndarray, *args, **options) -> dict[str, Finding]:
    return {finding.code: finding for finding in diagnosis(samples, *args, **options).findings}


# --- good clips ---


@pytest.mark.parametrize("speed", [0.85, 1.0, 1.2])
@pytest.mark.parametrize("text", TEXTS, ids=["harbour", "station", "bag"])
def test_a_good_clip_is_good_at_any_level(text: str, speed: float):
    samples = spoken(text, speed)
    for gain in (0.3, 1.0, 1.6):
        assert found(samples * gain, text) == {}


@pytest.mark.parametrize("text", TEXTS, ids=["harbour", "station", "bag"])
def test_a_good_recording_of_a_quiet_room_is_good(text: str):
    assert found(with_noise(spoken(text), "pink", 45), text) == {}


@pytest.mark.parametrize(("rate_hz", "bits"), [(16_000, 16), (44_100, 24), (48_000, 24)])
def test_a_good_clip_is_good_at_any_usual_rate(rate_hz: int, bits: int):
    import soxr

    samples = soxr.resample(spoken(), RATE_HZ, rate_hz)
    stereo = np.stack((samples, samples), axis=1)
    assert found(stereo, rate_hz=rate_hz, bits=bits).keys() <= {"narrow"}


# --- noise ---


@pytest.mark.parametrize("kind", ["white", "pink", "babble"])
@pytest.mark.parametrize("snr_db", range(5, 41, 5))
def test_noise_is_measured_within_3_db(kind: str, snr_db: int):
    tolerance_db = 4.5 if kind == "babble" and snr_db < 10 else 3.0  # voices under a voice, nearly as loud
    for number, text in enumerate(TEXTS):
        for samples in (spoken(text), tight(spoken(text)))[number % 2 :]:
            measured_db = facts(with_noise(samples, kind, snr_db, seed=number), text, bits=24).snr_db
            assert measured_db == pytest.approx(snr_db, abs=tolerance_db)


@pytest.mark.parametrize(("snr_db", "level"), [(5, "fault"), (15, "warning"), (25, "note"), (40, None)])
def test_noise_is_judged(snr_db: int, level: str | None):
    finding = found(with_noise(spoken(), "pink", snr_db)).get("noisy")
    assert (finding and finding.level) == level


def test_noise_alone_is_no_speech():
    for kind in ("white", "pink"):
        assert list(found(0.1 * noise(kind, 5 * RATE_HZ) / 4)) == ["no_speech"]


def test_silence_is_no_speech():
    assert list(found(np.zeros(5 * RATE_HZ))) == ["no_speech"]
    assert list(found(np.full(5 * RATE_HZ, 0.25))) == ["no_speech"]


def test_a_tone_is_no_voice():
    tone = 0.2 * np.sin(2 * np.pi * 220 * np.arange(5 * RATE_HZ) / RATE_HZ)
    assert {"music", "no_speech"} & set(found(tone))
    assert found(melody(6))["music"].level == "warning"


# --- faults of the recording ---


@pytest.mark.parametrize(("gain", "level"), [(1.6, "warning"), (30.0, "fault")])
def test_clipping(gain: float, level: str):
    samples = np.clip(spoken() / np.abs(spoken()).max() * gain, -1, 1)
    cut_ms = 1000 * np.mean(np.abs(samples) == 1) * len(samples) / RATE_HZ
    for scale in (1.0, 0.4):  # somebody turned it down afterwards
        finding = found(samples * scale)["clipped"]
        assert finding.level == level
        assert finding.value == pytest.approx(cut_ms, rel=0.4)


def test_one_full_scale_sample_is_no_clipping():
    samples = spoken().copy()
    samples[np.argmax(np.abs(samples))] = 1.0
    assert found(samples) == {}


@pytest.mark.parametrize("mains_hz", [50, 60])
def test_hum(mains_hz: int):
    loud = with_hum(with_noise(spoken(), "pink", 40), mains_hz, 20)
    assert (facts(loud).hum_hz, found(loud)["hum"].level) == (mains_hz, "warning")
    assert facts(loud).hum_db == pytest.approx(-21, abs=3)
    assert found(with_hum(spoken(), mains_hz, 32))["hum"].level == "note"
    assert "hum" not in found(with_hum(spoken(), mains_hz, 60))


@pytest.mark.parametrize("offset", [0.1, -0.05])
def test_an_offset(offset: float):
    assert found(spoken() + offset).keys() == {"offset"}
    assert facts(spoken() + offset).offset_percent == pytest.approx(100 * offset, abs=0.1)
    assert facts(spoken() + offset).snr_db > 50


def test_silence_around():
    before, after = np.zeros(2 * RATE_HZ), np.zeros(3 * RATE_HZ)
    samples = np.concatenate((before, spoken(), after))
    assert found(samples).keys() == {"silence"}
    plain, padded = facts(spoken()), facts(samples)
    assert padded.leading_silence_s == pytest.approx(plain.leading_silence_s + 2, abs=0.02)
    assert padded.trailing_silence_s == pytest.approx(plain.trailing_silence_s + 3, abs=0.02)
    assert padded.speech_s == plain.speech_s


def test_a_word_cut_at_an_end():
    samples = tight(spoken())
    assert "cut_word" in found(samples[: len(samples) // 2 + 3000])


@pytest.mark.parametrize(
    ("seconds", "code", "level"), [(0.6, "too_short", "fault"), (2.4, "short", "warning"), (3.3, None, None)]
)
def test_length(seconds: float, code: str | None, level: str | None):
    finding = found(tight(spoken())[: round(seconds * RATE_HZ)], "")
    assert {name: each.level for name, each in finding.items() if "short" in name} == ({code: level} if code else {})


def test_long_clips():
    longer = np.concatenate([spoken()] * 5)
    assert found(longer, " ".join([TEXTS[0]] * 5)).keys() == {"long"}
    assert found(np.concatenate([spoken()] * 12), " ".join([TEXTS[0]] * 12))["too_long"].level == "fault"


@pytest.mark.parametrize(("rate_hz", "level"), [(8_000, "warning"), (11_025, "note"), (22_050, None)])
def test_bandwidth(rate_hz: int, level: str | None):
    import soxr

    samples = soxr.resample(spoken(), RATE_HZ, rate_hz)
    finding = found(samples, rate_hz=rate_hz).get("narrow")
    assert (finding and finding.level) == level
    again = soxr.resample(samples, rate_hz, 48_000)  # a good rate does not bring back what is lost
    assert facts(again, rate_hz=48_000).bandwidth_hz == pytest.approx(rate_hz / 2, rel=0.06)


def test_echo():
    rooms = [facts(in_a_room(spoken(), rt60_s)).decay_s for rt60_s in (0.2, 0.5, 1.0)]
    assert rooms == sorted(rooms)
    assert "echo" not in found(in_a_room(spoken(), 0.2))
    assert "echo" in found(in_a_room(spoken(), 1.2))


def test_two_speakers():
    first, second = tight(spoken(TEXTS[0]))[: 4 * RATE_HZ], tight(lower_voice(spoken(TEXTS[1]), 8))[: 4 * RATE_HZ]
    assert found(np.concatenate((first, second)), "")["speakers"].level == "warning"
    assert "speakers" not in found(lower_voice(spoken(TEXTS[1]), 8), "")


def test_quiet_speech():
    assert found(spoken() * 0.05, bits=24).keys() == {"quiet"}


def test_a_channel_that_is_dead_or_reversed_costs_nothing():
    alone = facts(spoken())
    hiss = 0.0001 * noise("white", len(spoken()))
    for other, repair in ((hiss, "the others are silent"), (-spoken(), "cancel each other")):
        stereo = diagnosis(np.stack((other, spoken()), axis=1))
        assert stereo.findings == ()
        assert stereo.measured.facts.level_dbfs == alone.level_dbfs
        assert any(repair in done for done in stereo.done)


# --- the transcript ---


@pytest.mark.parametrize("text", TEXTS, ids=["harbour", "station", "bag"])
@pytest.mark.parametrize("speed", [0.85, 1.0, 1.2])
def test_a_transcript_of_half_the_clip_is_noticed(text: str, speed: float):
    words, samples = text.split(), spoken(text, speed)
    for half in (words[: len(words) // 2], words[len(words) // 2 :]):
        assert "transcript_short" in found(samples, " ".join(half))
    assert found(samples, " ".join(words[:3]))["transcript_short"].level == "fault"


def test_a_transcript_that_says_more_is_noticed():
    assert "transcript_long" in found(spoken(), f"{TEXTS[0]} {TEXTS[1]}")
    assert found(spoken(), " ".join(TEXTS * 2))["transcript_long"].level == "fault"


def test_noise_does_not_mislead_it():
    noisy = with_noise(spoken(), "pink", 10)
    assert not {code for code in found(noisy) if code.startswith("transcript")}
    assert "transcript_short" in found(noisy, " ".join(WORDS[: len(WORDS) // 2]))


@pytest.mark.parametrize(
    ("transcript", "language", "code"),
    [
        ("", "en", "transcript_missing"),
        (" \n", "en", "transcript_missing"),
        ("?!…", "en", "transcript_script"),
        ("今天天气很好，我们去公园散步吧。", "en", "transcript_script"),
        (TEXTS[0], "zh", "transcript_script"),
        (TEXTS[0], "ru", "transcript_script"),
    ],
)
def test_a_transcript_that_is_none(transcript: str, language: str, code: str):
    recording = Recording(spoken()[:, np.newaxis], RATE_HZ, "WAV", "FLOAT")
    assert code in {finding.code for finding in diagnosed(recording, transcript, language).findings}


def test_the_worst_comes_first():
    levels = [finding.level for finding in diagnosis(with_noise(spoken(), "pink", 5) + 0.1, "").findings]
    assert levels == sorted(levels, key=("fault", "warning", "note").index)
    assert len(set(levels)) == 3


def test_every_finding_is_a_sentence():
    spoilt = with_hum(with_noise(np.clip(in_a_room(spoken(), 1.0) * 20, -1, 1), "pink", 25), 50, 15) + 0.1
    for finding in diagnosis(spoilt * 0.5, "word").findings:
        assert finding.message.endswith(".")
        assert finding.remedy == "" or finding.remedy.endswith(".")
