"""The online shop's orders, customers and products as Haravan's API shows them."""

from collections.abc import Mapping

import numpy as np
import orjson

from include.sandbox import defects
from include.sandbox.haravan_orders import (
    CUSTOMER_ID,
    FIRST_NUMBER,
    ORDER_ID,
    ORDER_TIMES,
    PRODUCT_ID,
    VARIANT_ID,
    OrderBook,
    address_of,
    identity,
)  # fmt: skip
from include.sandbox.seasons import DAY, utc_text
from include.sandbox.shelf import Shelf
from include.sandbox.world import World


class Haravan:
    """Three shelves over the world; `marked` holds the defects that each record carries."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.book = OrderBook(world)
        count = len(world.orders)
        owned = np.flatnonzero(world.order_account >= 0)
        self._owned = owned[np.argsort(world.order_account[owned], kind="stable")]
        self._owner = world.order_account[self._owned]
        self.marked: dict[str, dict[int, list[str]]] = {}
        self.shelves: Mapping[str, Shelf] = {
            "orders": Shelf(ORDER_ID + np.arange(count), world.orders.created_at, self._order),
            "customers": Shelf(
                CUSTOMER_ID + np.arange(len(world.accounts)),
                world.accounts.created_at,
                self._customer,
            ),
            "products": Shelf(
                PRODUCT_ID + np.arange(len(world.products)),
                np.full(len(world.products), world.start - 30 * DAY),
                self._product,
            ),
        }

    def stand(self, now: int, hidden: np.ndarray) -> None:
        """Show everything as it is at NOW, without the orders whose rows are HIDDEN."""
        orders, accounts = self._world.orders, self._world.accounts
        times = np.stack([getattr(orders, name) for name in ORDER_TIMES])
        updated_at = np.where(times <= now, times, 0).max(axis=0)
        updated_at[(orders.created_at > now) | hidden] = 0
        self.shelves["orders"].stand(updated_at)
        # the accounts of before the history were imported on its first day
        imported = self._world.start + np.arange(len(accounts)) % DAY
        changed = np.maximum(
            accounts.created_at, np.where(accounts.created_at < self._world.start, imported, 0)
        )
        bought = orders.created_at[self._owned]
        seen = (bought <= now) & ~hidden[self._owned]
        np.maximum.at(changed, self._owner[seen], bought[seen])
        self.shelves["customers"].stand(np.where(accounts.created_at <= now, changed, 0))
        self.shelves["products"].stand(self._world.start + np.arange(len(self._world.products)))

    def _render(self, stream: str, row: int, record: dict) -> bytes:
        names = self.marked.get(stream, {}).get(row)
        if not names:
            return orjson.dumps(record)
        defects.spoil(record, row, names, f"haravan.{stream}")
        return defects.as_bytes(orjson.dumps(record))

    def _order(self, row: int, now: int) -> bytes:
        return self._render("orders", row, self.book.record(row, now))

    def _customer(self, row: int, now: int) -> bytes:
        accounts, orders = self._world.accounts, self._world.orders
        person = self._world.people[accounts.person[row]]
        own = self._owned[slice(*np.searchsorted(self._owner, [row, row + 1]))]
        own = own[orders.created_at[own] <= now]
        last, year = (int(own[-1]) if len(own) else None), accounts.birth_years[row]
        record = identity(self._world, row) | {
            "birthday": f"{year}-01-01T00:00:00Z" if year else None, "gender": person.gender,
            "note": None, "state": "enabled", "verified_email": bool(row % 3),
            "accepts_marketing": bool(row % 2),
            "orders_count": len(own), "total_spent": float(self.book.total[own].sum()),
            "last_order_id": None if last is None else ORDER_ID + last,
            "last_order_name": None if last is None else f"#{FIRST_NUMBER + last}",
            "last_order_date": None if last is None else utc_text(orders.created_at[last]),
            "default_address": address_of(
                accounts.names[row], accounts.phones[row], person.place, row
            ),
            "updated_at": utc_text(now),
        }  # fmt: skip
        return self._render("customers", row, record)

    def _product(self, row: int, now: int) -> bytes:
        product = self._world.products[row]
        created_at = utc_text(self._world.start - 30 * DAY)
        record = {
            "id": PRODUCT_ID + row, "title": product.title, "product_type": product.category,
            "vendor": "Nhà An", "tags": None, "created_at": created_at, "updated_at": utc_text(now),
            "published_at": created_at,
            "variants": [
                {"id": VARIANT_ID + row, "product_id": PRODUCT_ID + row, "sku": product.sku,
                 "title": "Default Title", "price": float(product.price)}
            ],
        }  # fmt: skip
        return self._render("products", row, record)
