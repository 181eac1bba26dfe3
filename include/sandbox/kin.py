"""What makes people hard to tell apart: namesakes, a parent and child on one phone, a changed SIM.

Rates follow the world's specification. Only the persons concerned differ from those they were.
"""

from dataclasses import replace

from numpy.random import Generator

from include.sandbox.people import PREFIXES, Person

NAMESAKES, PARENTS, CHANGED_SIM = 0.015, 0.003, 0.04
"""Shares of all persons: who gets a namesake, who has a child of their name on their phone, who changes."""
REASSIGNED = 1 / 8
"""Share of the old numbers that go to another person."""
GENERATION = 26


def complicate(rng: Generator, people: list[Person], start: int, end: int) -> list[Person]:
    """Return the people with namesakes, families and changed numbers among them; epoch seconds."""
    people = list(people)
    lots = rng.permutation(len(people)).tolist()

    def take(share: float) -> list[int]:
        """Return persons who have had no part in this yet."""
        count = round(share * len(people))
        taken, lots[:] = lots[:count], lots[count:]
        return taken

    for one, other in zip(take(NAMESAKES), take(NAMESAKES), strict=True):
        twin = people[one]
        people[other] = replace(
            people[other], gender=twin.gender, family=twin.family, middle=twin.middle, given=twin.given,
            birth_year=twin.birth_year, place=twin.place,
        )  # fmt: skip
    for one, other in zip(take(PARENTS), take(PARENTS), strict=True):
        parent = people[one]
        people[other] = replace(
            people[other], gender=parent.gender, family=parent.family, middle=parent.middle,
            given=parent.given, phone=parent.phone, birth_year=min(parent.birth_year + GENERATION, 2012),
        )  # fmt: skip
    prefixes, tails = rng.integers(0, len(PREFIXES), len(people)), rng.integers(0, 10_000_000, len(people))
    changed_at = rng.integers(start, end, len(people))
    changing = take(CHANGED_SIM)
    heirs = iter(take(CHANGED_SIM * REASSIGNED))
    for ordinal, one in enumerate(changing):
        former = f"{PREFIXES[prefixes[one]]}{tails[one]:07d}"
        people[one] = replace(people[one], former_phone=former, changed_at=int(changed_at[one]))
        heir = next(heirs, None) if ordinal % round(1 / REASSIGNED) == 0 else None
        if heir is not None:
            # who gets the number had another one before
            people[heir] = replace(
                people[heir], phone=former, former_phone=people[heir].phone, changed_at=int(changed_at[one])
            )
    return people
