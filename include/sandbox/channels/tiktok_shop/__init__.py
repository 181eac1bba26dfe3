"""The shop's stall on TikTok Shop: orders, returns, products, chats, and what TikTok measures of them.

As in life a call is signed with its body and the signature dies after five minutes, who asks too often is
told so inside a status of 200 or by a 429, a line of an order is one unit, who buys is masked, a chat
knows the buyer by another number than an order does, and a list without a record lacks the list.
"""

import hashlib
import hmac
import time
from collections.abc import Mapping

import numpy as np
import orjson
from fastapi import APIRouter, Request, Response

from include.sandbox import channel, chats
from include.sandbox.channel import Moment
from include.sandbox.channels.tiktok_shop import endpoints
from include.sandbox.desk import Desk
from include.sandbox.pairs import Pairs
from include.sandbox.people import fold
from include.sandbox.places import written
from include.sandbox.seasons import DAY, HOUR, NEVER, midnight
from include.sandbox.shelf import Shelf
from include.sandbox.stall import ARTICLES, COD, VARIANTS, Stall
from include.sandbox.vocabulary import VARIANTS as VARIANT_NAMES
from include.sandbox.world import World

APP_KEY, CIPHER = "68xu9ks5p4i8", "ROW_xkMbgAAAeVAQra0eZWebFQq5"
LASTS, SIGNED_FOR, AHEAD = 7 * DAY, 300, 30
"""Seconds that an access token works, that a signature does, and that a clock may be ahead."""
ORDER_ID, LINE_ID, RETURN_ID = 576_460_000_000_000_000, 577_000_000_000_000_000, 4_035_000_000_000_000_000
PRODUCT_ID, SKU_ID = 1_729_000_000_000_000_000, 2_729_000_000_000_000_000
USER_ID, IM_ID, MESSAGE_ID = 7_494_000_000_000_000_000, 7_100_000_000_000_000_000, 7_494_570_000_000_000_000
METHODS = ("Cash on delivery", "MoMo", "Credit/debit card")
ORDER_TIMES = (
    "created_at", "paid_at", "shipped_at", "delivered_at", "completed_at", "cancelled_at", "failed_at"
)  # fmt: skip
RETURN_STATUSES = {
    "refunded_at": "RETURN_OR_REFUND_REQUEST_COMPLETE", "declined_at": "REFUND_OR_RETURN_REQUEST_REJECT",
    "complained_at": "RETURN_OR_REFUND_REQUEST_PENDING",
}  # fmt: skip


class Channel(channel.Channel):
    """Shelves over one stall and its chats."""

    SECRETS = ("TIKTOK_SHOP_APP_SECRET", "TIKTOK_SHOP_REFRESH_TOKEN")
    CALLS, CALLS_A_SECOND = 50, 50.0

    def __init__(self, name: str, world: World, secrets: Mapping[str, str]) -> None:
        super().__init__(name, world, secrets)
        self.pairs = Pairs(secrets["TIKTOK_SHOP_REFRESH_TOKEN"], LASTS)
        self.clock_skew = 0
        """Seconds by which TikTok's clock is ahead of its callers'."""
        self.lacking: set[str] = set()
        """Beginnings of paths for which the app has no scope."""
        self.spent: set[str] = set()
        """Beginnings of paths of which the day's calls are used up."""
        self.passing = 0
        """Seconds that pass with every page of chats or messages: somebody writes meanwhile."""
        self._refusals = 0
        self.stall = stall = Stall(name, world, 0.15)
        sales, rng = stall.sales, world.rng(f"{name} chats")
        self.returned = np.flatnonzero(sales.complained_at != NEVER)
        buyers = np.unique(sales.person)
        self.talkers = buyers[rng.random(len(buyers)) < 0.3]
        self.said = said = chats.make_messages(rng, world, len(self.talkers), 1.6)
        self.first_said = np.searchsorted(said.talker, np.arange(len(self.talkers) + 1))
        silence = np.diff(said.said_at, prepend=0)
        silence[self.first_said[:-1][self.first_said[:-1] < len(said)]] = NEVER
        self.begins = said.is_customer & (silence > DAY)
        """Which messages begin a session: a customer's, after a day of silence."""
        articles = ARTICLES // VARIANTS
        self.shelves = {
            "products": Shelf(
                PRODUCT_ID + np.arange(articles), np.full(articles, world.start), self._product
            ),
            "orders": Shelf(ORDER_ID + 1009 * np.arange(len(sales)), sales.created_at, self._order),
            "returns": Shelf(
                RETURN_ID + np.arange(len(self.returned)), sales.complained_at[self.returned], self._return
            ),
            "messages": Shelf(MESSAGE_ID + np.arange(len(said)), said.said_at, self._message),
        }  # fmt: skip

    def stand(self, moment: Moment) -> None:
        """Show everything with its last change."""
        self.now = now = moment.now
        sales, stall = self.stall.sales, self.stall
        articles = ARTICLES // VARIANTS
        self.shelves["products"].stand(self.world.start + 60 * np.arange(articles))
        last = np.where(sales.created_at <= now, stall.last_change(now, *ORDER_TIMES), 0)
        self.shelves["orders"].stand(last)
        last = np.where(sales.complained_at <= now, stall.last_change(now, *RETURN_STATUSES), 0)
        self.shelves["returns"].stand(last[self.returned])
        self.shelves["messages"].stand(np.where(self.said.said_at <= now, self.said.said_at, 0))

    def keys(self, stream: str) -> set[str]:
        """Return the keys of a stream; of what is counted by day, whole days since forty before the end."""
        if stream in {"order_counts", "service_days"}:
            return {day.isoformat() for day in self.world.counted_days(self.now)}
        return super().keys(stream)

    def sums(self, stream: str, moment: Moment) -> dict[str, object]:
        """Return what was paid, given back, counted and asked."""
        stall, sales, now = self.stall, self.stall.sales, moment.now
        if stream == "orders":
            return {"payment.total_amount": int(stall.total[sales.created_at <= now].sum())}
        if stream == "returns":
            return {"refund_amount.refund_total": int(stall.refund[sales.complained_at <= now].sum())}
        first = midnight(self.world.counted_days(self.now)[0])
        if stream == "order_counts":
            return {"count": int(((sales.created_at >= first) & (sales.created_at <= now)).sum())}
        if stream == "service_days":
            at = self.said.said_at[self.begins]
            return {"support_session_count": int(((at >= first) & (at <= now)).sum())}
        return {}

    def ledger(self, moment: Moment) -> channel.Counts:
        """Return how much there is, refunds and units as well."""
        counts, stall, now = super().ledger(moment), self.stall, moment.now
        there = stall.sales.created_at <= now
        refunded = stall.sales.refunded_at <= now
        counts["orders"] |= {"units": int(stall.lines.quantity[there[stall.lines.order]].sum())}
        counts["returns"] |= {
            "refunds": int(refunded.sum()), "goods_refunded": int(stall.goods_refund[refunded].sum()),
        }  # fmt: skip
        return counts

    def allows(self, request: Request) -> bool:
        """Return whether a call is signed by the app, in time, and bears the shop's newest token."""
        return not self._complaint(request)

    def refusal(self, request: Request) -> Response:
        """Return what TikTok answers to a call that it does not take."""
        if request.url.path.endswith(endpoints.LOGIN):
            return endpoints.failure(36004004, "Invalid refresh token.")
        code, message = self._complaint(request) or (
            105002, "Expired credentials. The `x-tts-access-token` header has expired."
        )  # fmt: skip
        return endpoints.failure(code, message, 401 if code in {105002, 106001} else 200)

    def busy(self, retry_after: str) -> Response:
        """Return what TikTok answers to a caller who asks too often: a status of 200, or 429."""
        self._refusals += 1
        answer = endpoints.failure(36009002, "Too many requests.", 200 if self._refusals % 2 else 429)
        if answer.status_code == 429:
            answer.headers["Retry-After"] = retry_after
        return answer

    def routes(self, desk: Desk) -> APIRouter:
        """Return the endpoints."""
        return endpoints.routes(self, desk)

    def _complaint(self, request: Request) -> tuple[int, str] | None:
        """Return what is wrong with how a call is signed, if anything."""
        shown, secret = dict(request.query_params), self.secrets["TIKTOK_SHOP_APP_SECRET"]
        if request.url.path.endswith(endpoints.LOGIN):
            is_app = (shown.get("app_key"), shown.get("app_secret")) == (APP_KEY, secret)
            return None if is_app else (36004003, "Invalid app_key or app_secret.")
        if shown.get("app_key") != APP_KEY:
            return 36009004, "Invalid credentials. Invalid `app_key` query parameter."
        if "sign" not in shown:
            return 36009004, "Missing credentials. The request does not include a required signature."
        age = time.time() + self.clock_skew - int(shown.get("timestamp", 0))
        if not -AHEAD <= age <= SIGNED_FOR:
            return 36009004, "Invalid timestamp. The value must not be earlier than 5 minutes before now."
        sign = shown.pop("sign")
        said = request.url.path.removeprefix(f"/{self.name}")
        said += "".join(f"{name}{shown[name]}" for name in sorted(shown) if name != "access_token")
        whole = secret.encode() + said.encode() + request.state.body + secret.encode()
        if not hmac.compare_digest(hmac.new(secret.encode(), whole, hashlib.sha256).hexdigest(), sign):
            return 106001, "Invalid credentials. The `sign` query parameter is invalid."
        if "shop_cipher" not in shown:
            return 106013, "Missing identifier. The `shop_cipher` query parameter is required."
        if not self.pairs.is_valid(request.headers.get("x-tts-access-token", ""), self.now):
            return 105002, "Expired credentials. The `x-tts-access-token` header has expired."
        if shown["shop_cipher"] != CIPHER:
            return 101000, "Invalid query or header. The token is not associated with the shop."
        return None

    def performance(self, first: int, last: int) -> dict[str, object]:
        """Return what TikTok measures of the sessions that began from FIRST to before LAST."""
        said = self.said
        is_then = (said.said_at >= first) & (said.said_at < min(last, self.now + 1))
        begun = np.flatnonzero(self.begins & is_then)
        waits = []
        for row in begun.tolist():
            later = np.arange(row + 1, self.first_said[said.talker[row] + 1])
            replies = later[~said.is_customer[later]]
            if len(replies) and said.said_at[replies[0]] <= self.now:
                waits.append(int(said.said_at[replies[0]] - said.said_at[row]))
        in_time = sum(wait <= 24 * HOUR for wait in waits)
        return {
            "support_session_count": len(begun),
            "response_percentage": f"{100 * in_time / len(begun):.1f}" if len(begun) else None,
            "satisfaction_percentage": "95.2" if len(begun) else None,
            "response_time_mins": f"{sum(waits) / 60 / len(waits):.1f}" if waits else None,
        }

    def _order(self, row: int, at: int) -> bytes:
        stall, sales = self.stall, self.stall.sales
        past = {
            name: int(getattr(sales, name)[row]) for name in ORDER_TIMES if getattr(sales, name)[row] <= at
        }
        person = self.world.people[int(sales.person[row])]
        is_paid = "paid_at" in past or sales.method[row] == COD
        status = next(
            (status for name, status in (
                ("cancelled_at", "CANCELLED"), ("failed_at", "CANCELLED"), ("completed_at", "COMPLETED"),
                ("delivered_at", "DELIVERED"), ("shipped_at", "IN_TRANSIT"),
            ) if name in past),
            "AWAITING_SHIPMENT" if is_paid else "UNPAID",
        )  # fmt: skip
        where = written(person.place, int(sales.person[row]) + 3)
        levels = (("L0", "Country", "Vietnam"), ("L1", "Province", where.province),
                  ("L2", "District", where.district), ("L3", "Ward", where.ward))  # fmt: skip
        created_at, gross, goods = int(sales.created_at[row]), int(stall.gross[row]), int(stall.goods[row])
        reason = "Out of stock" if "cancelled_at" in past else "Package delivery failed"
        return orjson.dumps({
            "id": str(ORDER_ID + 1009 * row), "status": status, "create_time": created_at, "update_time": at,
            "user_id": str(_user_id(int(sales.person[row]))), "buyer_email": f"v{row:x}B@scs2.tiktok.com",
            "is_cod": bool(sales.method[row] == COD), "payment_method_name": METHODS[sales.method[row]],
            "paid_time": past.get("paid_at"), "collection_time": past.get("shipped_at"),
            "delivery_time": past.get("delivered_at"), "delivery_sla_time": created_at + 5 * DAY,
            "cancel_time": past.get("cancelled_at") or past.get("failed_at"),
            "cancel_reason": reason if status == "CANCELLED" else "",
            "fulfillment_type": "FULFILLMENT_BY_SELLER",
            "payment": {
                "currency": "VND", "original_total_product_price": str(gross),
                "seller_discount": str(gross - goods),
                "platform_discount": str(stall.voucher[row]), "sub_total": str(goods - stall.voucher[row]),
                "original_shipping_fee": "22000", "shipping_fee": str(stall.shipping[row]), "tax": "0",
                "total_amount": str(stall.total[row]),
            },
            # an order that is not paid does not say where it goes
            "recipient_address": {
                "name": f"{person.family[0]}*** {person.given[0]}***",
                "phone_number": f"(+84){person.phone[:2]}*****{person.phone[-2:]}",
                "full_address": f"Vietnam, {where.province}, {where.district or where.ward}, ***",
                "region_code": "VN",
                "district_info": [
                    {"address_level": level, "address_level_name": name, "address_name": place}
                    for level, name, place in levels if place
                ],
            } if is_paid else None,
            "line_items": self._units(row),
        })  # fmt: skip

    def _units(self, row: int) -> list[dict]:
        """Return an order's lines as TikTok has them: one per unit."""
        stall, lines = self.stall, self.stall.lines
        found = []
        for line in stall.lines_of(row):
            product = int(lines.product[line])
            price, sale = int(lines.price[line]), int(stall.sale_price[line])
            for unit in range(int(lines.quantity[line])):
                voucher = 0 if found else int(stall.voucher[row])
                found.append({
                    "id": str(LINE_ID + 10 * line + unit), "sku_id": str(SKU_ID + product),
                    "product_id": str(PRODUCT_ID + product // VARIANTS),
                    "product_name": self._title(product), "sku_name": VARIANT_NAMES[product % VARIANTS],
                    "seller_sku": self.world.products[product].sku,
                    "currency": "VND", "original_price": str(price), "seller_discount": str(price - sale),
                    "platform_discount": str(voucher), "sale_price": str(sale - voucher), "is_gift": False,
                })  # fmt: skip
        return found

    def _title(self, product: int) -> str:
        return self.world.products[product].title.removesuffix(f" {VARIANT_NAMES[product % VARIANTS]}")

    def _return(self, row: int, at: int) -> bytes:
        stall, order = self.stall, int(self.returned[row])
        sales, total = stall.sales, int(stall.refund[order])
        status = next(word for name, word in RETURN_STATUSES.items() if getattr(sales, name)[order] <= at)
        goods = int(stall.goods_refund[order])
        return orjson.dumps({
            "return_id": str(RETURN_ID + row), "order_id": str(ORDER_ID + 1009 * order),
            "return_status": status, "update_time": at,
            "return_type": "REFUND" if order % 2 else "RETURN_AND_REFUND", "role": "BUYER",
            "return_reason_text": "Hàng bị hỏng", "create_time": int(sales.complained_at[order]),
            "refund_amount": {"currency": "VND", "refund_total": str(total), "refund_subtotal": str(goods),
                              "refund_shipping_fee": str(total - goods), "refund_tax": "0"},
            "return_line_items": [
                {"order_line_item_id": str(LINE_ID + 10 * line + unit),
                 "sku_id": str(SKU_ID + int(stall.lines.product[line]))}
                for line, quantity in stall.returned(order) for unit in range(quantity)
            ],
        })  # fmt: skip

    def _product(self, row: int, at: int) -> bytes:
        products = range(row * VARIANTS, (row + 1) * VARIANTS)
        category = self.world.products[products[0]].category
        return orjson.dumps({
            "id": str(PRODUCT_ID + row), "title": self._title(products[0]),
            "status": "SELLER_DEACTIVATED" if row == 3 else "ACTIVATE",
            "create_time": int(self.world.start), "update_time": at,
            "category_chains": [
                {"id": "600001", "parent_id": "0", "local_name": "Cửa hàng", "is_leaf": False},
                {"id": str(600_100 + row), "parent_id": "600001", "local_name": category, "is_leaf": True},
            ],
            "skus": [
                {"id": str(SKU_ID + product), "seller_sku": self.world.products[product].sku,
                 "price": {"currency": "VND", "tax_exclusive_price": str(self.world.products[product].price)},
                 "sales_attributes": [{"name": "Loại", "value_name": VARIANT_NAMES[product % VARIANTS]}]}
                for product in products
            ],
        })  # fmt: skip

    def role(self, row: int) -> str:
        """Return who wrote a message: of the shop's a robot some, TikTok itself a few."""
        if self.said.is_customer[row]:
            return "BUYER"
        return "ROBOT" if row % 5 == 0 else "SYSTEM" if row % 11 == 0 else "CUSTOMER_SERVICE"

    def chat(self, talker: int) -> dict[str, object]:
        """Return a chat without its latest message."""
        number = int(self.talkers[talker])
        person = self.world.people[number]
        return {
            "id": str(endpoints.CHAT_ID + talker), "participant_count": 3,
            "can_send_message": True, "unread_count": 0,
            "create_time": int(self.said.said_at[self.first_said[talker]]),
            "participants": [
                {"role": "SHOP", "im_user_id": str(IM_ID), "user_id": str(USER_ID), "nickname": "Cửa hàng"},
                {"role": "BUYER", "im_user_id": str(IM_ID + 104_729 * (number + 1)),
                 "user_id": str(_user_id(number)), "nickname": fold(person.given).lower()},
            ],
        }  # fmt: skip

    def _message(self, row: int, at: int) -> bytes:
        said, role = self.said, self.role(row)
        number = int(self.talkers[said.talker[row]]) + 1 if role == "BUYER" else 0
        content = orjson.dumps({"content": chats.words(said, row)}).decode()
        return orjson.dumps({
            "id": str(MESSAGE_ID + row), "type": "NOTIFICATION" if role == "SYSTEM" else "TEXT",
            "content": content,
            "create_time": int(said.said_at[row]), "is_visible": role != "SYSTEM",
            "index": str(MESSAGE_ID + row),
            "sender": {"role": role, "im_user_id": str(IM_ID + 104_729 * number), "nickname": ""},
        })  # fmt: skip


def _user_id(person: int) -> int:
    return USER_ID + 7919 * (person + 1)
