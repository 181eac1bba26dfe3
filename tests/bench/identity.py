"""Who is who, held against the sandbox's truth: pairs and clusters of profiles, and what it costs."""

import os
from datetime import date

from include import settings
from include.sandbox import truth, world
from include.sandbox.truth import Agreement
from tests.bench import accuracy
from tests.bench.ratios import Line, say, seconds

CUSTOMERS = int(os.environ.get("BENCH_CUSTOMERS", 10_000))
END = date(2026, 10, 31)
PRECISION, RECALL = 0.995, 0.95


def measure() -> list[Line]:
    """Return how well people are told apart, and how long it takes."""
    say(f"  a company of {CUSTOMERS:,} customers …")
    company = world.build(settings.SANDBOX_SEED, CUSTOMERS, END)
    profiles = accuracy.known(company)
    found: dict[str, object] = {}
    took = seconds(lambda: found.update(accuracy.identify(profiles)))
    whose = {profile.key: profile.person for profile in profiles}
    joined = truth.linkable(company, profiles)
    pairs, reachable = truth.agreement(found, whose), truth.agreement(found, joined)
    wholes = truth.clusters(found, joined)
    of = f"of {len(profiles):,} profiles of {len(set(whose.values())):,} people"
    return [
        _share(f"{of}: pairs joined that are one person (precision)", pairs, "precision", PRECISION),
        _share("pairs of one person joined, of those one can know (recall)", reachable, "recall", RECALL),
        _share("the same, of all pairs", pairs, "recall"),
        _share("persons found whole, of those found", wholes, "precision"),
        _share("the same, of those one can know", wholes, "recall"),
        Line("normalising and joining them", f"{took:.1f} s"),
    ]


def _share(what: str, pairs: Agreement, of: str, goal: float | None = None) -> Line:
    value = getattr(pairs, of)
    whole = pairs.found if of == "precision" else pairs.true
    return Line(
        what,
        f"{pairs.right:,} of {whole:,}",
        ratio=f"{value:.4f}",
        goal=f"at least {goal}" if goal else "",
        is_met=value >= goal if goal else None,
    )
