"""The HTTP doors of a real daemon."""


def test_it_answers(daemon):
    assert daemon.get("/healthz").json() == {"status": "ok"}
    print(daemon.status())
    answer = daemon.post("/api/tts", json={"text": "Hello there. And again.", "language": "en"})
    assert answer.status_code == 200, answer.text
    assert answer.content[:4] == b"RIFF"
