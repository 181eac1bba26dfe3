"""A line of the bench's table, and two sides that take turns."""

import gc
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

Times = list[float]
"""Seconds, one for each turn."""
HEAD = ("what", "ours", "other side", "ratio", "goal", "met")


@dataclass(frozen=True)
class Line:
    """One row of the table: two sides, their ratio, and the goal where there is one."""

    what: str
    ours: str
    other: str = ""
    ratio: str = ""
    goal: str = ""
    is_met: bool | None = None


def at_most(what: str, ours: Times, other: Times, goal: float | None, name: str) -> Line:
    """Return a line that says how many times as long as the other side, NAME, ours takes."""
    times = _median_ratio(ours, other)
    return Line(
        what,
        _shown(ours),
        f"{name} {_shown(other)}",
        f"{times:.1f} times",
        f"within {goal:g} times" if goal else "",
        times <= goal if goal else None,
    )


def at_least(what: str, ours: Times, other: Times, goal: float | None, name: str) -> Line:
    """Return a line that says how many times faster ours is than the other side, NAME."""
    times = _median_ratio(other, ours)
    return Line(
        what,
        _shown(ours),
        f"{name} {_shown(other)}",
        f"{times:.1f} times faster",
        f"at least {goal:g} times faster" if goal else "",
        times >= goal if goal else None,
    )


def _median_ratio(above: Times, below: Times) -> float:
    """Return the median of the turns' ratios: what else the machine does weighs on both sides of one."""
    return statistics.median(a / b for a, b in zip(above, below, strict=True))


def _shown(times: Times) -> str:
    return f"{statistics.median(times):.2f} s"


def together(*sides: Times) -> Times:
    """Return the seconds of steps that follow one another, turn by turn."""
    return [sum(turn) for turn in zip(*sides, strict=True)]


def none(what: str, count: int, of: str) -> Line:
    """Return a line for something that must not have happened."""
    return Line(what, f"{count} of {of}", goal="0", is_met=count == 0)


def table(lines: list[Line]) -> str:
    """Return the lines as a Markdown table."""
    verdicts = {True: "yes", False: "**no**", None: ""}
    rows = [HEAD, ("---",) * len(HEAD)]
    rows += [
        (line.what, line.ours, line.other, line.ratio, line.goal, verdicts[line.is_met]) for line in lines
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def seconds(task: Callable[[], object]) -> float:
    """Run a task and return how long it took."""
    gc.collect()
    began = time.perf_counter()
    task()
    return time.perf_counter() - began


def in_turns(turns: int, **sides: Callable[[], float]) -> dict[str, Times]:
    """Let each side measure itself, in turns; return the seconds of each."""
    taken: dict[str, Times] = {name: [] for name in sides}
    for turn in range(turns):
        for name, side in sides.items():
            taken[name].append(side())
        told = ", ".join(f"{name} {times[-1]:.2f} s" for name, times in taken.items())
        say(f"  {turn + 1} of {turns}: {told}")
    return taken


def say(text: str) -> None:
    """Show a line of progress beside the table."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()
