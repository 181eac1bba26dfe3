"""What customers are sent, told once more in plain Python: which of it is signal, and which noise.

Letters, notices, visits and the lines of orders are taken from the sandbox's own arrays. Who is who is not
asked again here: whose a profile, a visit or an order is, is what the facts say of it.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from math import log10
from statistics import median

import pytest

from include.sandbox.channels.database import notices
from include.sandbox.channels.haravan.orders import ORDER_ID
from include.sandbox.channels.mailchimp import BOUNCE, CLICK, LIST
from include.sandbox.channels.segment.visits import CODE_OF, WEB
from include.sandbox.seasons import NEVER
from include.sandbox.stage import Stage
from tests.databases import ask
from tests.metrics import ledger
from tests.metrics.ledger import DAY, Visit, day_of, figures_of, month_of, parts_of

pytestmark = pytest.mark.server

SHOP, FORUM = "shop_online", "forum"
METRIC = "cx.signal_to_noise"


@dataclass
class Message:
    """Something that is sent to a customer, and what comes of it."""

    unit: str
    customer: str
    at: int
    channel: str
    campaign: tuple[str, int]
    category: str = ""
    sku: str = ""
    arrived_at: int | None = None
    clicked_at: int | None = None
    is_switched_off: bool = False
    """Whether the customer had switched off what it is one of."""
    kind: str = ""
    is_answered: bool = False


Interests = dict[str, list[tuple[date, str, str, str]]]
"""Of a customer the day, what was done, and the category and SKU that it was done with."""


@pytest.fixture(scope="module")
def members(chain: Stage) -> list[str | None]:
    """Return the customer of each member of the mailing list; who has not joined yet is nobody's."""
    rows = ask(
        "select identifier_key, customer_key from identity.identity_map where identifier_key like %s",
        f"mailchimp:{LIST}/%",
    )
    found = {key.rpartition("/")[2]: customer for key, customer in rows}
    return [found.get(each) for each in chain.channels["mailchimp"].hashes]


@pytest.fixture(scope="module")
def letters(chain: Stage, members: list[str | None]) -> list[Message]:
    mails = chain.channels["mailchimp"]
    clicks: dict[int, list[tuple[int, int]]] = defaultdict(list)
    links: dict[int, set[int]] = defaultdict(set)
    bounced = set()
    for at, pair, action, link in zip(
        mails.happened_at.tolist(),
        mails.pair.tolist(),
        mails.action.tolist(),
        mails.link.tolist(),
        strict=True,
    ):
        if at <= chain.now and action == CLICK:
            clicks[pair].append((at, link))
            links[int(mails.campaign[pair])].add(link)
        elif at <= chain.now and action == BOUNCE:
            bounced.add(pair)
    found = []
    for pair, (campaign, member) in enumerate(
        zip(mails.campaign.tolist(), mails.member.tolist(), strict=True)
    ):
        at, customer = int(mails.sent_at[campaign]), members[member]
        if at > chain.now or customer is None:
            continue
        many = max(2, -(-4 * len(links[campaign]) // 5))
        own = clicks[pair]
        bursts = [a for a, _ in own if len({n for b, n in own if a <= b <= a + 10}) >= many]
        human = [b for b, _ in own if b > at + 2 and not any(a <= b <= a + 10 for a in bursts)]
        _, category, sku = (*map(str.strip, mails.titles[campaign].split("|")), "", "")[:3]
        found.append(Message(
            SHOP, customer, at, "email", (SHOP, campaign), category, sku, None if pair in bounced else at,
            min(human, default=None),
        ))  # fmt: skip
    return found


@pytest.fixture(scope="module")
def told(chain: Stage) -> list[Message]:
    """Return the forum's notices: what happens to one of a kind happens to the last that there was of it."""
    forum = chain.channels["database"]
    customers = ledger.customers_of_profiles("database", FORUM)
    names = [notices.KINDS[kind] for kind in forum.happenings.kind.tolist()]
    rows = sorted(
        (at, name != "sent", row, name)
        for row, (at, name) in enumerate(zip(forum.happenings.at.tolist(), names, strict=True))
        if at <= chain.now
    )
    latest: dict[tuple[int, int], Message] = {}
    off: set[tuple[int, int]] = set()
    found = []
    for at, _, row, name in rows:
        notice = int(forum.happenings.notice[row])
        user, campaign = int(forum.notices.user[notice]), int(forum.notices.campaign[notice])
        key = (user, campaign)
        if name == "sent" and 1 + user in customers:
            _, channel, _ = notices.CAMPAIGNS[campaign]
            latest[key] = Message(
                FORUM, customers[1 + user], at, channel, (FORUM, campaign), arrived_at=at,
                is_switched_off=key in off,
            )  # fmt: skip
            found.append(latest[key])
        elif key in latest:
            message = latest[key]
            if name == "delivered":
                message.arrived_at = at
            elif name == "bounced":
                message.arrived_at = None
            elif name == "clicked" and message.clicked_at is None:
                message.clicked_at = at
            elif name == "unsubscribed":
                off.add(key)
    return found


@pytest.fixture(scope="module")
def visits(chain: Stage) -> dict[tuple[str, str], list[Visit]]:
    """Return the visits of each unit and customer."""
    whose = ledger.customers_of_visits()
    found: dict[tuple[str, str], list[Visit]] = defaultdict(list)
    for unit, steps in (
        (SHOP, ledger.first_steps_of(chain, WEB)), (FORUM, ledger.steps_of(chain, FORUM))
    ):  # fmt: skip
        for visit in ledger.visits_of(unit, steps):
            if customer := whose.get((visit.visitor, visit.started_at)):
                found[unit, customer].append(visit)
    return found


@pytest.fixture(scope="module")
def interests(chain: Stage, visits: dict[tuple[str, str], list[Visit]]) -> Interests:
    world, segment = chain.world, chain.channels["segment"]
    events, sessions = segment.visits.events, segment.visits.sessions
    looked_at: dict[tuple[str, int], set[int]] = defaultdict(set)
    for row in range(len(events)):
        if events.step[row] == CODE_OF["Product Viewed"] and events.received_at[row] <= chain.now:
            device = segment.visits.anonymous_id(int(events.session[row]))
            if sessions.unit[events.session[row]] == WEB:
                looked_at[device, int(events.happened_at[row])].add(segment._product_number(row))
    found: Interests = defaultdict(list)
    for (_, customer), own in visits.items():
        for visit in own:
            for step in visit.steps:
                for number in looked_at.get((step.device, step.at), ()):
                    product = world.products[number]
                    found[customer].append((visit.day, "viewed", product.category, product.sku))
    lines: dict[int, list[int]] = defaultdict(list)
    for order, number in zip(
        world.order_lines.order.tolist(), world.order_lines.product.tolist(), strict=True
    ):
        lines[order].append(number)
    for number, customer, at in ask(
        "select order_id, customer_key, ordered_at from core.fct_orders "
        "where business_unit_code = %s and is_counted = 1",
        SHOP,
    ):
        for product in (world.products[each] for each in lines[int(number) - ORDER_ID]):
            found[customer].append((day_of(int(at.timestamp())), "bought", product.category, product.sku))
    return found


@pytest.fixture(scope="module")
def consents(chain: Stage, members: list[str | None]) -> dict[str, list[tuple[int, bool]]]:
    """Return what each customer decided on letters, by time; of two at once the refusal is the last."""
    mails = chain.channels["mailchimp"]
    found: dict[str, list[tuple[int, bool]]] = defaultdict(list)
    for row, customer in enumerate(members):
        if customer is None:
            continue
        found[customer].append((int(mails.joined_at[row]), True))
        left_at = int(min(mails.left_at[row], mails.alone_at[row]))
        if left_at != NEVER and left_at <= chain.now:
            found[customer].append((left_at, False))
    return {
        customer: sorted(said, key=lambda each: (each[0], not each[1])) for customer, said in found.items()
    }


@pytest.fixture(scope="module")
def messages(
    letters: list[Message],
    told: list[Message],
    visits: dict[tuple[str, str], list[Visit]],
    interests: Interests,
    consents: dict[str, list[tuple[int, bool]]],
) -> list[Message]:
    """Return everything that was sent, judged."""
    by_customer: dict[str, list[Message]] = defaultdict(list)
    for message in sorted((*letters, *told), key=lambda each: each.at):
        by_customer[message.customer].append(message)
    for customer, own in by_customer.items():
        for message in own:
            message.kind = _kind_of(message, own, interests.get(customer, []), consents.get(customer, []))
            if message.arrived_at is not None:
                until = message.arrived_at + DAY
                moments = [each.started_at for each in visits.get((message.unit, customer), ())]
                is_visited = any(message.arrived_at <= at < until for at in moments)
                message.is_answered = is_visited or (message.clicked_at or until) < until
    return [message for own in by_customer.values() for message in own]


def _kind_of(
    message: Message, own: list[Message], interests: list[tuple[date, str, str, str]],
    said: list[tuple[int, bool]],
) -> str:  # fmt: skip
    """Return the first kind of noise that a message is, by all that its customer was sent, did and said."""
    if message.unit == FORUM:
        is_refused = message.is_switched_off
    else:
        is_refused = [granted for at, granted in said if at <= message.at][-1:] != [True]
    before = [each for each in own if each.at <= message.at]
    week = [each for each in before if each.at > message.at - 7 * DAY]
    shown = [each for each in before if message.sku and each.sku == message.sku and each is not message]
    day = day_of(message.at)
    near = [
        ((day - on).days, done, category == message.category, sku == message.sku)
        for on, done, category, sku in interests
        if timedelta(0) < day - on <= timedelta(days=90)
    ]
    if is_refused:
        return "no_consent"
    if sum(each.channel == message.channel for each in week) > 3:
        return "over_cap"
    if sum(each.campaign == message.campaign for each in week) >= 4:
        return "repeat"
    if any(days <= 30 and done == "bought" and is_it for days, done, _, is_it in near):
        return "already_bought"
    if len(shown) >= 3 and not any(each.clicked_at and each.clicked_at <= message.at for each in shown):
        return "already_seen_no_interest"
    if any(days <= 7 and done == "viewed" and is_it for days, done, _, is_it in near):
        return "viewed_retarget"
    if message.category and not any(is_of_it or is_it for *_, is_of_it, is_it in near):
        return "off_interest"
    return "signal"


def test_every_message_is_signal_or_of_a_kind_of_noise(messages: list[Message]) -> None:
    expected = Counter((each.unit, month_of(each.at), each.channel, each.kind) for each in messages)
    kinds = {kind for *_, kind in expected}
    assert {"signal", "already_bought", "already_seen_no_interest", "off_interest"} <= kinds
    rows = ask(
        "select business_unit_code, month_start, channel_code, kind_code, message_count "
        "from published.mart_signal_to_noise where business_unit_code in (%s, %s)",
        SHOP, FORUM,
    )  # fmt: skip
    assert {tuple(key): count for *key, count in rows} == dict(expected)


@pytest.mark.parametrize("unit", [SHOP, FORUM])
def test_the_middle_customer_gets_so_much_signal(messages: list[Message], unit: str) -> None:
    balances: dict[date, dict[str, Counter[bool]]] = defaultdict(lambda: defaultdict(Counter))
    for message in messages:
        if message.unit == unit:
            balances[month_of(message.at)][message.customer][message.kind == "signal"] += 1
    shares, ratios, decibels = {}, {}, {}
    for start, customers in balances.items():
        counts = [(each[True], each[False]) for each in customers.values()]
        shares[start] = median(signal / (signal + noise) for signal, noise in counts)
        own = [signal / noise for signal, noise in counts if noise]
        ratios[start] = median(own) if own else None
        own = [10 * log10(signal / noise) for signal, noise in counts if noise and signal]
        decibels[start] = median(own) if own else None
    # in so small a forum everybody is told little, and all of it is signal
    assert any(0 < share < 1 for share in shares.values()) == (unit == SHOP)
    for variant, expected in (("signal_share", shares), ("ratio", ratios), ("decibel", decibels)):
        found = figures_of(METRIC, variant, unit)
        assert found.keys() == expected.keys()
        for start, value in expected.items():
            assert found[start] == (
                None if value is None else pytest.approx(Decimal(value), abs=Decimal("0.000002"))
            )


@pytest.mark.parametrize("unit", [SHOP, FORUM])
def test_signal_and_what_is_answered_are_parts_of_what_is_sent(messages: list[Message], unit: str) -> None:
    own = [each for each in messages if each.unit == unit]
    assert 0 < sum(each.is_answered for each in own) < len(own)
    signal = ledger.counted((month_of(each.at), each.kind == "signal") for each in own)
    assert parts_of(METRIC, "pooled_share", unit) == signal
    answered = ledger.counted((month_of(each.at), each.is_answered) for each in own)
    assert parts_of(METRIC, "response", unit) == answered
