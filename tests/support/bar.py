"""What a progress bar drew on a terminal: each drawing, and what it says."""

import re
from dataclasses import dataclass

from .terminal import Terminal

PERCENT = re.compile(r" +(\d+)%")
RATE = re.compile(r" (\d+(?:\.\d+)?) ([KMGT]?i?B)/s")
# What stands behind the rate: the time that is left ("-": not known yet), or that it took, or what it waits for.
TIME = re.compile(r"/s +(?:eta )?(-|\d+ s|\d+:\d\d(?::\d\d)?|verify(?:ing)?|in \d.*|unchanged|same) *$")


@dataclass
class Drawing:
    text: str

    @property
    def percent(self) -> int:
        return int(PERCENT.search(self.text).group(1))

    def check_figures(self) -> None:
        """A rate and a time, both finite."""
        assert RATE.search(self.text), self.text
        assert TIME.search(self.text), self.text
        assert not re.search("nan|inf", self.text.rsplit("%", 1)[1]), self.text


def drawings(terminal: Terminal) -> list[Drawing]:
    """All that has been drawn so far, bar after bar, in the order of drawing."""
    text = terminal.raw.decode(errors="replace").replace("\r\n", "\n")
    return [Drawing(piece.removesuffix("^C")) for line in text.split("\n") for piece in line.split("\r") if PERCENT.search(piece)]


class OneLine:
    """A condition for Terminal.wait_until that looks at the screen after each piece: the bar never takes a second line."""

    def __init__(self):
        self.looks = 0

    def __call__(self, terminal: Terminal) -> bool:
        self.looks += 1
        lines = terminal.lines()
        assert len(lines) <= 1, terminal.text()
        return "100%" in terminal.text()
