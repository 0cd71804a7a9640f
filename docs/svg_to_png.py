"""A screen that Textual exported as SVG, as PNG: every character stands in its own cell, whatever fonts there are."""

import html
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from rich.cells import cell_len

CELL_WIDTH = 12.2
"""Width of a cell in Rich's SVG."""


def write_png(svg: str, target: Path, width: int) -> None:
    command = ["rsvg-convert", f"--width={width}", "-o", str(target)]
    subprocess.run(command, input=right_widths(svg).encode(), check=True)


def right_widths(svg: str) -> str:
    """Place every run of characters by its cells: Rich counts characters, so wide ones would be squeezed."""

    def one(match: re.Match[str]) -> str:
        attributes, body = match.group(1), html.unescape(match.group(2))
        found = re.search(r'\bx="([\d.]+)"', attributes)
        if "textLength" not in attributes or found is None:
            return match.group(0)
        x, pieces = float(found.group(1)), []
        for run in re.findall(r"[\u00a0 ]+|[^\u00a0 ]+", body):
            if run[0] not in "\u00a0 ":
                pieces += _placed(run, x, attributes)
            x += CELL_WIDTH * cell_len(run)
        return "".join(pieces)

    svg = re.sub(r"@font-face\s*{.*?}\s*(?=@|\.)", "", svg, flags=re.DOTALL)  # fonts from the network
    return re.sub(r"<text([^>]*)>([^<]*)</text>", one, svg)


def _placed(run: str, x: float, attributes: str) -> Iterator[str]:
    """One element for each character: no renderer's font metrics can shift what stands in a cell."""
    for character in run:
        width = CELL_WIDTH * cell_len(character)
        placed = re.sub(r'\bx="[\d.]+"', f'x="{x:.1f}"', attributes)
        placed = re.sub(r'textLength="[\d.]+"', f'textLength="{width:.1f}"', placed)
        yield f"<text{placed}>{html.escape(character)}</text>"
        x += width
