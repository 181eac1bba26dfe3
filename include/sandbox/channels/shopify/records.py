"""The shop's records as Shopify shows them, each with all fields that a query may ask for."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from include.sandbox import trade
from include.sandbox.outlet import ARTICLES, BACS, CARD, COD, SHIPPING, Outlet
from include.sandbox.people import spell_phone
from include.sandbox.places import written
from include.sandbox.seasons import DAY, HOUR, NEVER, utc_text
from include.sandbox.vocabulary import VARIANTS
from include.sandbox.world import World

GATEWAYS = ("Cash on Delivery (COD)", "Bank Deposit", "shopify_payments", "MoMo")
DOLLAR = 25_000
SAMPLES = 5
IDS = {"Order": 5_600_000_000_001, "Customer": 7_200_000_000_001, "Product": 8_100_000_000_001,
       "ProductVariant": 44_000_000_000_001, "AbandonedCheckout": 36_000_000_000_001,
       "LineItem": 14_000_000_000_001, "Refund": 880_000_000_001, "OrderTransaction": 6_700_000_000_001,
       "Fulfillment": 5_000_000_000_001}  # fmt: skip
KINDS = {"orders": "Order", "customers": "Customer", "products": "Product",
         "abandoned_checkouts": "AbandonedCheckout"}  # fmt: skip


def gid(kind: str, row: int) -> str:
    """Return the global id of the row of a kind."""
    return f"gid://shopify/{kind}/{IDS[kind] + row}"


def money(amount: int, in_dollars: bool = False) -> dict:
    """Return an amount of dong in the shop's currency and in the customer's."""
    shop = {"amount": f"{amount}.0", "currencyCode": "VND"}
    shown = {"amount": f"{amount / DOLLAR:.2f}", "currencyCode": "USD"} if in_dollars else shop
    return {"shopMoney": shop, "presentmentMoney": shown}


class Unit(NamedTuple):
    """A line of an order as Shopify numbers it."""

    number: int
    product: int
    quantity: int
    price: int
    net: int
    """What the line costs after its discount."""


class Records:
    """Renders the rows of a shop."""

    def __init__(self, world: World, outlet: Outlet, entered_at: np.ndarray, checkouts: "Checkouts") -> None:
        self._world = world
        self._outlet = outlet
        self._entered_at = entered_at
        self._checkouts = checkouts
        self.notes: dict[int, str] = {}
        """Notes on orders, written without a change of their time."""

    def render(self, stream: str, row: int, at: int) -> dict:
        """Return the row of a stream as it stood AT a time."""
        return getattr(self, f"_{stream}")(row, at)

    def _products(self, row: int, at: int) -> dict:
        first = row * len(VARIANTS)
        articles = self._world.products[first : first + len(VARIANTS)]
        return {
            "id": gid("Product", row), "title": articles[0].title.removesuffix(f" {VARIANTS[0]}"),
            "productType": articles[0].category, "status": "ACTIVE", "vendor": "Nhà An",
            "createdAt": utc_text(self._world.start - 30 * DAY), "updatedAt": utc_text(at),
            "variants": [
                {"id": gid("ProductVariant", first + n), "title": VARIANTS[n], "sku": article.sku,
                 "price": f"{article.price}.00"}
                for n, article in enumerate(articles)
            ],
        }  # fmt: skip

    def _customers(self, row: int, at: int) -> dict:
        accounts = self._outlet.accounts
        person = self._world.people[accounts.person[row]]
        last, _, first = accounts.names[row].rpartition(" ")
        email, phone = accounts.emails[row], accounts.phones[row]
        city = written(person.place, row).province
        return {
            "id": gid("Customer", row), "firstName": first, "lastName": last or None, "state": "ENABLED",
            "tags": ["staff"] if person.is_staff else [], "numberOfOrders": "1",
            "createdAt": utc_text(accounts.created_at[row]), "updatedAt": utc_text(at),
            "defaultEmailAddress": {"emailAddress": email} if email else None,
            "defaultPhoneNumber": {"phoneNumber": phone} if phone else None,
            # Shopify has no provinces of Vietnam
            "defaultAddress": {"city": city, "province": None, "countryCodeV2": "VN"},
        }  # fmt: skip

    def _orders(self, row: int, at: int) -> dict:
        outlet, orders = self._outlet, self._outlet.orders
        account, method = int(orders.account[row]), int(orders.method[row])
        person = self._world.people[orders.person[row]]
        cancelled_at, completed_at, refunded_at = (
            utc_text(when) if when <= at else None
            for when in (orders.cancelled_at[row], orders.completed_at[row], orders.refunded_at[row])
        )
        paid_at = int(orders.paid_at[row])
        placed_at = int(orders.created_at[row])
        status = "PAID" if paid_at <= at else "VOIDED" if cancelled_at else "PENDING"
        is_included = outlet.tax[row] == 0 and row % 4 == 0
        tax = outlet.goods[row] * 8 // 108 if is_included else outlet.tax[row]
        if refunded_at:
            status = "REFUNDED" if orders.is_whole[row] else "PARTIALLY_REFUNDED"
        return {
            "id": gid("Order", row), "name": f"#{1001 + row}", "test": is_test(row), "tags": [],
            "email": person.email if row % 3 else None,
            "phone": spell_phone(person.phone_at(placed_at), row) if row % 3 != 1 or account < 0 else None,
            "sourceName": "shopify_draft_order" if orders.by_phone[row] else "web",
            "note": self.notes.get(row), "createdAt": utc_text(self._entered_at[row]),
            "processedAt": utc_text(placed_at), "updatedAt": utc_text(at), "closedAt": completed_at,
            "cancelledAt": cancelled_at, "cancelReason": "CUSTOMER" if cancelled_at else None,
            "displayFinancialStatus": status,
            "displayFulfillmentStatus": "FULFILLED" if completed_at else "UNFULFILLED",
            "paymentGatewayNames": [GATEWAYS[method]], "currencyCode": "VND",
            "presentmentCurrencyCode": "VND", "taxesIncluded": bool(is_included),
            "customer": {"id": gid("Customer", account)} if account >= 0 else None,
            "totalPriceSet": money(outlet.total[row]),
            "totalDiscountsSet": money(outlet.subtotal[row] - outlet.goods[row]),
            "totalShippingPriceSet": money(SHIPPING + outlet.fee[row]),
            "totalTaxSet": money(tax), "transactions": self._transactions(row, at),
            "fulfillments": [{
                "id": gid("Fulfillment", row), "displayStatus": "DELIVERED", "deliveredAt": completed_at,
                "createdAt": utc_text(orders.completed_at[row] - 20 * HOUR),
            }] if completed_at else [],
            "refunds": self._refunds(row, cancelled_at, refunded_at),
            "lineItems": [self._line(unit) for unit in self._units(row)],
        }  # fmt: skip

    def _transactions(self, row: int, at: int) -> list[dict]:
        orders, method = self._outlet.orders, int(self._outlet.orders.method[row])
        paid_at, total = int(orders.paid_at[row]), int(self._outlet.total[row])
        # a card is held first and charged later; who pays later owes until then
        tries = [("AUTHORIZATION", "SUCCESS")] if method == CARD else []
        tries += [("SALE", "PENDING")] if method in {COD, BACS} else []
        done = [("CAPTURE" if method == CARD else "SALE", "SUCCESS")] if paid_at <= at else []
        return [
            {"id": gid("OrderTransaction", 3 * row + n), "kind": kind, "status": status,
             "gateway": GATEWAYS[method], "amountSet": money(total),
             "processedAt": utc_text(paid_at if (kind, status) in done else orders.created_at[row])}
            for n, (kind, status) in enumerate(tries + done)
        ]  # fmt: skip

    def _refunds(self, row: int, cancelled_at: str | None, refunded_at: str | None) -> list[dict]:
        outlet, units = self._outlet, [*self._units(row)]
        if cancelled_at:
            # the goods go back to their shelf, and nobody had paid
            return [
                self._refund(row, cancelled_at, 0, [(unit.number, unit.quantity, unit.net) for unit in units])
            ]
        if not refunded_at:
            return []
        amount = int(outlet.refund[row])
        returned = [(unit.number, unit.quantity, unit.net) for unit in units]
        if not outlet.orders.is_whole[row]:
            returned = [(units[0].number, 1, amount)]
        return [self._refund(row, refunded_at, amount, returned)]

    def _refund(self, row: int, at: str, amount: int, returned: list[tuple[int, int, int]]) -> dict:
        return {
            "id": gid("Refund", row), "createdAt": at, "totalRefundedSet": money(amount),
            "refundLineItems": [
                {"quantity": quantity, "restockType": "RETURN", "subtotalSet": money(subtotal),
                 "lineItem": {"id": gid("LineItem", number)}}
                for number, quantity, subtotal in returned
            ],
        }  # fmt: skip

    def _units(self, row: int) -> Iterator[Unit]:
        """Yield an order's lines.

        In every fifth order each piece is engraved, and is a line of its own; every twentieth has samples.
        """
        lines, span = self._outlet.lines, self._outlet.lines_of(row)
        for line in span:
            quantity, net = int(lines.quantity[line]), int(lines.net[line])
            pieces = quantity if row % 5 == 3 else 1
            share = net // pieces
            for piece in range(pieces):
                rest = net - share * pieces if piece == 0 else 0
                yield Unit(
                    8 * line + piece, int(lines.product[line]), quantity // pieces, int(lines.price[line]),
                    share + rest,
                )  # fmt: skip
        for sample in range(SAMPLES if row % 20 == 3 else 0):
            yield Unit(8 * span[0] + 3 + sample, (row + sample) % ARTICLES, 1, 0, 0)

    def _line(self, unit: Unit) -> dict:
        discount = unit.quantity * unit.price - unit.net
        return {
            "id": gid("LineItem", unit.number), **self._what(unit.product), "quantity": unit.quantity,
            "currentQuantity": unit.quantity, "originalUnitPriceSet": money(unit.price),
            "discountAllocations": [{"allocatedAmountSet": money(discount)}] if discount else [],
        }  # fmt: skip

    def _what(self, product: int) -> dict:
        article, variant = self._world.products[product], VARIANTS[product % len(VARIANTS)]
        return {
            "title": article.title.removesuffix(f" {variant}"), "variantTitle": variant, "sku": article.sku,
            "variant": {"id": gid("ProductVariant", product)},
        }  # fmt: skip

    def _abandoned_checkouts(self, row: int, at: int) -> dict:
        checkouts, lines = self._checkouts, self._checkouts.lines
        foreign, done_at = bool(checkouts.is_foreign[row]), checkouts.completed_at[row]
        account = int(checkouts.account[row])
        return {
            "id": gid("AbandonedCheckout", row), "name": f"#{36_000_000_000_001 + row}",
            "createdAt": utc_text(checkouts.created_at[row]), "updatedAt": utc_text(at),
            "completedAt": utc_text(done_at) if done_at <= at else None,
            "customer": {"id": gid("Customer", account)} if account >= 0 else None,
            "totalPriceSet": money(int(checkouts.total[row]), foreign),
            "subtotalPriceSet": money(int(checkouts.goods[row]), foreign),
            "lineItems": [
                {"id": f"gid://shopify/AbandonedCheckoutLineItem/{line + 1}",
                 **self._what(int(lines.product[line])), "quantity": int(lines.quantity[line]),
                 "originalUnitPriceSet": money(int(lines.price[line]), foreign)}
                for line in np.flatnonzero(lines.order == row).tolist()
            ],
        }  # fmt: skip


class Checkouts:
    """Checkouts that were left, some of them completed later, some by customers who see dollars."""

    def __init__(self, name: str, world: World, outlet: Outlet) -> None:
        rng = world.rng(f"{name} checkouts")
        count = len(outlet.orders) // 3 + 5
        left = rng.integers(0, len(outlet.orders), count)
        created_at = outlet.orders.created_at[left] - rng.integers(HOUR, DAY, count)
        by_time = np.argsort(created_at, kind="stable")
        self.created_at = created_at[by_time]
        self.account = outlet.orders.account[left][by_time]
        self.lines = trade.make_lines(rng, world.products[:ARTICLES], count, 3)
        later = self.created_at + rng.integers(HOUR, 3 * DAY, count)
        self.completed_at = np.where(rng.random(count) < 0.15, later, NEVER)
        self.is_foreign = rng.random(count) < 0.2
        self.goods = np.bincount(self.lines.order, self.lines.quantity * self.lines.price, count).astype(int)
        # who came as far as the address knows what the shipping costs
        self.total = self.goods + np.where(np.arange(count) % 3 == 0, SHIPPING, 0)


def is_test(row: int) -> bool:
    """Return whether an order is one of the shop's tests."""
    return row % 40 == 7
