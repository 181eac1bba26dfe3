"""Who is who, held against the sandbox's truth: pairs and clusters of profiles, and what it costs."""

import os
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from itertools import combinations

from include import settings
from include.sandbox import truth, world
from include.sandbox.truth import Agreement
from tests.bench import accuracy
from tests.bench.ratios import Line, say, seconds

CUSTOMERS = int(os.environ.get("BENCH_CUSTOMERS", 10_000))
END = date(2026, 10, 31)
PRECISION, RECALL = 0.995, 0.95
COMMON = {
    ("email", "phone"): "by phone and e-mail", ("phone",): "by a phone", ("email",): "by an e-mail",
    (): "through a third, or by a number with a slip",
}  # fmt: skip


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
        *_by_what_joins(found, whose, accuracy.held(profiles)),
        Line("normalising and joining them", f"{took:.1f} s"),
    ]


def _by_what_joins(
    found: accuracy.Labels, whose: accuracy.Labels, held: list[tuple[str, str, str]]
) -> Iterator[Line]:
    """Yield how many of the joined pairs are one person, by what the two have in common."""
    values: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for key, kind, value in held:
        values[key].add((kind, value))
    members: dict[object, list[str]] = defaultdict(list)
    for key, customer in found.items():
        members[customer].append(key)
    counts: dict[str, list[int]] = {name: [0, 0] for name in COMMON.values()}
    for keys in members.values():
        for one, other in combinations(keys, 2):
            kinds = tuple(sorted({kind for kind, _ in values[one] & values[other]}))
            count = counts[COMMON[kinds]]
            count[0] += whose[one] == whose[other]
            count[1] += 1
    for name, (right, count) in counts.items():
        share = f"{right / count:.4f}" if count else ""
        yield Line(f"of pairs joined {name}, one person (precision)", f"{right:,} of {count:,}", ratio=share)


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
