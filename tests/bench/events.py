"""A source of made-up behaviour events in the Segment spec, with its expectations.

It stands where `include.sources.bench` and `expectations.landing_bench` would. A record is a dict
already parsed, as the REST client gives it, of about 450 bytes of JSON.
"""

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from random import Random

import great_expectations.expectations as gxe

from expectations.records import LANDED
from include import landing
from include.sources import Page, Record, Stream, Window

SOURCE = "bench"
STREAM = "events"
PAGE_SIZE = 1000
TEMPLATES = 997
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
WINDOW = (BEGIN, BEGIN + timedelta(days=1))
TIMES = [(BEGIN + timedelta(seconds=second)).isoformat() for second in range(86_400)]

TABLES = {
    STREAM: {
        "columns": {
            "name": "payload ->> 'event'",
            "revenue": "(payload #>> '{properties,revenue}')::numeric",
            "anonymous_id": "payload ->> 'anonymousId'",
        },
        "expectations": LANDED
        | {
            "events_have_a_known_name": gxe.ExpectColumnValuesToBeInSet(
                column="name",
                value_set=["Product Viewed", "Product Added", "Order Completed"],
                severity="critical",
            ),
            "no_revenue_is_negative": gxe.ExpectColumnValuesToBeBetween(
                column="revenue", min_value=0, severity="critical"
            ),
            "nearly_every_event_has_a_visitor": gxe.ExpectColumnValuesToNotBeNull(
                column="anonymous_id", mostly=0.99, severity="critical"
            ),
        },
    }
}


class Events:
    """The source; a pull of it yields `number` records that differ."""

    STREAMS = (
        Stream(
            STREAM,
            key=("messageId",),
            version="receivedAt",
            types={
                "timestamp": "timestamptz",
                "receivedAt": "timestamptz",
                "properties.revenue": "numeric",
                "properties.products[].price": "numeric",
            },
        ),
    )

    def __init__(self, number: int) -> None:
        self.number = number

    def pull(self, stream: str, window: Window) -> Iterator[Page]:
        """Yield the records in pages, made while they are asked for."""
        made = records(self.number)
        while page := list(islice(made, PAGE_SIZE)):
            yield Page(page)


def enlist(number: int) -> None:
    """Put a source of NUMBER events among the sources, with its tables and its expectations."""
    sys.modules[f"include.sources.{SOURCE}"] = Events(number)
    sys.modules[f"expectations.landing_{SOURCE}"] = sys.modules[__name__]
    landing.prepare(SOURCE)


def records(number: int) -> Iterator[Record]:
    """Yield events that differ in their key, their visitor and their time."""
    for ordinal, template, at in zip(range(number), cycle(_templates()), cycle(TIMES), strict=False):
        yield template | {
            "messageId": f"ajs-next-{ordinal:012d}",
            "anonymousId": f"visitor-{ordinal // 7:09d}",
            "timestamp": at,
            "receivedAt": at,
        }


def _templates() -> list[Record]:
    """Return events as a parser leaves them: no two share a nested value."""
    chance = Random(7)
    return [json.loads(json.dumps(_event(chance))) for _ in range(TEMPLATES)]


def _event(chance: Random) -> Record:
    name = chance.choices(("Product Viewed", "Product Added", "Order Completed"), (8, 3, 1))[0]
    price = chance.randrange(49, 990) * 1000
    number = chance.randrange(1, 400)
    page = {"path": f"/products/ao-thun-{number}", "referrer": "https://www.facebook.com/"}
    properties: Record = {"product_id": f"SP{number:05d}", "name": "Áo thun cổ tròn", "price": price}
    if name == "Order Completed":
        properties = {
            "order_id": f"DH{chance.randrange(10**8):08d}",
            "revenue": price * 2,
            "currency": "VND",
            "products": [{"product_id": f"SP{number:05d}", "quantity": 2, "price": price}],
        }
    return {
        "type": "track",
        "event": name,
        "userId": f"KH{chance.randrange(10**6):06d}" if chance.random() < 0.4 else None,
        "context": {
            "page": page,
            "device": {"type": chance.choice(("ios", "android", "web"))},
            "locale": "vi-VN",
        },
        "properties": properties,
    }
