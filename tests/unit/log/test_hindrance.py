"""What keeps work from going on is told once, and once when it is over."""

from structlog.testing import capture_logs

from ttsd.log import Hindrance


def test_told_once_each_time_it_begins_and_ends():
    hindrance = Hindrance("storage.refuses", "storage.takes_again")
    with capture_logs() as lines:
        hindrance.over()
        hindrance.met("no room", files=3)
        hindrance.met("still no room")
        hindrance.over()
        hindrance.over()
        hindrance.met("no room again")
    assert [(line["event"], line.get("reason")) for line in lines] == [
        ("storage.refuses", "no room"),
        ("storage.takes_again", None),
        ("storage.refuses", "no room again"),
    ]
    assert lines[0]["files"] == 3
