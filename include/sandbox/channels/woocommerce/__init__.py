"""The outlet shop on WordPress as WooCommerce shows it: orders, refunds, customers, products."""

import base64
from collections.abc import Mapping

import numpy as np
import orjson
from fastapi import APIRouter, Request, Response

from include.sandbox import channel
from include.sandbox.channel import Moment
from include.sandbox.channels.woocommerce import endpoints
from include.sandbox.desk import Desk
from include.sandbox.outlet import ARTICLES, HANDLING, METHODS, SHIPPING, Outlet
from include.sandbox.people import spell_phone
from include.sandbox.places import street, written
from include.sandbox.seasons import DAY, NEVER, local_text, utc_text
from include.sandbox.shelf import Shelf
from include.sandbox.world import World


class Channel(channel.Channel):
    """Shelves over one shop; ids begin at 1 in each stream, as a young database's do."""

    SECRETS = ("WOOCOMMERCE_KEY", "WOOCOMMERCE_SECRET")
    CALLS, CALLS_A_SECOND = 20, 2.0

    def __init__(self, name: str, world: World, secrets: Mapping[str, str]) -> None:
        super().__init__(name, world, secrets)
        self.outlet = outlet = Outlet(name, world)
        self.know(outlet.accounts, 1 + np.arange(len(outlet.accounts)), birth_years=False)
        self.moves_after: int | None = None
        """After how many pages of orders one of them changes, leaves the window and moves the others."""
        self.refunded = np.flatnonzero(outlet.orders.refunded_at != NEVER)
        self.shelves = {
            "products": Shelf(
                1 + np.arange(ARTICLES), np.full(ARTICLES, world.start - 30 * DAY), self._product
            ),
            "customers": Shelf(
                1 + np.arange(len(outlet.accounts)), outlet.accounts.created_at, self._customer
            ),
            "orders": Shelf(1 + np.arange(len(outlet.orders)), outlet.orders.created_at, self._order),
            "refunds": Shelf(
                1 + np.arange(len(self.refunded)), outlet.orders.refunded_at[self.refunded], self._refund
            ),
        }

    def stand(self, moment: Moment) -> None:
        """Show everything with its last change."""
        self._now = now = moment.now
        outlet = self.outlet
        past = np.where(outlet.changed_at <= now, outlet.changed_at, 0)
        self.shelves["orders"].stand(np.where(outlet.orders.created_at <= now, past.max(axis=0), 0))
        at = outlet.orders.refunded_at[self.refunded]
        self.shelves["refunds"].stand(np.where(at <= now, at, 0))
        joined = outlet.accounts.created_at
        changed = np.where(outlet.moved_at <= now, outlet.moved_at, joined)
        self.shelves["customers"].stand(np.where(joined <= now, changed, 0))
        self.shelves["products"].stand(self.world.start + np.arange(ARTICLES))

    def keys(self, stream: str) -> set[str]:
        """Return the keys of a stream; of the counts, whole days since forty before history ends."""
        if stream != "order_counts":
            return super().keys(stream)
        return {day.isoformat() for day in self.world.counted_days(self._now)}

    def sums(self, stream: str, moment: Moment) -> dict[str, object]:
        """Return what was sold and given back."""
        outlet, now = self.outlet, moment.now
        if stream == "orders":
            return {"total": int(outlet.total[outlet.orders.created_at <= now].sum())}
        if stream == "refunds":
            return {"amount": int(outlet.refund[outlet.orders.refunded_at <= now].sum())}
        return {}

    def allows(self, request: Request) -> bool:
        """Return whether a request shows the key and its secret."""
        shown = f"{self.secrets['WOOCOMMERCE_KEY']}:{self.secrets['WOOCOMMERCE_SECRET']}"
        return request.headers.get("authorization") == f"Basic {base64.b64encode(shown.encode()).decode()}"

    def refusal(self, request: Request) -> Response:
        """Return what WooCommerce answers to a key that was revoked."""
        return endpoints.error(
            401, "woocommerce_rest_cannot_view", "Xin lỗi, bạn không thể liệt kê tài nguyên."
        )

    def busy(self, retry_after: str) -> Response:
        """Return the host's page: WooCommerce itself never says that it has no time."""
        page = "<html><body><h1>503 Service Unavailable</h1></body></html>"
        return Response(page, 503, {"Retry-After": retry_after}, media_type="text/html")

    def routes(self, desk: Desk) -> APIRouter:
        """Return the endpoints."""
        return endpoints.routes(self, desk)

    def _product(self, row: int, at: int) -> bytes:
        article = self.world.products[row]
        return orjson.dumps({
            "id": row + 1, "name": article.title, "type": "simple", "status": "publish", "sku": article.sku,
            "price": str(article.price), "regular_price": str(article.price),
            "categories": [{"id": 1, "name": article.category}],
        } | _times(self.world.start - 30 * DAY, at))  # fmt: skip

    def _customer(self, row: int, at: int) -> bytes:
        accounts = self.outlet.accounts
        person = self.world.people[accounts.person[row]]
        last, _, first = accounts.names[row].rpartition(" ")
        created_at = int(accounts.created_at[row])
        # an account that was never changed has no time of change
        modified = _times(created_at, at) if at > created_at else {
            "date_modified": None, "date_modified_gmt": None
        }  # fmt: skip
        return orjson.dumps(_times(created_at, created_at) | modified | {
            "id": row + 1, "email": accounts.emails[row] or "", "first_name": first, "last_name": last,
            "role": "shop_manager" if person.is_staff else "customer", "username": f"khach{row + 1}",
            "billing": _address(accounts.names[row], accounts.phones[row], accounts.emails[row],
                                person.place, row if at == created_at else row + 7),
        })  # fmt: skip

    def _order(self, row: int, at: int) -> bytes:
        outlet, orders = self.outlet, self.outlet.orders
        status, past = self._status(row, at)
        code, title = METHODS[orders.method[row]]
        person, account = self.world.people[orders.person[row]], int(orders.account[row])
        phone = (
            spell_phone(person.phone_at(int(orders.created_at[row])), row) if row % 9 or account < 0 else ""
        )
        email = outlet.accounts.emails[account] if account >= 0 else person.email if row % 3 else None
        name = f"{person.family} {person.middle} {person.given}"
        fee = int(outlet.fee[row])
        return orjson.dumps(_times(int(orders.created_at[row]), at) | {
            "id": row + 1, "number": str(row + 1), "status": status, "currency": "VND",
            "created_via": "admin" if orders.by_phone[row] else "checkout", "prices_include_tax": False,
            "customer_id": account + 1, "billing": _address(name, phone, email, person.place, row),
            "payment_method": code, "payment_method_title": title,
            "date_paid_gmt": past["paid_at"], "date_completed_gmt": past["completed_at"],
            "discount_total": str(outlet.subtotal[row] - outlet.goods[row]),
            "shipping_total": str(SHIPPING), "total_tax": str(outlet.tax[row]),
            "total": str(outlet.total[row]), "line_items": self._lines(row),
            "fee_lines": [{"id": 1, "name": "Phí thu hộ", "total": str(fee)}] if fee == HANDLING else [],
            "refunds": [{"id": int(np.searchsorted(self.refunded, row)) + 1, "reason": "Đổi trả",
                         "total": f"-{outlet.refund[row]}"}] if past["refunded_at"] else [],
        })  # fmt: skip

    def _status(self, row: int, at: int) -> tuple[str, dict[str, str | None]]:
        orders = self.outlet.orders
        names = ("paid_at", "completed_at", "cancelled_at", "failed_at", "refunded_at")
        past = {
            name: _gmt(int(getattr(orders, name)[row])) if getattr(orders, name)[row] <= at else None
            for name in names
        }
        for name, status in (("failed_at", "failed"), ("cancelled_at", "cancelled")):
            if past[name]:
                return status, past
        if past["completed_at"]:
            return "refunded" if past["refunded_at"] and orders.is_whole[row] else "completed", past
        method = METHODS[orders.method[row]][0]
        if past["paid_at"] or method == "cod":
            return "processing", past
        return "on-hold" if method == "bacs" else "pending", past

    def _lines(self, row: int) -> list[dict]:
        lines = self.outlet.lines
        return [
            {
                "id": line + 1, "name": self.world.products[lines.product[line]].title,
                "product_id": int(lines.product[line]) + 1, "variation_id": 0,
                "sku": self.world.products[lines.product[line]].sku,
                "quantity": int(lines.quantity[line]),
                "subtotal": str(lines.quantity[line] * lines.price[line]), "total": str(lines.net[line]),
                "price": float(lines.net[line] / lines.quantity[line]),
            }
            for line in self.outlet.lines_of(row)
        ]  # fmt: skip

    def _refund(self, row: int, at: int) -> bytes:
        order, lines = int(self.refunded[row]), self.outlet.lines
        span, is_whole = self.outlet.lines_of(order), self.outlet.orders.is_whole[order]
        returned = (
            [(line, int(lines.quantity[line]), int(lines.net[line])) for line in span]
            if is_whole
            else [(span[0], 1, int(self.outlet.refund[order]))]
        )
        times = _times(at, at)
        return orjson.dumps({
            "id": row + 1, "date_created": times["date_created"],
            "date_created_gmt": times["date_created_gmt"],
            "amount": str(self.outlet.refund[order]), "reason": "Đổi trả",
            "line_items": [
                {"id": line + 1, "quantity": -quantity, "total": f"-{amount}", "subtotal": f"-{amount}"}
                for line, quantity, amount in returned
            ],
        })  # fmt: skip


def _gmt(second: int) -> str:
    return utc_text(second).removesuffix("Z")


def _times(created_at: int, modified_at: int) -> dict[str, str]:
    """Return times as WordPress writes them: the shop's own and Greenwich's, neither saying which."""
    return {
        "date_created": local_text(created_at).replace(" ", "T"), "date_created_gmt": _gmt(created_at),
        "date_modified": local_text(modified_at).replace(" ", "T"), "date_modified_gmt": _gmt(modified_at),
    }  # fmt: skip


def _address(name: str, phone: str | None, email: str | None, place: int, lot: int) -> dict[str, str]:
    last, _, first = name.rpartition(" ")
    at = written(place, lot)
    return {
        "first_name": first, "last_name": last, "address_1": street(lot),
        "city": at.district or at.ward, "state": at.province, "country": "VN",
        "phone": phone or "", "email": email or "",
    }  # fmt: skip
