"""Who asks."""

import os
import pwd

import pytest

from ttsd.asker import Asker, account, name_of, token

NO_ACCOUNT = 4_000_000_000


@pytest.mark.parametrize(
    ("user", "name"),
    [
        (account(0), "root"),
        (account(os.getuid()), pwd.getpwuid(os.getuid()).pw_name),
        (account(NO_ACCOUNT), f"uid {NO_ACCOUNT}"),
        ("uid 99999999999999999999", "uid 99999999999999999999"),
        ("uid root", "uid root"),
        (token("laptop"), "token laptop"),
        ("192.0.2.7", "192.0.2.7"),
        ("", ""),
    ],
)
def test_users_are_called_by_the_name_of_their_account(user: str, name: str):
    assert name_of(user) == name
    assert Asker(user).name == name


def test_what_is_nobodys_belongs_to_nobody():
    assert Asker("uid 7").owns("uid 7")
    assert not Asker("uid 7").owns("uid 77")
    assert not Asker("uid 7").owns("")
    assert not Asker("").owns("")
