# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is drawn on the novice's screen, and how it is found again on the helper's, without OCR."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .processes import run

# Far apart from one another and from the black of an empty screen, so that a lossy codec mixes up none.
PALETTE = (
    (255, 0, 0),
    (0, 255, 0),
    (0, 0, 255),
    (255, 255, 0),
    (255, 0, 255),
    (0, 255, 255),
    (255, 255, 255),
)
BACKGROUND = (32, 64, 96)
CELL = 64  # pixels: a multiple of the 16x16 blocks of H.264, so that cells do not bleed into another
COLUMNS, ROWS = 8, 4
LEFT, TOP = 64, 64
TEXT_TOP = 384  # pixels from the top to the box that holds the text
TEXT_HEIGHT = 96
COLOUR_TOLERANCE = 48  # per channel, 0-255; H.264 4:2:0 was seen to be off by 7
LIT = (BACKGROUND[1] + 255) // 2  # green, 0-255: half way from the background to white
COMMAND_DEADLINE = 20.0  # seconds for one ImageMagick command

Box = tuple[int, int, int, int]  # left, top, width, height in pixels
Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Screenshot:
    """One screen at one moment; `path` is the same as a PNG for people to look at."""

    path: Path
    width: int
    height: int
    rgb: bytes

    def colour(self, x: int, y: int) -> Colour:
        """Returns the mean colour of the 9x9 pixels around a point."""
        rows = [self.row(x - 4, y + dy, 9) for dy in range(-4, 5)]
        red, green, blue = (sum(sum(row[channel::3]) for row in rows) // 81 for channel in range(3))
        return red, green, blue

    def row(self, x: int, y: int, width: int) -> bytes:
        """Returns the RGB bytes of `width` pixels of one row, from `x` on."""
        start = (y * self.width + x) * 3
        return self.rgb[start : start + width * 3]

    def lit(self, box: Box) -> set[tuple[int, int]]:
        """Returns the points of a box that are nearer to the text's white than to the background."""
        left, top, width, height = box
        rows = ((y, self.row(left, y, width)[1::3]) for y in range(top, top + height))
        return {(left + x, y) for y, greens in rows for x, green in enumerate(greens) if green > LIT}


@dataclass(frozen=True)
class Picture:
    """A grid of coloured cells made by chance, and a line of text under it."""

    cells: tuple[int, ...]
    text: str

    @classmethod
    def by_chance(cls, text: str) -> Picture:
        """Returns a picture no other screen shows: 7 to the power of 32 grids are possible."""
        return cls(tuple(random.choices(range(len(PALETTE)), k=COLUMNS * ROWS)), text)

    @property
    def text_box(self) -> Box:
        """The part of the screen that holds the text."""
        return LEFT, TEXT_TOP, COLUMNS * CELL, TEXT_HEIGHT

    def draw(self, path: Path, *, width: int, height: int, env: Mapping[str, str]) -> None:
        """Writes the picture as a PNG of a screen's size."""
        command = ["convert", "-size", f"{width}x{height}", f"xc:{_css(BACKGROUND)}"]
        for index, colour in enumerate(self.cells):
            x, y = _corner(index)
            box = f"rectangle {x},{y} {x + CELL - 1},{y + CELL - 1}"
            command += ["-fill", _css(PALETTE[colour]), "-draw", box]
        text = self.text.replace("\\", "\\\\").replace("'", "\\'")
        command += ["-fill", "white", "-font", "DejaVu-Sans", "-pointsize", "30"]
        command += ["-draw", f"text {LEFT},{TEXT_TOP + 60} '{text}'", f"png:{path}"]
        run(command, env=env, deadline=COMMAND_DEADLINE)

    def seen_in(self, screenshot: Screenshot) -> bool:
        """Says whether every cell is at its place, in its colour."""
        for index, colour in enumerate(self.cells):
            x, y = _corner(index)
            seen = screenshot.colour(x + CELL // 2, y + CELL // 2)
            pairs = zip(seen, PALETTE[colour], strict=True)
            if any(abs(have - want) > COLOUR_TOLERANCE for have, want in pairs):
                return False
        return True


def same_text(ours: Screenshot, theirs: Screenshot, box: Box) -> float:
    """Returns how far two screenshots show the same letters in a box: shared of all lit points, 0 to 1."""
    one, other = ours.lit(box), theirs.lit(box)
    return len(one & other) / len(one | other) if one and other else 0.0


def _corner(index: int) -> tuple[int, int]:
    return LEFT + index % COLUMNS * CELL, TOP + index // COLUMNS * CELL


def _css(colour: Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)
