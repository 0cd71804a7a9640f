"""What the numbers mean with which NVIDIA's driver reports errors of a card (XID).

The facts are those of NVIDIA's public catalogue (docs.nvidia.com/deploy/xid-errors); the words are ours.
"""

from typing import Final, Literal

import msgspec

Remedy = Literal["none", "watch", "restart", "reset", "reboot", "hardware"]
"""What is to be done: nothing; nothing unless it comes back; a fresh worker; a reset; a reboot; more."""


class Meaning(msgspec.Struct, frozen=True):
    """One sentence, and what is to be done."""

    sentence: str
    remedy: Remedy


REMEDIES: Final[dict[Remedy, str]] = {
    "none": "nothing is to be done",
    "watch": "look at the program's log; when it comes back, update the driver, then test the card",
    "restart": "replace the worker: ttsd model recycle; when it comes back, update the driver, then test the card",
    "reset": "stop what uses the card, then reset it: nvidia-smi --gpu-reset -i N; or restart the machine",
    "reboot": "restart the machine; when it comes back, update the driver, see to the card's cooling, power and seat",
    "hardware": "restart the machine; when it comes back, the card or its slot is faulty: have it replaced",
}

XIDS: Final[dict[int, Meaning]] = {
    13: Meaning("A program's work on the card went wrong, most often by an address out of bounds.", "restart"),
    31: Meaning("A program touched memory of the card that is not its own.", "restart"),
    32: Meaning("The card was sent commands that were damaged on the way.", "reboot"),
    38: Meaning("The card's firmware met an error of the driver.", "reboot"),
    43: Meaning("The card gave up a program's work after a fault of that program; the card is well.", "restart"),
    45: Meaning("The card dropped a program's work, because the program ended or another error came before.", "watch"),
    48: Meaning("The card's memory had an error in two bits, which cannot be corrected.", "reset"),
    61: Meaning("The card's own controller stopped, and was started again.", "reboot"),
    62: Meaning("The card's own controller stopped.", "reboot"),
    63: Meaning("Bad memory of the card was noted, and is taken out of use by the next reset.", "reset"),
    64: Meaning("Bad memory of the card could not be noted, so it stays in use.", "hardware"),
    69: Meaning("The card met a command that it does not know.", "restart"),
    74: Meaning("The link between cards (NVLink) had an error.", "hardware"),
    79: Meaning("The card fell off the bus: the machine cannot reach it any more.", "hardware"),
    92: Meaning("The card's memory has many errors that are still corrected.", "hardware"),
    94: Meaning("An error in the card's memory cost one program its work, and nobody else's.", "reset"),
    95: Meaning("An error in the card's memory could have damaged any program's work.", "reset"),
    109: Meaning("The card did not switch from one program to another in time.", "restart"),
    110: Meaning("The card's security processor failed.", "reboot"),
    119: Meaning("The card's system processor (GSP) did not answer in time.", "reboot"),
    120: Meaning("The card's system processor (GSP) failed.", "reboot"),
    140: Meaning("The card's memory had an error that was not recovered from.", "reset"),
}
UNKNOWN: Final = Meaning("Our list does not have this number; NVIDIA's catalogue of XID errors does.", "watch")


def meaning(number: int) -> Meaning:
    """Of this number, or that we do not know it."""
    return XIDS.get(number, UNKNOWN)
