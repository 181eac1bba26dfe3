"""The pictures of a business type that are no lines over time: a funnel, a curve, a triangle.

Each is a function of its own that reads its table; without a row it returns a card without a panel,
and that is not drawn. `PICTURES` says which business type lives by which.
"""

from collections.abc import Callable, Mapping, Sequence

from include.delivery.cards import Card
from include.delivery.pictures.balance import balance_card
from include.delivery.pictures.curve import curve_card
from include.delivery.pictures.funnel import funnel_card
from include.delivery.pictures.revenue import revenue_card
from include.delivery.pictures.transitions import transitions_card
from include.delivery.pictures.triangle import triangle_card
from include.delivery.reading import Reading, Unit
from include.delivery.snapshot import Snapshot

Picture = Callable[[Snapshot, Reading, Unit], Card]
PICTURES: Mapping[str, Sequence[Picture]] = {
    "ecommerce": (funnel_card,),
    "saas": (revenue_card, triangle_card),
    "app": (curve_card,),
    "media": (balance_card,),
    "ugc": (transitions_card,),
}


def unit_pictures(snapshot: Snapshot, reading: Reading, unit: Unit) -> list[Card]:
    """Return the pictures of the unit's business type for which there are data."""
    cards = [picture(snapshot, reading, unit) for picture in PICTURES.get(unit.type, ())]
    return [card for card in cards if card.panels]
