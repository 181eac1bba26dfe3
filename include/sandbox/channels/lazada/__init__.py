"""The shop's stall on Lazada: orders, returns, products, reviews, and what Lazada measures of it.

As in life a call is signed with its parameters and the signature lasts two hours, a failure is a 200 whose
code is not 0, and behind a 0 there may be another, who buys is masked, a line of an order is one unit, a
cancellation lies among the returns, reviews are numbers first and their fifty-first page is an error, and a
buyer who changes a review writes another, whereupon the old one is outdated.
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
from include.sandbox.channels.lazada import endpoints
from include.sandbox.desk import Desk
from include.sandbox.pairs import Pairs
from include.sandbox.places import written
from include.sandbox.seasons import DAY, NEVER, VIETNAM, midnight
from include.sandbox.shelf import Shelf
from include.sandbox.stall import ARTICLES, COD, VARIANTS, Stall
from include.sandbox.vocabulary import BLAME, CATEGORIES, PRAISE
from include.sandbox.vocabulary import VARIANTS as VARIANT_NAMES
from include.sandbox.world import World

APP_KEY = "131415"
LASTS, SIGNED_FOR = 7 * DAY, 7200
"""Seconds that an access token works, and a signature."""
ORDER_ID, LINE_ID, REVERSE_ID = 430_000_000_000_000, 431_000_000_000_000, 520_000_000_000_000
ITEM_ID, SKU_ID, BUYER_ID, REVIEW_ID = 2_410_000_000, 13_400_000_000, 900_000_000, 7_700_000_000_000
SHOWN_DAYS = 89
"""Days of reviews that a reader finds who leaves himself one of ninety to read them."""
METHODS = ("COD", "MOMO", "MIXEDCARD")
ORDER_TIMES = (
    "created_at", "paid_at", "shipped_at", "delivered_at", "cancelled_at", "failed_at", "refunded_at"
)  # fmt: skip
REVERSE_TIMES = ("complained_at", "cancelled_at", "refunded_at", "declined_at")
SOLD_OUT = 17
"""Of so many orders that are sent, one lacks a unit that turned out to be sold out, beside the others."""
MEASURED_DAYS = 90
FIRST, CHANGED, FOLLOW_UP = range(3)
"""Kinds of review."""
FOLLOWED = 7
"""One of so many reviewers writes again, three days later."""


class Channel(channel.Channel):
    """Shelves over one stall."""

    SECRETS = ("LAZADA_APP_SECRET", "LAZADA_REFRESH_TOKEN")
    CALLS, CALLS_A_SECOND = 30, 15.0

    def __init__(self, name: str, world: World, secrets: Mapping[str, str]) -> None:
        super().__init__(name, world, secrets)
        self.pairs = Pairs(secrets["LAZADA_REFRESH_TOKEN"], LASTS)
        self.clock_skew = 0
        """Seconds by which Lazada's clock is ahead of its callers'."""
        self.forbidden: set[str] = set()
        """Paths that the app may not call."""
        self.measured: set[int] = set()
        """At which midnights what was measured was told."""
        self.bad_stars = False
        """Whether a review has no star, which the scale does not have."""
        self._refusals = 0
        self.stall = stall = Stall(name, world, 0.15)
        sales = stall.sales
        self.reversed = np.flatnonzero((sales.complained_at != NEVER) | (sales.cancelled_at != NEVER))
        self._write_reviews()
        articles = ARTICLES // VARIANTS
        self.shelves = {
            "products": Shelf(ITEM_ID + np.arange(articles), np.full(articles, world.start), self._product),
            "orders": Shelf(ORDER_ID + 1009 * np.arange(len(sales)), sales.created_at, self._order),
            "returns": Shelf(
                REVERSE_ID + np.arange(len(self.reversed)),
                np.minimum(sales.complained_at, sales.cancelled_at)[self.reversed], self._reverse,
            ),
            "reviews": Shelf(
                REVIEW_ID + np.arange(len(self.review_at)), self.review_at, self._review
            ),
        }  # fmt: skip

    def _write_reviews(self) -> None:
        """Set of which order, of which kind and when each review is, in the order of time."""
        sales = self.stall.sales
        first = np.flatnonzero(sales.reviewed_at != NEVER)
        changed = first[sales.edited_at[first] != NEVER]
        followed = first[first % FOLLOWED == 0]
        at = np.concatenate(
            [sales.reviewed_at[first], sales.edited_at[changed], sales.reviewed_at[followed] + 3 * DAY]
        )
        kind = np.repeat([FIRST, CHANGED, FOLLOW_UP], [len(first), len(changed), len(followed)])
        order = np.concatenate([first, changed, followed])
        by_time = np.lexsort((order, at))
        self.review_of, self.review_kind, self.review_at = order[by_time], kind[by_time], at[by_time]
        self.review_ends = np.where(self.review_kind == FIRST, sales.edited_at[self.review_of], NEVER)
        """When a review is outdated."""

    def stand(self, moment: Moment) -> None:
        """Show everything with its last change."""
        self.now = now = moment.now
        stall, sales = self.stall, self.stall.sales
        articles = ARTICLES // VARIANTS
        self.shelves["products"].stand(self.world.start + 60 * np.arange(articles))
        last = np.where(sales.created_at <= now, stall.last_change(now, *ORDER_TIMES), 0)
        self.shelves["orders"].stand(last)
        self.shelves["returns"].stand(stall.last_change(now, *REVERSE_TIMES)[self.reversed])
        answered = np.where(self.review_kind == FIRST, sales.answered_at[self.review_of], NEVER)
        changes = np.stack([self.review_at, answered, self.review_ends])
        last = np.where(changes <= now, changes, 0).max(axis=0)
        self.shelves["reviews"].stand(np.where(self.review_at <= now, last, 0))

    def keys(self, stream: str) -> set[str]:
        """Return the keys of a stream; of what is old, what a reader at the end of history finds."""
        if stream == "order_counts":
            return {day.isoformat() for day in self.world.counted_days(self.now)}
        if stream == "seller_performance":
            return {
                f"{each['type']}/{datetime.fromtimestamp(until - 1, VIETNAM):%Y-%m-%d}"
                for until in self.measured
                for each in self.indicators(until)
            }
        if stream == "returns":
            rows = np.flatnonzero(self.shelves["returns"].updated_at > 0).tolist()
            return {str(REVERSE_ID + line) for row in rows for line, _, _ in self._reversed_units(row)}
        if stream == "reviews":
            return {str(REVIEW_ID + row) for row in self._shown_reviews(self.now).tolist()}
        return super().keys(stream)

    def _shown_reviews(self, now: int) -> np.ndarray:
        first = self.world.end - SHOWN_DAYS * DAY
        return np.flatnonzero((self.review_at >= first) & (self.review_at <= now) & (self.review_ends > now))

    def sums(self, stream: str, moment: Moment) -> dict[str, object]:
        """Return what was sold, given back, counted and rated."""
        stall, sales, now = self.stall, self.stall.sales, moment.now
        there = np.flatnonzero(sales.created_at <= now)
        if stream == "orders":
            return {"price": sum(self._price(row) for row in there.tolist()),
                    "shipping_fee": int(stall.shipping[there].sum())}  # fmt: skip
        if stream == "returns":
            rows = np.flatnonzero(self.shelves["returns"].updated_at > 0).tolist()
            return {"refund_amount": sum(part for row in rows for _, _, part in self._reversed_units(row))}
        if stream == "reviews":
            shown = self._shown_reviews(now)
            rated = shown[self.review_kind[shown] != FOLLOW_UP].tolist()
            return {"ratings.overall_rating": sum(self.star(row) for row in rated)}
        if stream == "order_counts":
            first = midnight(self.world.counted_days(self.now)[0])
            return {"count": int(((sales.created_at >= first) & (sales.created_at <= now)).sum())}
        return {}

    def ledger(self, moment: Moment) -> channel.Counts:
        """Return how much there is, units and refunds as well."""
        counts, stall, now = super().ledger(moment), self.stall, moment.now
        there, refunded = stall.sales.created_at <= now, stall.sales.refunded_at <= now
        shown = self._shown_reviews(now)
        counts["orders"] |= {
            "units": int(stall.lines.quantity[there[stall.lines.order]].sum()),
            "gross": int(stall.gross[there].sum()),
        }  # fmt: skip
        counts["returns"] |= {
            "count": len(self.keys("returns")), "refunds": int(refunded.sum()),
            "goods_refunded": int(stall.goods_refund[refunded].sum()),
        }  # fmt: skip
        counts["reviews"] |= {
            "count": len(shown), "rated": int((self.review_kind[shown] != FOLLOW_UP).sum())
        }  # fmt: skip
        return counts

    def allows(self, request: Request) -> bool:
        """Return whether a call is signed by the app, in time, and bears the shop's newest token."""
        return not self._complaint(request)

    def refusal(self, request: Request) -> Response:
        """Return what Lazada answers to a call that it does not take."""
        if found := self._complaint(request):
            return endpoints.failure(*found)
        if request.url.path.endswith(endpoints.LOGIN):
            return endpoints.failure(
                "IllegalRefreshToken", "The specified refresh token is invalid or expired"
            )
        return endpoints.failure("IllegalAccessToken", "The specified access token is invalid or expired")

    def busy(self, retry_after: str) -> Response:
        """Return what Lazada answers to a caller who asks too often: for how long, or that it is so."""
        self._refusals += 1
        if self._refusals % 3 == 0:
            return endpoints.trouble("TRAFFIC_CONTROL", "Traffic control")
        if self._refusals % 3 == 1:
            return endpoints.failure("901", "Limit service request speed in server side temporarily.", "ISP")
        return endpoints.failure(
            "ApiCallLimit", "Api access frequency exceeds the limit. this ban will last 1 seconds", "ISP"
        )

    def routes(self, desk: Desk) -> APIRouter:
        """Return the endpoints."""
        return endpoints.routes(self, desk)

    def _complaint(self, request: Request) -> tuple[str, str] | None:
        """Return what is wrong with how a call is signed, if anything."""
        shown = dict(request.query_params)
        path = request.url.path.removeprefix(f"/{self.name}")
        is_login = path == endpoints.LOGIN
        names = ("app_key", "timestamp", "sign_method", "sign", *(() if is_login else ("access_token",)))
        for name in names:
            if not shown.get(name):
                return "MissingParameter", f'The input parameter "{name}" that is mandatory is not supplied.'
        if shown["app_key"] != APP_KEY:
            return "InvalidAppKey", "The specified app key is invalid"
        age = time.time() + self.clock_skew - int(shown["timestamp"]) / 1000
        if not -SIGNED_FOR <= age <= SIGNED_FOR:
            return "IllegalTimestamp", "The specified timestamp is not within 7200 seconds of ours"
        sign = shown.pop("sign")
        said = path + "".join(f"{name}{shown[name]}" for name in sorted(shown))
        key = self.secrets["LAZADA_APP_SECRET"].encode()
        if not hmac.compare_digest(hmac.new(key, said.encode(), hashlib.sha256).hexdigest().upper(), sign):
            return "IncompleteSignature", "The request signature does not conform to lazada standards"
        if not is_login and not self.pairs.is_valid(shown["access_token"], self.now):
            return "IllegalAccessToken", "The specified access token is invalid or expired"
        return None

    def _units(self, row: int) -> list[tuple[int, int, int]]:
        """Return an order's units: the number of each, its product and its line."""
        found = []
        for line in self.stall.lines_of(row):
            for unit in range(int(self.stall.lines.quantity[line])):
                found.append((LINE_ID + 100 * line + unit, int(self.stall.lines.product[line]), line))
        return found

    def _sold_out(self, row: int) -> tuple[int, int, int] | None:
        """Return the unit that an order lacks in the end."""
        sales = self.stall.sales
        if row % SOLD_OUT or sales.shipped_at[row] == NEVER:
            return None
        _, product, line = self._units(row)[0]
        return LINE_ID + 100 * line + 99, product, line

    def _price(self, row: int) -> int:
        """Return what all that was ordered costs, discounts aside."""
        extra = self._sold_out(row)
        return int(self.stall.gross[row]) + (int(self.stall.lines.price[extra[2]]) if extra else 0)

    def _returned_units(self, row: int) -> list[tuple[int, int, int]]:
        units, found = self._units(row), []
        for line, quantity in self.stall.returned(row):
            found += [unit for unit in units if unit[2] == line][:quantity]
        return found

    def _reversed_units(self, row: int) -> list[tuple[int, tuple[int, int, int], int]]:
        """Return the lines of what is sent back or cancelled: number, unit, what is given back for it."""
        stall, order = self.stall, int(self.reversed[row])
        if stall.sales.cancelled_at[order] != NEVER:
            units = self._units(order)
            parts = [int(stall.sale_price[unit[2]]) for unit in units]
        else:
            units = self._returned_units(order)
            parts = [int(stall.sale_price[unit[2]]) for unit in units]
            # shipping is given back with the first unit, and what was bargained is of one alone
            parts[0] += int(stall.refund[order]) - sum(parts)
        return [(100 * row + n, unit, part) for n, (unit, part) in enumerate(zip(units, parts, strict=True))]

    def _status(self, row: int, at: int) -> str:
        """Return how it stands with an order's units."""
        sales = self.stall.sales
        past = {name for name in ORDER_TIMES if getattr(sales, name)[row] <= at}
        for name, status in (
            ("cancelled_at", "canceled"), ("failed_at", "shipped_back_success"),
            ("delivered_at", "delivered"), ("shipped_at", "shipped"),
        ):  # fmt: skip
            if name in past:
                return status
        return "pending" if "paid_at" in past or sales.method[row] == COD else "unpaid"

    def items(self, row: int, at: int) -> list[dict]:
        """Return an order's lines as they stood at a time."""
        stall, sales = self.stall, self.stall.sales
        status, extra = self._status(row, at), self._sold_out(row)
        back = {unit[0] for unit in self._returned_units(row)} if sales.refunded_at[row] <= at else set()
        found = []
        for n, (number, product, line) in enumerate([*self._units(row), *([extra] if extra else ())]):
            price, sale = int(stall.lines.price[line]), int(stall.sale_price[line])
            voucher = 0 if n else int(stall.voucher[row])
            is_extra = extra is not None and number == extra[0]
            gone = is_extra and sales.shipped_at[row] <= at
            found.append({
                "order_item_id": number, "order_id": ORDER_ID + 1009 * row, "name": self._title(product),
                "sku": self.world.products[product].sku, "sku_id": str(SKU_ID + product),
                "shop_sku": f"{ITEM_ID + product // VARIANTS}_VNAMZ-{SKU_ID + product}",
                "product_id": str(ITEM_ID + product // VARIANTS),
                "variation": f"Loại:{VARIANT_NAMES[product % VARIANTS]}", "currency": "VND",
                "status": "canceled" if gone else "returned" if number in back else status,
                "reason": "Out of stock" if gone else "", "return_status": "",
                "item_price": float(price), "voucher_seller": float(price - sale), "voucher_seller_lpi": 0.0,
                "voucher_platform": float(voucher), "voucher_amount": float(price - sale + voucher),
                "paid_price": float(sale - voucher), "tax_amount": 0.0,
                "shipping_amount": 0.0 if n else float(stall.shipping[row]),
                "buyer_id": str(BUYER_ID + 6271 * int(sales.person[row])), "shop_id": "Nhà An",
                "created_at": _text(int(sales.created_at[row])), "updated_at": _text(at),
                "payment_time": int(sales.paid_at[row]) * 1000 if sales.paid_at[row] <= at else None,
            })  # fmt: skip
        return found

    def _order(self, row: int, at: int) -> bytes:
        stall, sales = self.stall, self.stall.sales
        person = self.world.people[int(sales.person[row])]
        where = written(person.place, int(sales.person[row]))
        items = self.items(row, at)
        address = {
            "first_name": f"{person.given[0]}***{person.family[-1]}", "last_name": "",
            "phone": f"84*******{person.phone[-2:]}", "phone2": "", "address1": "****", "address2": "",
            "address3": where.province, "address4": where.district, "address5": where.ward,
            "city": "-".join(filter(None, (where.district, where.ward))),
            "post_code": "", "country": "Vietnam",
        }  # fmt: skip
        return orjson.dumps({
            "order_id": ORDER_ID + 1009 * row, "order_number": ORDER_ID + 1009 * row,
            "created_at": _text(int(sales.created_at[row])), "updated_at": _text(at),
            "statuses": sorted({item["status"] for item in items}), "items_count": len(items),
            "payment_method": METHODS[sales.method[row]], "price": f"{self._price(row)}.00",
            "shipping_fee": float(stall.shipping[row]),
            "voucher": sum(item["voucher_amount"] for item in items),
            "voucher_seller": sum(item["voucher_seller"] for item in items),
            "voucher_platform": float(stall.voucher[row]), "customer_first_name": address["first_name"],
            "customer_last_name": "", "address_shipping": address, "address_billing": address,
            "promised_shipping_times": _text(int(sales.created_at[row]) + 2 * DAY),
            "warehouse_code": "dropshipping", "remarks": "", "gift_option": False,
        })  # fmt: skip

    def _title(self, product: int) -> str:
        return self.world.products[product].title.removesuffix(f" {VARIANT_NAMES[product % VARIANTS]}")

    def _reverse(self, row: int, at: int) -> bytes:
        stall, order = self.stall, int(self.reversed[row])
        sales = stall.sales
        is_cancelled = sales.cancelled_at[order] != NEVER
        had_paid = sales.paid_at[order] <= sales.cancelled_at[order]
        if is_cancelled:
            status = "REFUND_SUCCESS" if had_paid else "CANCEL_SUCCESS"
        elif sales.refunded_at[order] <= at:
            # the last word of a request comes at once with the one that the money went out
            status = "REFUND_SUCCESS" if order % 3 else "REQUEST_COMPLETE"
        else:
            status = "REQUEST_REJECT" if sales.declined_at[order] <= at else "REQUEST_INITIATE"
        begun = sales.cancelled_at[order] if is_cancelled else sales.complained_at[order]
        return orjson.dumps({
            "reverse_order_id": REVERSE_ID + row, "trade_order_id": ORDER_ID + 1009 * order,
            "request_type": "CANCEL" if is_cancelled else "RETURN" if order % 2 else "ONLY_REFUND",
            "is_rtm": True, "shipping_type": "DROP_OFF",
            "reverse_order_lines": [
                {"reverse_order_line_id": REVERSE_ID + line, "trade_order_line_id": unit[0],
                 "reverse_status": status, "ofc_status": "", "refund_amount": part,
                 "item_unit_price": int(stall.lines.price[unit[2]]), "reason_text": "Hàng bị hỏng",
                 "reason_code": 10_000_123, "refund_payment_method": METHODS[sales.method[order]],
                 "is_need_refund": bool(had_paid or not is_cancelled), "is_dispute": False,
                 "buyer": {"buyer_id": BUYER_ID + 6271 * int(sales.person[order])},
                 "product": {"product_id": ITEM_ID + unit[1] // VARIANTS,
                             "product_sku": str(SKU_ID + unit[1])},
                 "seller_sku_id": self.world.products[unit[1]].sku, "platform_sku_id": str(SKU_ID + unit[1]),
                 "trade_order_gmt_create": int(sales.created_at[order]) * 1000,
                 "return_order_line_gmt_create": int(begun) * 1000,
                 "return_order_line_gmt_modified": at * 1000}
                for line, unit, part in self._reversed_units(row)
            ],
        })  # fmt: skip

    def product_of(self, row: int) -> int:
        """Return the number of the product that a review is of: the order's first."""
        line = self.stall.lines_of(int(self.review_of[row]))[0]
        return ITEM_ID + int(self.stall.lines.product[line]) // VARIANTS

    def star(self, row: int) -> int:
        """Return how a review rates: who changes one rates higher."""
        if self.bad_stars:
            return 0
        return min(int(self.stall.sales.star[self.review_of[row]]) + int(self.review_kind[row] == CHANGED), 5)

    def indicators(self, until: int) -> list[dict]:
        """Return what Lazada measures of the shop until a midnight, with its targets."""
        rated = np.flatnonzero(
            (self.review_at >= until - MEASURED_DAYS * DAY) & (self.review_at < until)
            & (self.review_ends >= until) & (self.review_kind != FOLLOW_UP)
        ).tolist()  # fmt: skip
        good = round(100 * sum(self.star(row) >= 4 for row in rated) / len(rated), 2) if rated else None
        return [
            {"type": kind, "name": name, "tip": "", "score": score, "score_format": of,
             "formatted_score": "-" if score is None else f"{score:g}", "target": target,
             "target_format": f"{comparator}_{of}", "formatted_target": f"{target:g}",
             "target_respected": score is not None
             and (score >= target if comparator == "GREATER_THAN" else score <= target),
             "action_url": "/apps/performance"}
            for kind, name, of, score, comparator, target in (
                ("POSITIVE_SELLER_RATING", "Tỷ lệ đánh giá tốt", "PERCENTAGE", good, "GREATER_THAN", 85.0),
                ("PRODUCT_RATING_COVERAGE", "Tỷ lệ sản phẩm có đánh giá", "PERCENTAGE", 61.5, "GREATER_THAN",
                 50.0),
                ("RESPONSE_TIME", "Thời gian phản hồi", "MINUTES", None, "LOWER_THAN", 60.0),
            )
        ]  # fmt: skip

    def _review(self, row: int, at: int) -> bytes:
        order, kind, star = int(self.review_of[row]), int(self.review_kind[row]), self.star(row)
        sales, words = self.stall.sales, PRAISE if star >= 4 else BLAME
        is_answered = kind == FIRST and sales.answered_at[order] <= at
        record = {
            "id": REVIEW_ID + row, "product_id": self.product_of(row), "order_id": ORDER_ID + 1009 * order,
            "review_type": "FOLLOW_UP_REVIEW" if kind == FOLLOW_UP else "PRODUCT_REVIEW",
            "review_content": words[order % len(words)] + (" (sửa)" if kind == CHANGED else ""),
            "review_images": [], "review_videos": [], "can_reply": not is_answered,
            "seller_reply": "Shop cảm ơn bạn nhiều ạ!" if is_answered else None,
            "submit_time": int(self.review_at[row]) * 1000, "create_time": int(self.review_at[row]) * 1000,
        }  # fmt: skip
        if kind != FOLLOW_UP:
            record["ratings"] = {"overall_rating": star, "product_rating": star,
                                 "seller_rating": min(star + 1, 5), "logistics_rating": star}  # fmt: skip
        return orjson.dumps(record)

    def _product(self, row: int, at: int) -> bytes:
        products = range(row * VARIANTS, (row + 1) * VARIANTS)
        article = self.world.products[products[0]]
        return orjson.dumps({
            "item_id": ITEM_ID + row, "primary_category": 10_000 + list(CATEGORIES).index(article.category),
            "status": "Deleted" if row == 3 else "Active", "subStatus": "", "images": [],
            "created_time": str(self.world.start * 1000), "updated_time": str(at * 1000),
            "attributes": {"name": self._title(products[0]), "brand": "No Brand"},
            "skus": [
                {"SkuId": SKU_ID + product, "SellerSku": self.world.products[product].sku,
                 "ShopSku": f"{ITEM_ID + row}_VNAMZ-{SKU_ID + product}", "Status": "active", "quantity": 20,
                 "saleProp": {"Loại": VARIANT_NAMES[product % VARIANTS]},
                 "price": float(self.world.products[product].price), "special_price": 0.0}
                for product in products
            ],
        })  # fmt: skip


def _text(second: int) -> str:
    return f"{datetime.fromtimestamp(second, VIETNAM):%Y-%m-%d %H:%M:%S} +0700"
