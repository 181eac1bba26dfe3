"""A database is read by its own column of change; what a SELECT lacks is named, a dead login too."""

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from include import settings, sources
from include.sandbox.live import Played
from include.sources import Page, SelectMistaken, SourceError, TokenRefused, Window
from tests.databases import ask

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DATABASE_FOLDER", str(tmp_path))
    unit = tmp_path / "app"
    unit.mkdir()
    with sqlite3.connect(unit / "app.sqlite") as connection:
        connection.execute("create table plans (id integer, title text, updated_at text)")
        rows = [(1, "a", "2026-01-01 00:00:00"), (2, "b", "2026-01-02 00:00:00")]
        connection.executemany("insert into plans values (?, ?, ?)", rows)
    return unit


def pages(stream: str, start: datetime = LONG_AGO, end: datetime | None = None) -> list[Page]:
    return list(sources.pages("database", stream, Window(start, end or datetime(2027, 1, 1, tzinfo=UTC))))


def test_what_changed_in_a_window_is_read_and_no_more(folder: Path) -> None:
    (folder / "products.sql").write_text(
        "select id as product_id, title as product_name, updated_at from plans "
        "where updated_at >= :since and updated_at < :until"
    )
    (page,) = pages("products", datetime(2026, 1, 1, 12, tzinfo=UTC))
    assert [record["product_id"] for record in page.records] == [2]
    assert page.records[0]["business_unit_code"] == "app"
    assert page.records[0]["updated_at"] == "2026-01-02T00:00:00+00:00"
    assert page.scopes == ()


def test_a_select_without_a_window_restates_its_unit(folder: Path) -> None:
    (folder / "products.sql").write_text("select id as product_id from plans")
    assert {page.scopes for page in pages("products")} == {("app",)}


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("select id as product_id, colour from plans", "no such column: colour"),
        ("select id as product_id from nowhere", "no such table"),
        ("select title as product_name from plans", "lacks product_id"),
        ("delete from plans", "must be one SELECT"),
        ("select id as product_id frm plans", "syntax error"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_file(folder: Path, sql: str, said: str) -> None:
    (folder / "products.sql").write_text(sql)
    with pytest.raises(SelectMistaken, match=rf"products\.sql.*{said}"):
        pages("products")


def test_a_database_that_cannot_be_reached_is_asked_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "app.sqlite").unlink()
    (folder / "products.sql").write_text("select 1 as product_id")
    monkeypatch.setenv("DATABASE_APP_URL", "postgresql+psycopg2://a:b@127.0.0.1:1/x")
    with pytest.raises(SourceError, match="cannot be read") as failure:
        pages("products")
    assert not isinstance(failure.value, SelectMistaken)


@pytest.mark.server
def test_postgresql_is_read_in_a_transaction_that_only_reads(
    folder: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "app.sqlite").unlink()
    login = f"cx_loader:{settings.secret('CX_PASSWORD_LOADER')}"
    place = f"{settings.PG_HOST}:{settings.PG_PORT}/{database}"
    monkeypatch.setenv("DATABASE_APP_URL", f"postgresql+psycopg2://{login}@{place}")
    select = folder / "orders.sql"
    select.write_text(
        "select n as order_id, timestamptz '2026-01-01 00:00+07' + n * interval '1 hour' as ordered_at, "
        "n * 1.25 as gross_amount from generate_series(1, 12000) as n"
    )
    records = [record for page in pages("orders") for record in page.records]
    assert len(records) == 12_000
    assert records[0]["ordered_at"] == "2025-12-31T18:00:00+00:00"
    assert {record["gross_amount"] for record in records[:4]} == {1.25, 2.5, 3.75, 5}
    select.write_text("select nextval('ops.acceptance') as order_id, now() as ordered_at")
    with pytest.raises(SourceError, match="read-only transaction"):
        pages("orders")
    monkeypatch.setenv("DATABASE_APP_URL", f"postgresql+psycopg2://cx_loader:wrong@{place}")
    with pytest.raises(TokenRefused, match="does not let the login in"):
        pages("orders")
    assert ask("select 1") == [(1,)]


def test_the_sandboxs_databases_are_what_the_ledger_says(played: Played) -> None:
    counted = played.stage.ledger()["database"]
    for stream, counts in counted.items():
        rows = [
            record for page in pages(stream, end=played.now + timedelta(days=1)) for record in page.records
        ]
        assert len(rows) == counts["count"] > 0, stream
