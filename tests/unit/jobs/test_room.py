"""How many jobs may wait."""

from collections import Counter

import pytest

from ttsd.config import Limits
from ttsd.jobs.room import Room
from ttsd.protocol.errors import Busy


@pytest.mark.parametrize(("user", "name"), [("uid 0", "root"), ("token laptop", "token laptop"), ("", "this client")])
def test_who_has_too_many_waiting_is_told_by_a_name_they_know(user: str, name: str):
    room = Room(Limits(max_queue_per_user=1))
    with room.taken(Counter({user: 1})):
        with pytest.raises(Busy, match=f"^1 jobs of {name} are waiting; at most 1 may"), room.taken(Counter({user: 1})):
            pass
        assert room.waiting == 1
