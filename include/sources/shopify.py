"""Shopify, the outlet's shop in the cloud: orders, customers, products, checkouts, and Shopify's own counts.

Everything is asked of the GraphQL Admin API; REST is legacy. Each list is of what changed in a window,
closed at the time the run began, by ascending id, which never changes: neither records that change while
pages are read nor records that changed in the same second are lost at the edge of a page, and abandoned
checkouts can be sorted by nothing better. What a record holds more of than its first page (lines of an
order or of a refund, variants of a product) is read on, record by record. Shopify's index is late: a
window is read again from ten minutes before it, and what is older than that is held against Shopify's
count. A filter that Shopify does not know it ignores in silence: records from before the window are
refused. An error inside an answer of status 200 refuses all of it, half-filled data too.

Running a window twice is safe: a record has its key (the whole `gid://`; a number alone may be an order's
and a customer's) and its time of change, in seconds; of two versions of one second that read last stands.
`order_counts` is how many orders, without those of the shop's tests, Shopify counts by the day of
processing, for forty days back: `processedAt` is when an order was placed, `createdAt` when it came into
Shopify, later where it was imported. A refund lies inside its order and has its own day. Amounts are in
the shop's currency; a checkout's stand in the customer's as well. Of carts Shopify lists only the
checkouts that were left (`coverage_code` is `abandoned`), and not which order one became. Not to be had:
what was deleted (only webhooks tell). Bulk operations are not used: a long history is read page by page,
about ten thousand orders an hour. Run against the sandbox only.

**Credential.** In Shopify: Settings, Apps, Develop apps, create one and install it; SHOPIFY_TOKEN is its
Admin API access token, SHOPIFY_URL https://, the shop's name and .myshopify.com. SHOPIFY_API_VERSION is
the version asked for; Shopify keeps one for a year and then answers with the next.

**Scopes.** `read_orders`, `read_customers`, `read_products`, and access to protected customer data (name,
e-mail, phone, address). Without `read_all_orders` Shopify hides orders created more than sixty days ago as
if there were none: the scopes are looked at each time, and what they hide is told as lost (`data_losses`).
Once it is granted, backfill. Abandoned checkouts also need the permission to manage them, or are skipped.

**Limits.** Points, not calls: 100 a second on most plans, 1000 at most a query. What may be nested in a
record counts as well: pages of twelve orders. Who asks too much is told how many points are lacking, and
waits as long as they take to come back.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

from dlt.sources.helpers.rest_client.auth import APIKeyAuth
from dlt.sources.helpers.rest_client.paginators import JSONResponseCursorPaginator
from requests import Response

from include import days, rest, settings
from include.rest import Api, Meaning, Overloaded
from include.sources import (
    Page,
    PageMalformed,
    PersonNeeded,
    Record,
    SourceError,
    Stream,
    StreamUnavailable,
    Window,
)

VERSION = "2026-10"
LAG = timedelta(minutes=10)
"""How late the index that lists and counts are taken from may be."""
SLICE = timedelta(days=90)
COUNTED = timedelta(days=40)
EVERY_ORDER = "read_all_orders"
SIZES = {"products": 50, "customers": 200, "orders": 12, "abandonedCheckouts": 28}
"""Records of a page. A query may cost a thousand points, of which each nested object is one."""
NESTED, NESTED_MORE = 5, 100
"""Entries of a nested list that come with its record, and at once where it is read on."""
CLOSED = {402, 423}
"""The shop has not paid Shopify, or is locked."""
BROKEN = {"INTERNAL_SERVER_ERROR", "TIMEOUT", "SERVICE_UNAVAILABLE"}

MONEY = "{ shopMoney { amount } }"
BOTH_MONEYS = "{ shopMoney { amount currencyCode } presentmentMoney { amount currencyCode } }"
PARTS = {
    "lineItems": "id title variantTitle sku quantity currentQuantity variant { id } "
    f"originalUnitPriceSet {MONEY} discountAllocations {{ allocatedAmountSet {MONEY} }}",
    "refundLineItems": f"quantity restockType lineItem {{ id }} subtotalSet {MONEY}",
    "variants": "id title sku price",
    "checkoutLineItems": "id title variantTitle sku quantity variant { id } "
    f"originalUnitPriceSet {BOTH_MONEYS}",
}
"""What is asked of an entry of each nested list."""
MORE = """
query ($id: ID!, $first: Int!, $after: String) {
  node(id: $id) { ... on %(kind)s { %(name)s(first: $first, after: $after) {
    nodes { %(part)s } pageInfo { hasNextPage endCursor }
  } } }
}
"""
LIST = """
query ($first: Int!, $after: String, $query: String!) {
  %(root)s(first: $first, after: $after, query: $query, sortKey: ID) {
    nodes { %(fields)s } pageInfo { hasNextPage endCursor }
  }
}
"""
COUNT = "query ($query: String!) { %s(query: $query, limit: null) { count precision } }"
SCOPES = "query { currentAppInstallation { accessScopes { handle } } }"


def _nested(name: str, part: str) -> str:
    """Return the selection of the first entries of a nested list."""
    return f"{name}(first: {NESTED}) {{ nodes {{ {PARTS[part]} }} pageInfo {{ hasNextPage endCursor }} }}"


def _fields() -> dict[str, str]:
    """Return what is asked of a record of each list."""
    return {
        "products": "id title productType status vendor createdAt updatedAt "
        + _nested("variants", "variants"),
        "customers": "id firstName lastName state tags createdAt updatedAt numberOfOrders "
        "defaultEmailAddress { emailAddress } defaultPhoneNumber { phoneNumber } "
        "defaultAddress { city province countryCodeV2 }",
        "orders": "id name email phone sourceName test tags note createdAt processedAt updatedAt closedAt "
        "cancelledAt cancelReason displayFinancialStatus displayFulfillmentStatus paymentGatewayNames "
        "currencyCode presentmentCurrencyCode taxesIncluded customer { id } "
        f"totalPriceSet {MONEY} totalDiscountsSet {MONEY} totalShippingPriceSet {MONEY} totalTaxSet {MONEY} "
        f"transactions {{ id kind status gateway processedAt amountSet {MONEY} }} "
        "fulfillments { id createdAt deliveredAt displayStatus } "
        f"refunds {{ id createdAt totalRefundedSet {MONEY} "
        + _nested("refundLineItems", "refundLineItems")
        + " } "
        + _nested("lineItems", "lineItems"),
        "abandonedCheckouts": "id name createdAt updatedAt completedAt customer { id } "
        f"totalPriceSet {BOTH_MONEYS} subtotalPriceSet {MONEY} " + _nested("lineItems", "checkoutLineItems"),
    }


CHANGED = {"createdAt": "timestamptz", "updatedAt": "timestamptz"}


def _amounts(*paths: str) -> dict[str, str]:
    return dict.fromkeys((f"{path}.shopMoney.amount" for path in paths), "numeric(18,4)")


STREAMS = (
    Stream(
        "products",
        key=("id",),
        version="updatedAt",
        types=CHANGED | {"variants.nodes[].price": "numeric(18,4)"},
        overlap=LAG,
    ),
    Stream("customers", key=("id",), version="updatedAt", types=CHANGED, overlap=LAG, longest_window=SLICE),
    Stream(
        "orders",
        key=("id",),
        version="updatedAt",
        types=CHANGED
        | dict.fromkeys(
            ("processedAt", "cancelledAt", "closedAt", "transactions[].processedAt",
             "fulfillments[].deliveredAt", "refunds[].createdAt"),
            "timestamptz",
        )
        | dict.fromkeys(
            ("lineItems.nodes[].quantity", "refunds[].refundLineItems.nodes[].quantity"), "numeric(11,4)"
        )
        | _amounts(
            "totalPriceSet", "totalDiscountsSet", "totalShippingPriceSet", "totalTaxSet",
            "transactions[].amountSet", "lineItems.nodes[].originalUnitPriceSet",
            "lineItems.nodes[].discountAllocations[].allocatedAmountSet", "refunds[].totalRefundedSet",
            "refunds[].refundLineItems.nodes[].subtotalSet",
        ),
        overlap=LAG,
        longest_window=SLICE,
    ),
    Stream(
        "abandoned_checkouts",
        key=("id",),
        version="updatedAt",
        types=CHANGED
        | {
            "completedAt": "timestamptz", "totalPriceSet.presentmentMoney.amount": "numeric(18,4)",
            "lineItems.nodes[].quantity": "numeric(7)",
        }
        | _amounts("totalPriceSet", "subtotalPriceSet", "lineItems.nodes[].originalUnitPriceSet"),
        overlap=LAG,
        longest_window=SLICE,
        optional=True,
    ),
    Stream("order_counts", key=("day",), types={"day": "date", "count": "integer"}, restated=COUNTED),
)  # fmt: skip


def pull(stream: str, window: Window) -> Iterator[Page]:
    """Yield what a stream holds of a window.

    Raises:
        PersonNeeded: the app lacks a scope, or the shop is closed.
        StreamUnavailable: the app may not see abandoned checkouts.
        PageMalformed: Shopify gives other records than it was asked for.
        SourceError: fewer records came than Shopify counts.
    """
    client = rest.connect(
        settings.source_url("shopify"),
        APIKeyAuth("X-Shopify-Access-Token", settings.secret("SHOPIFY_TOKEN")),
        meaning=_meaning(is_optional=stream == "abandoned_checkouts"),
    )
    match stream:
        case "orders":
            return _orders(client, window)
        case "abandoned_checkouts":
            return _changed(client, "abandonedCheckouts", window)
        case "order_counts":
            return _order_counts(client, window)
        case _:
            return _changed(client, stream, window)


def _orders(client: Api, window: Window) -> Iterator[Page]:
    """Yield the orders that changed, and say which of them the app's scopes hide."""
    granted = _data(client, SCOPES, "currentAppInstallation")["accessScopes"]
    if EVERY_ORDER not in {scope["handle"] for scope in granted}:
        yield Page(
            [],
            lost={
                "orders created more than sixty days ago": f"the app lacks the scope {EVERY_ORDER}: grant "
                "it, then backfill"
            },
        )
    yield from _changed(client, "orders", window)


def _changed(client: Api, root: str, window: Window) -> Iterator[Page]:
    """Yield what changed in a window, whole, and hold how much it is against Shopify's count."""
    first, certain = _text(window.start), _text(window.end - LAG)
    query, seen = LIST % {"root": root, "fields": _fields()[root]}, 0
    asked = {"first": SIZES[root], "query": _between("updated_at", window.start, window.end)}
    for page in _pages(client, query, asked, root):
        if any(str(record.get("updatedAt") or first) < first for record in page):
            raise PageMalformed(f"Shopify was asked for {root} changed since {first} and gave others.")
        seen += sum(1 for record in page if str(record.get("updatedAt") or "") <= certain)
        yield Page([_whole(client, root, record) for record in page])
    if certain < first:
        return
    counted = _count(client, f"{root}Count", _between("updated_at", window.start, window.end - LAG))
    if seen < counted:
        raise SourceError(
            f"Shopify counts {counted} {root} changed from {first} to {certain}, but gave {seen}. Run the "
            "task again; if it stays so, its list and its count disagree: ask Shopify."
        )


def _whole(client: Api, root: str, record: Record) -> Record:
    """Return a record with all entries of the lists that are nested in it, and without their cursors."""
    match root:
        case "products":
            return _read_on(client, record, "Product", "variants", "variants")
        case "abandonedCheckouts":
            return _read_on(client, record, "AbandonedCheckout", "lineItems", "checkoutLineItems")
        case "orders":
            refunds = [
                _read_on(client, refund, "Refund", "refundLineItems", "refundLineItems")
                for refund in record["refunds"]
            ]
            return _read_on(client, {**record, "refunds": refunds}, "Order", "lineItems", "lineItems")
        case _:
            return record


def _read_on(client: Api, record: Record, kind: str, name: str, part: str) -> Record:
    """Return a record of a KIND with all entries of its list NAME."""
    entries, page = list(record[name]["nodes"]), record[name]["pageInfo"]
    if page["hasNextPage"]:
        query = MORE % {"kind": kind, "name": name, "part": PARTS[part]}
        asked = {"id": record["id"], "first": NESTED_MORE, "after": page["endCursor"]}
        for more in _pages(client, query, asked, f"node.{name}"):
            entries += more
    return {**record, name: {"nodes": entries}}


def _order_counts(client: Api, window: Window) -> Iterator[Page]:
    """Yield how many orders Shopify counts for each whole day of processing."""
    counts = []
    for day in days.over(window, COUNTED):
        span = _between("processed_at", days.midnight(day), days.last_second(day))
        counts.append({"day": day.isoformat(), "count": _count(client, "ordersCount", f"{span} test:false")})
    yield Page(counts)


def _pages(
    client: Api, query: str, variables: Mapping[str, object], path: str
) -> Iterator[Sequence[Record]]:  # fmt: skip
    """Yield the pages of the connection at a dotted path of the data."""
    return rest.pages(
        client,
        _address(),
        partial(_entries, path=path),
        {},
        JSONResponseCursorPaginator(
            f"data.{path}.pageInfo.endCursor",
            cursor_body_path="variables.after",
            has_more_path=f"data.{path}.pageInfo.hasNextPage",
        ),
        method="POST",
        body={"query": query, "variables": dict(variables)},
    )


def _entries(answer: object, path: str) -> list:
    """Return the records of a page, which must say whether there is more, and where."""
    connection = answer["data"]
    for name in path.split("."):
        connection = connection[name]
    page = connection["pageInfo"]
    if not isinstance(page["hasNextPage"], bool) or (page["hasNextPage"] and not page["endCursor"]):
        raise ValueError("the page does not say where the next one begins")
    return connection["nodes"]


def _count(client: Api, root: str, query: str) -> int:
    counted = _data(client, COUNT % root, root, {"query": query})
    if counted["precision"] != "EXACT":
        raise PageMalformed(f"Shopify's {root} of {query} is no count, but {counted['precision']}.")
    return int(counted["count"])


def _data(client: Api, query: str, root: str, variables: Mapping[str, object] | None = None) -> Record:
    """Return what an answer holds of one field."""
    body = {"query": query, "variables": dict(variables or {})}
    answer = rest.ask(client, _address(), method="POST", body=body)
    try:
        return {**answer["data"][root]}
    except (KeyError, TypeError) as error:
        raise PageMalformed(f"Shopify was asked for {root} and answered without it.") from error


def _meaning(is_optional: bool) -> Meaning:
    """Return what reads the `errors` of an answer, whose status is 200 even so."""

    def read(response: Response, answer: object) -> None:
        if response.status_code in CLOSED:
            raise PersonNeeded(
                f"Shopify answered {response.status_code}: the shop is frozen or locked. Its owner sees why "
                "in the admin; asking again will not help."
            )
        errors = answer.get("errors") if isinstance(answer, dict) else None
        # of a status that is no 200, they are a text
        for error in errors if isinstance(errors, list) else ():
            extensions = error.get("extensions") or {}
            code, told = extensions.get("code"), error.get("message")
            if code == "THROTTLED" or told == "Throttled":
                if wait := _wait(answer):
                    response.headers["Retry-After"] = str(wait)
                raise Overloaded(f"Shopify lets us wait ({told})", response=response)
            if code in BROKEN:
                raise Overloaded(f"Shopify has no answer now ({code}: {told})", response=response)
            if code == "ACCESS_DENIED":
                kind = StreamUnavailable if is_optional else PersonNeeded
                raise kind(f"The app may not read this ({told}): grant it the scopes that it lacks.")
            if code == "SHOP_INACTIVE":
                raise PersonNeeded(f"The shop is closed ({told}): its owner must open it again.")
            raise SourceError(f"Shopify refuses the query ({code}: {told}).")

    return read


def _wait(answer: Mapping[str, object]) -> int | None:
    """Return after how many seconds the points that a query lacked will be there, where that is told."""
    try:
        cost = answer["extensions"]["cost"]
        status = cost["throttleStatus"]
        lacking = cost["requestedQueryCost"] - status["currentlyAvailable"]
        return max(1, math.ceil(lacking / status["restoreRate"]))
    except (KeyError, TypeError, ZeroDivisionError):
        return None


def _address() -> str:
    return f"/admin/api/{settings.source_setting('SHOPIFY_API_VERSION', VERSION)}/graphql.json"


def _between(name: str, start: datetime, end: datetime) -> str:
    """Return a filter for whole seconds, both ends included."""
    return f"{name}:>='{_text(start)}' {name}:<='{_text(end)}'"


def _text(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
