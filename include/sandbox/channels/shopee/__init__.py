"""The shop's stall on Shopee: orders, returns, reviews, products, and what Shopee measures of it.

As in life a call is signed and the signature dies after five minutes, a failure is a 200 that says so,
who buys is masked, an order shows most of itself only where it is asked to, and of reviews the newest
thousand of a list are all there is, while it goes on saying that there are more.
"""

import hashlib
import hmac
import time
from collections.abc import Mapping
from datetime import datetime

import numpy as np
import orjson
from fastapi import APIRouter, Request, Response

from include.sandbox import channel
from include.sandbox.channel import Moment
from include.sandbox.channels.shopee import endpoints
from include.sandbox.desk import Desk
from include.sandbox.pairs import Pairs
from include.sandbox.people import fold
from include.sandbox.places import written
from include.sandbox.seasons import DAY, NEVER, VIETNAM, midnight
from include.sandbox.shelf import Shelf
from include.sandbox.stall import ARTICLES, COD, VARIANTS, Stall
from include.sandbox.vocabulary import BLAME, CATEGORIES, PRAISE
from include.sandbox.vocabulary import VARIANTS as VARIANT_NAMES
from include.sandbox.world import World

PARTNER_ID, SHOP_ID = "2001887", "14701711"
LASTS, SIGNED_FOR = 4 * 3600, 300
"""Seconds that an access token works, and a signature."""
ITEM_ID, MODEL_ID, BUYER_ID, COMMENT_ID = 2_100_000_000, 9_800_000_000, 300_000_000, 12_059_083_400
MEASURED_DAYS = 30
PLAIN = 5
"""How many products, the last ones, are sold without variants."""
METHODS = ("Cash on Delivery", "ShopeePay", "Cybersource")
ORDER_TIMES = (
    "created_at", "paid_at", "shipped_at", "delivered_at", "completed_at", "cancelled_at", "failed_at",
    "complained_at",
)  # fmt: skip
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class Channel(channel.Channel):
    """Shelves over one stall."""

    SECRETS = ("SHOPEE_PARTNER_KEY", "SHOPEE_REFRESH_TOKEN")
    CALLS, CALLS_A_SECOND = 20, 10.0

    def __init__(self, name: str, world: World, secrets: Mapping[str, str]) -> None:
        super().__init__(name, world, secrets)
        self.pairs = Pairs(secrets["SHOPEE_REFRESH_TOKEN"], LASTS)
        self.clock_skew = 0
        """Seconds by which Shopee's clock is ahead of its callers'."""
        self.forbidden: set[str] = set()
        """Paths that the app may not call."""
        self.newest_first = True
        """Whether reviews come so; nothing says that they do."""
        self.measured: set[int] = set()
        """At which midnights what was measured was told."""
        self.bad_stars = False
        """Whether a review has no star, which the scale does not have."""
        self.stall = stall = Stall(name, world, 0.2)
        sales = stall.sales
        self.returned = np.flatnonzero(sales.complained_at != NEVER)
        self.reviewed = np.flatnonzero(sales.reviewed_at != NEVER)
        self.order_numbers = [_order_number(row, int(at)) for row, at in enumerate(sales.created_at)]
        self.items = [*range(0, ARTICLES - PLAIN, VARIANTS), *range(ARTICLES - PLAIN, ARTICLES)]
        """The first product of each item."""
        self.shelves = {
            "products": Shelf(
                ITEM_ID + np.arange(len(self.items)), np.full(len(self.items), world.start), self._item
            ),
            "orders": Shelf(1 + np.arange(len(sales)), sales.created_at, self._order),
            "returns": Shelf(
                1 + np.arange(len(self.returned)), sales.complained_at[self.returned], self._return
            ),
            "comments": Shelf(
                COMMENT_ID + np.arange(len(self.reviewed)), sales.reviewed_at[self.reviewed], self._comment
            ),
        }  # fmt: skip

    def stand(self, moment: Moment) -> None:
        """Show everything with its last change."""
        self.now = now = moment.now
        self.shelves["products"].stand(self.world.start + 60 * np.arange(len(self.items)))
        sales = self.stall.sales
        for stream, rows, names in (
            ("orders", slice(None), ORDER_TIMES),
            ("returns", self.returned, ("complained_at", "refunded_at", "declined_at")),
            ("comments", self.reviewed, ("reviewed_at", "edited_at", "answered_at")),
        ):
            last = np.where(getattr(sales, names[0]) <= now, self.stall.last_change(now, *names), 0)
            self.shelves[stream].stand(last[rows])

    def keys(self, stream: str) -> set[str]:
        """Return the keys of a stream as the warehouse writes them."""
        if stream == "order_counts":
            return {day.isoformat() for day in self.world.counted_days(self.now)}
        if stream == "shop_performance":
            return {
                f"{metric['metric_id']}/{datetime.fromtimestamp(until - 1, VIETNAM):%Y-%m-%d}"
                for until in self.measured
                for metric in self.metrics(until)
            }
        shown = np.flatnonzero(self.shelves[stream].updated_at > 0).tolist()
        if stream == "orders":
            return {self.order_numbers[row] for row in shown}
        if stream == "returns":
            return {self._return_number(row) for row in shown}
        return super().keys(stream)

    def sums(self, stream: str, moment: Moment) -> dict[str, object]:
        """Return what was paid, given back, counted and rated."""
        stall, sales, now = self.stall, self.stall.sales, moment.now
        if stream == "orders":
            return {"total_amount": int(stall.total[sales.created_at <= now].sum())}
        if stream == "returns":
            return {"refund_amount": int(stall.refund[sales.complained_at <= now].sum())}
        if stream == "comments":
            shown = self.reviewed[sales.reviewed_at[self.reviewed] <= now]
            return {"rating_star": sum(self.star(int(row), now) for row in shown)}
        if stream == "order_counts":
            first = midnight(self.world.counted_days(self.now)[0])
            return {"count": int(((sales.created_at >= first) & (sales.created_at <= now)).sum())}
        return {}

    def allows(self, request: Request) -> bool:
        """Return whether a call is signed by the app, in time, and bears the shop's newest token."""
        return not self._complaint(request)

    def refusal(self, request: Request) -> Response:
        """Return what Shopee answers to a call that it does not take."""
        error, message = self._complaint(request) or ("", "")
        if error == "" and request.url.path.endswith(endpoints.LOGIN):
            error, message = "error_auth", "Your refresh_token expired."
        if error == "":
            error, message = "invalid_acceess_token", "Invalid access_token, please have a check."
        # a dead token is the one failure that comes with a status
        return endpoints.failure(error, message, 403 if error == "invalid_acceess_token" else 200)

    def busy(self, retry_after: str) -> Response:
        """Return what Shopee answers to a caller who asks too often: it does not say how long to wait."""
        return endpoints.failure("error_rate_limit", "Too many requests, please try again later.")

    def routes(self, desk: Desk) -> APIRouter:
        """Return the endpoints."""
        return endpoints.routes(self, desk)

    def _complaint(self, request: Request) -> tuple[str, str] | None:
        """Return what is wrong with how a call is signed, if anything."""
        shown, path = request.query_params, request.url.path
        path, is_login = path[path.index("/api/") :], path.endswith(endpoints.LOGIN)
        names = ("partner_id", "timestamp", "sign", *(() if is_login else ("access_token", "shop_id")))
        for name in names:
            if not shown.get(name):
                return "error_param", f"There is no {name} in query."
        if shown["partner_id"] != PARTNER_ID:
            return "error_param", "Invalid partner_id."
        age = time.time() + self.clock_skew - int(shown["timestamp"])
        if not -SIGNED_FOR <= age <= SIGNED_FOR:
            return "error_param", "Invalid timestamp"
        said = PARTNER_ID + path + shown["timestamp"]
        if not is_login:
            said += shown["access_token"] + shown["shop_id"]
        key = self.secrets["SHOPEE_PARTNER_KEY"].encode()
        if not hmac.compare_digest(hmac.new(key, said.encode(), hashlib.sha256).hexdigest(), shown["sign"]):
            return "error_sign", "Wrong sign."
        if is_login:
            return None
        if shown["shop_id"] != SHOP_ID:
            return "error_shop", "shopid is invalid"
        if not self.pairs.is_valid(shown["access_token"], self.now):
            return "invalid_acceess_token", "Invalid access_token, please have a check."
        return None

    def star(self, row: int, at: int) -> int:
        """Return how an order is rated: who changes a review rates higher."""
        sales = self.stall.sales
        return min(int(sales.star[row]) + int(sales.edited_at[row] <= at), 5)

    def metrics(self, now: int) -> list[dict]:
        """Return what Shopee measures of the shop's month until a midnight, with its targets."""
        sales = self.stall.sales

        def rates(until: int) -> tuple[float | None, float | None, float | None]:
            placed = (sales.created_at >= until - MEASURED_DAYS * DAY) & (sales.created_at < until)
            rated = self.reviewed[sales.reviewed_at[self.reviewed] <= until]
            if not placed.any() or not len(rated):
                return None, None, None
            return (
                round(float((sales.cancelled_at[placed] <= until).mean() * 100), 2),
                round(float((sales.refunded_at[placed] <= until).mean() * 100), 2),
                round(sum(self.star(int(row), until) for row in rated) / len(rated), 2),
            )

        current, last = rates(now), rates(now - MEASURED_DAYS * DAY)
        figures = (
            (11, "response_rate", 3, 2, ">=", 80, 96.5, 95.0), (21, "response_time", 3, 5, "<", 12, 1.4, 1.6),
            (22, "shop_rating", 3, 1, ">=", 4, current[2], last[2]),
            (42, "cancellation_rate", 1, 2, "<", 5, current[0], last[0]),
            (43, "return_refund_rate", 1, 2, "<", 5, current[1], last[1]),
            (25, "same_day_handover_rate", 1, 2, ">=", 60, None, None),
        )  # fmt: skip
        return [
            {"metric_id": number, "metric_name": name, "metric_type": kind, "parent_metric_id": 0,
             "unit": unit, "target": {"comparator": comparator, "value": target},
             "current_period": here, "last_period": before}
            for number, name, kind, unit, comparator, target, here, before in figures
        ]  # fmt: skip

    def _buyer(self, row: int) -> tuple[int, str]:
        """Return the number and the name by which Shopee knows who bought."""
        number = int(self.stall.sales.person[row])
        person = self.world.people[number]
        given = fold(person.given).lower().replace(" ", "")
        return BUYER_ID + 7919 * number, f"{given}{person.birth_year % 100:02d}.{number}"

    def item_of(self, product: int) -> tuple[int, int]:
        """Return the numbers of the item and of the variant, 0 for none, as which a product is sold."""
        if product >= ARTICLES - PLAIN:
            return ITEM_ID + self.items.index(product), 0
        return ITEM_ID + product // VARIANTS, MODEL_ID + product

    def _status(self, row: int, at: int) -> tuple[str, str]:
        """Return the status of an order, and of its parcel."""
        past = {name for name in ORDER_TIMES if getattr(self.stall.sales, name)[row] <= at}
        for name, status, parcel in (
            ("cancelled_at", "CANCELLED", "LOGISTICS_INVALID"),
            ("failed_at", "CANCELLED", "LOGISTICS_DELIVERY_FAILED"),
            ("completed_at", "COMPLETED", "LOGISTICS_DELIVERY_DONE"),
            ("complained_at", "TO_RETURN", "LOGISTICS_DELIVERY_DONE"),
            ("delivered_at", "TO_CONFIRM_RECEIVE", "LOGISTICS_DELIVERY_DONE"),
            ("shipped_at", "SHIPPED", "LOGISTICS_PICKUP_DONE"),
        ):  # fmt: skip
            if name in past:
                return status, parcel
        if "paid_at" in past or self.stall.sales.method[row] == COD:
            return "READY_TO_SHIP", "LOGISTICS_READY"
        return "UNPAID", "LOGISTICS_NOT_START"

    def _order(self, row: int, at: int) -> bytes:
        stall, sales = self.stall, self.stall.sales
        status, parcel = self._status(row, at)
        buyer, username = self._buyer(row)
        person = self.world.people[int(sales.person[row])]
        where = written(person.place, int(sales.person[row]) + 1)
        reason = {"LOGISTICS_INVALID": "Out of Stock", "LOGISTICS_DELIVERY_FAILED": "Failed Delivery"}
        return orjson.dumps({
            "order_sn": self.order_numbers[row], "region": "VN", "currency": "VND",
            "cod": bool(sales.method[row] == COD), "order_status": status, "message_to_seller": "",
            "create_time": int(sales.created_at[row]), "update_time": at, "days_to_ship": 2,
            "ship_by_date": int(sales.created_at[row]) + 2 * DAY,
            "buyer_user_id": buyer, "buyer_username": username,
            "recipient_address": {
                "name": f"{person.family[0]}****{person.given[-1]}", "phone": f"******{person.phone[-2:]}",
                "town": where.ward, "district": where.district, "city": "", "state": where.province,
                "region": "VN",
                "zipcode": "", "full_address": f"****, {where}",
            },
            "item_list": [self._line(line) for line in stall.lines_of(row)],
            "pay_time": int(sales.paid_at[row]) if sales.paid_at[row] <= at else None,
            "total_amount": float(stall.total[row]), "payment_method": METHODS[sales.method[row]],
            "shipping_carrier": "SPX Express",
            "package_list": [{"package_number": f"OFG{row:012d}", "logistics_status": parcel}],
            "cancel_by": "system" if status == "CANCELLED" else "",
            "cancel_reason": reason.get(parcel, ""), "estimated_shipping_fee": 22_000.0,
            "actual_shipping_fee": 0.0, "note": "",
        })  # fmt: skip

    def _line(self, line: int) -> dict:
        lines = self.stall.lines
        product = int(lines.product[line])
        item, model = self.item_of(product)
        article = self.world.products[product]
        return {
            "item_id": item, "item_name": self._title(product), "item_sku": article.sku if model == 0 else "",
            "model_id": model, "model_name": VARIANT_NAMES[product % VARIANTS] if model else "",
            "model_sku": article.sku if model else "", "order_item_id": item, "promotion_group_id": 0,
            "model_quantity_purchased": int(lines.quantity[line]),
            "model_original_price": float(lines.price[line]),
            "model_discounted_price": float(self.stall.sale_price[line]),
        }  # fmt: skip

    def _title(self, product: int) -> str:
        title = self.world.products[product].title
        return (
            title
            if product >= ARTICLES - PLAIN
            else title.removesuffix(f" {VARIANT_NAMES[product % VARIANTS]}")
        )

    def _return_number(self, row: int) -> str:
        return f"26{self.returned[row]:013d}"

    def _return(self, row: int, at: int) -> bytes:
        stall, order = self.stall, int(self.returned[row])
        sales, lines = stall.sales, stall.lines
        is_settled = {"ACCEPTED": sales.refunded_at[order], "CLOSED": sales.declined_at[order]}
        status = next((name for name, settled in is_settled.items() if settled <= at), "REQUESTED")
        return orjson.dumps({
            "return_sn": self._return_number(row), "order_sn": self.order_numbers[order], "status": status,
            "reason": "PHYSICAL_DMG", "text_reason": "", "refund_amount": float(stall.refund[order]),
            "amount_before_discount": float(stall.goods[order]), "currency": "VND",
            "create_time": int(sales.complained_at[order]), "update_time": at,
            "return_solution": order % 2, "return_refund_type": "RRBOC", "needs_logistics": order % 2 == 0,
            "user": {"username": self._buyer(order)[1], "email": "***********r1@shopee.com"},
            "item": [
                {"item_id": item, "model_id": model, "name": self._title(int(lines.product[line])),
                 "amount": quantity, "item_price": float(stall.sale_price[line]),
                 "is_add_on_deal": False, "variation_sku": self.world.products[lines.product[line]].sku}
                for line, quantity in stall.returned(order)
                for item, model in [self.item_of(int(lines.product[line]))]
            ],
        })  # fmt: skip

    def _comment(self, row: int, at: int) -> bytes:
        order, sales = int(self.reviewed[row]), self.stall.sales
        star = 0 if self.bad_stars and row == 0 else self.star(order, at)
        is_edited = sales.edited_at[order] <= at
        words = PRAISE if star >= 4 else BLAME
        item, model = self.item_of(int(self.stall.lines.product[self.stall.lines_of(order)[0]]))
        reply = {"reply": "Shop cảm ơn bạn nhiều ạ!", "hidden": False,
                 "create_time": int(sales.answered_at[order])}  # fmt: skip
        return orjson.dumps({
            "comment_id": COMMENT_ID + row, "order_sn": self.order_numbers[order], "item_id": item,
            "model_id_list": [model], "buyer_username": self._buyer(order)[1], "rating_star": star,
            "comment": words[row % len(words)] + (" (sửa)" if is_edited else ""),
            "editable": "HAVE_EDIT_ONCE" if is_edited else "EDITABLE", "hidden": False,
            "create_time": int(sales.reviewed_at[order]), "media": {"image_url_list": []},
            "comment_reply": reply if sales.answered_at[order] <= at else None,
        })  # fmt: skip

    def _item(self, row: int, at: int) -> bytes:
        product = self.items[row]
        article = self.world.products[product]
        has_model = product < ARTICLES - PLAIN
        return orjson.dumps({
            "item_id": ITEM_ID + row, "item_name": self._title(product),
            "item_sku": "" if has_model else article.sku, "has_model": has_model,
            "category_id": 100_000 + list(CATEGORIES).index(article.category),
            "item_status": "SELLER_DELETE" if row == 3 else "NORMAL",
            "create_time": int(self.world.start), "update_time": at,
        })  # fmt: skip

    def models(self, item: int) -> list[dict]:
        """Return the variants of an item."""
        product = self.items[item - ITEM_ID]
        return [
            {"model_id": MODEL_ID + product + n, "model_sku": self.world.products[product + n].sku,
             "model_name": VARIANT_NAMES[n], "promotion_id": 0,
             "price_info": [{"original_price": float(self.world.products[product + n].price)}]}
            for n in range(VARIANTS)
        ]  # fmt: skip


def _order_number(row: int, created_at: int) -> str:
    """Return an order's number: the day in Vietnam and eight letters."""
    code, letters = row * 2_654_435_761 % (1 << 40), []
    for _ in range(8):
        code, letter = divmod(code, 32)
        letters.append(LETTERS[letter])
    return f"{datetime.fromtimestamp(created_at, VIETNAM):%y%m%d}{''.join(letters)}"
