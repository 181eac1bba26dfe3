"""The dashboard: what it draws, what it leaves out, and that it fetches and runs nothing else."""

import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import yaml

from include.delivery.focus import unit_focus
from include.delivery.page import write_page
from include.delivery.periods import SHOWN
from include.delivery.pictures import unit_pictures
from include.delivery.plans import APPS, CONTENT, MARKETPLACES, MEDIA, PLANS, SALES, SERVICE, SOFTWARE
from include.delivery.reading import read
from include.delivery.snapshot import snapshot

pytestmark = pytest.mark.server

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
MARTS = Path(__file__).parents[2] / "dbt_project" / "models" / "marts"
PICTURES = {
    "shop_online": {plan.code for plan in (*SALES, *SERVICE)} | {"funnel"},
    "site_app": {plan.code for plan in APPS} | {"curve"},
    "site_forum": {plan.code for plan in CONTENT} | {"transitions"},
    "site_market": {plan.code for plan in MARKETPLACES},
    "site_news": {plan.code for plan in MEDIA} | {"balance"},
    "site_software": {plan.code for plan in SOFTWARE} | {"recurring_revenue", "triangle", "focus"},
}


class Page(HTMLParser):
    """The elements of a page, the scripts' text, and the text that people read."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.words: list[str] = []
        self.within = ""
        self.tables: dict[str, list[list[str]]] = {}
        """The English words of each panel's table, row by row."""
        self.panel = self.language = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.within = tag
        if tag == "script":
            self.scripts.append("")
        self.language = dict(attrs).get("lang") or ""
        if (dict(attrs).get("id") or "").startswith("panel-"):
            self.panel = (dict(attrs)["id"] or "").removeprefix("panel-")
        elif tag == "tr":
            self.tables.setdefault(self.panel, []).append([])

    def handle_endtag(self, tag: str) -> None:
        self.within = ""
        if tag == "table":
            self.panel = ""

    def handle_data(self, data: str) -> None:
        if self.within == "script":
            self.scripts[-1] += data
        elif self.within != "style":
            self.words.append(data)
            rows = self.tables.get(self.panel)
            if rows and self.language == "en" and self.within == "span":
                rows[-1].append(data)

    @property
    def figures(self) -> dict[str, Any]:
        """Every figure, by the id of its place."""
        return json.loads(self.scripts[0])


@pytest.fixture(scope="module")
def path(company: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_page(tmp_path_factory.mktemp("page"))


@pytest.fixture(scope="module")
def page(path: Path) -> Page:
    return Page(path.read_text(encoding="utf-8"))


def test_every_picture_is_there(page: Page) -> None:
    ids = {attributes.get("id") or "" for tag, attributes in page.elements if tag == "article"}
    assert {"company-quality", "company-freshness", "company-reconciliation"} <= ids
    drawn = {key.rpartition("-")[0] for key in page.figures}
    for unit, codes in PICTURES.items():
        # no more either: what another business type lives by is not this one's
        assert {each for each in ids if each.startswith(f"{unit}-")} == {f"{unit}-{code}" for code in codes}
        assert {f"{unit}-{code}" for code in codes} <= drawn


def test_every_plan_is_somebodys_and_none_is_long(page: Page) -> None:
    codes = [plan.code for plan in PLANS]
    assert len(codes) == len(set(codes))
    assert set(codes) <= set().union(*PICTURES.values())
    for name, figure in page.figures.items():
        if name.startswith(("shop_", "site_")):
            assert all(len(trace["x"]) <= 18 for trace in figure["en"]["data"]), name
    assert SHOWN["month"] == SHOWN["week"] == 18


def test_every_number_of_a_picture_stands_in_its_table(page: Page) -> None:
    for picture, table in {
        "shop_online-conversion-0": ["Oct 26", "3.1%", "2.9% … 3.3%", "640"],
        "shop_online-abandonment-0": ["Oct 26", "70.1%", "40.2%"],
        "shop_online-acquisition-0": ["Oct 26", "₫96,000", "640"],
        "shop_online-advertising-0": ["Oct 26", "₫182,000", "640"],
        "shop_online-funnel-0": ["Order", "624", "3.1%", "62.4%"],
        "site_software-stickiness-0": ["Oct 26", "21.3%", "640"],
        "site_software-software_churn-0": ["Oct 26", "3.1%", "2.4%", "−1.2%"],
        "site_software-recurring_revenue-0": ["End", "₫344,000,000"],
        "site_software-recurring_revenue-1": [
            "Oct 26", "₫332,000,000", "₫20,000,000", "₫3,000,000", "₫6,000,000", "−₫5,000,000",
            "−₫12,000,000", "₫344,000,000",
        ],
        "site_software-triangle-0": ["Oct 26", "200", "59.5%", "42.8%", *["–"] * 10],
        "site_software-focus-0": ["Oct 26", "21.3%", "20.0%", "19.5%", "met (en)"],
        "site_app-payers-0": ["Oct 26", "5.2%", "4.4% … 6.0%", "640"],
        "site_app-user_revenue-0": ["Oct 26", "₫6,400", "₫4,900"],
        "site_app-returns-0": ["Oct 26", "37.4%", "20.0%", "–"],
        "site_app-curve-0": ["Q3 2026", "0.8%", "5.7%", "9.8%", "9.8%", "–", "–"],
        "site_news-audience-0": ["Oct 26", "15,234", "640"],
        "site_news-fill_rate-0": ["Oct 26", "87.3%", "640"],
        "site_news-ad_rate-0": ["Oct 26", "₫21,400", "640"],
        "site_news-balance-0": ["7 ★", "407", "4.2", "₫2,340", "28.0%"],
        "site_forum-engagement_tiers-0": ["Oct 26", "60.0%", "20.0%", "12.0%", "6.0%", "2.0%"],
        "site_forum-creators-0": ["Oct 26", "8.1%", "6.9% … 9.3%", "640"],
        "site_forum-notifications-0": ["Oct 26", "4.3%", "1.3% … 7.3%", "640"],
        "site_forum-sharing-0": ["Oct 26", "1.7%", "640"],
        "site_forum-transitions-0": ["tier core (en)", "20", *["0.0%"] * 4, "90.0%", "10.0%"],
        "site_market-sides-0": ["Oct 26", "812", "143"],
        "site_market-search-0": ["Oct 26", "55.4%", "6.7%"],
        "site_market-trade-0": ["Oct 26", "₫940,000,000", "640"],
        "site_market-take_rate-0": ["Oct 26", "11.8%", "640"],
        "site_market-risk_signals-0": ["Oct 26", "23", "640"],
        "site_market-trust-0": ["Oct 26", "0.8%", "640"],
    }.items():  # fmt: skip
        assert table in page.tables[picture], (picture, page.tables[picture])


def test_several_variants_of_a_metric_are_lines_of_one_picture(page: Page) -> None:
    lines = page.figures["site_software-software_churn-0"]["en"]["data"]
    assert [line["name"] for line in lines] == ["Customers", "Revenue, gross", "Revenue, net"]
    assert [line["y"][-1] for line in lines] == [0.031, 0.024, -0.012]
    assert len({line["line"]["color"] for line in lines}) == 3
    assert "saas.churn · logo, revenue_gross, revenue_net" in page.words
    assert any("Customers: What logo is. Revenue, gross: What" in word for word in page.words)


def test_lines_that_end_at_different_times_share_their_periods(page: Page) -> None:
    days = page.figures["site_app-returns-0"]["en"]["data"]
    assert [line["x"][-1] for line in days] == ["Oct 26"] * 3
    assert [line["y"][-1] for line in days] == [0.374429, 0.199739, None]
    # the first cohort holds everyone who was there before
    assert days[0]["x"][0] == "Feb 26"


def test_segments_of_a_metric_are_lines_and_parts_of_a_whole_stand_on_each_other(page: Page) -> None:
    sides = page.figures["site_market-sides-0"]["en"]["data"]
    assert [(line["name"], line["y"][-1]) for line in sides] == [("Buyers", 812), ("Sellers", 143)]
    tiers = page.figures["site_forum-engagement_tiers-0"]["en"]
    assert tiers["layout"]["barmode"] == "stack"
    # each is rounded, and all of them are a millionth more than all
    assert sum(tier["y"][-1] for tier in tiers["data"]) > 1.0000005
    assert tiers["layout"]["yaxis"]["range"] == [0, 1]
    assert sum(bars["y"][-1] for bars in tiers["data"]) == pytest.approx(1)


def test_a_metric_without_the_wanted_variant_is_drawn_by_its_default(page: Page) -> None:
    assert "ugc.content_creation · by_persons" in page.words


def test_the_axis_of_what_may_be_negative_reaches_below_nothing(page: Page) -> None:
    for code in ("site_software-software_churn", "site_forum-notifications"):
        assert page.figures[f"{code}-0"]["en"]["layout"]["yaxis"]["range"][0] < 0


def test_the_funnel_is_of_the_newest_whole_month(page: Page) -> None:
    bars = page.figures["shop_online-funnel-0"]["en"]["data"][0]
    assert bars["x"] == [20000, 9000, 2400, 1000, 624]
    assert bars["text"][-1] == "<b>624</b> · 3.1%"
    assert "62.4% of the step before" in bars["y"][-1]


def test_the_waterfall_begins_with_the_start_and_ends_with_the_end(page: Page) -> None:
    steps = page.figures["site_software-recurring_revenue-0"]["en"]["data"][0]
    assert steps["measure"] == ["absolute", *["relative"] * 5, "total"]
    assert sum(steps["y"][:-1]) == steps["y"][-1] == 344e6
    months = page.figures["site_software-recurring_revenue-1"]["en"]["data"]
    # November is not over
    assert (months[0]["x"][0], months[0]["x"][-1]) == ("Nov 25", "Oct 26")
    layout = page.figures["site_software-recurring_revenue-1"]["en"]["layout"]
    assert layout["xaxis"]["tickvals"][-1] == "Oct 26" and len(layout["xaxis"]["tickvals"]) <= 7
    assert months[-1]["name"] == "Net change" and set(months[-1]["y"]) == {12e6}


def test_the_triangle_leaves_empty_what_is_not_known_yet(page: Page) -> None:
    months = page.figures["site_software-triangle-0"]["en"]["data"][0]
    assert months["x"] == [str(week) for week in range(1, 13)]
    assert (months["text"][-1][:3], months["customdata"][-1][0]) == (["59%", "43%", ""], "59.5%")
    assert months["y"][-1] == "Oct 26 · 200"
    known = [sum(cell is not None for cell in row) for row in months["z"]]
    assert known == sorted(known, reverse=True)
    assert (known[0], known[-1]) == (12, 2)
    weeks = page.figures["site_software-triangle-1"]["en"]["data"][0]
    assert len(weeks["y"]) == 12
    # of 90 persons a share is not reliable yet
    assert all(name.startswith("○ ") for name in weeks["y"])
    assert not any(name.startswith("○ ") for name in months["y"])


def test_a_curve_ends_where_its_cohort_was_last_followed(page: Page) -> None:
    curves = page.figures["site_app-curve-0"]["en"]["data"]
    assert [curve["name"] for curve in curves] == ["Q4 2025", "Q1 2026", "Q2 2026", "Q3 2026"]
    assert [curve["x"][-1] for curve in curves] == [90, 90, 90, 30]
    assert (curves[0]["x"][0], curves[0]["y"][0], curves[0]["y"][-1]) == (0, 0, 0.13)
    assert curves[0]["line"]["shape"] == "hv"


def test_the_moves_are_shares_of_those_who_were_in_a_tier(page: Page) -> None:
    moves = page.figures["site_forum-transitions-0"]["en"]["data"][0]
    # September: what became of October's tiers is not known yet
    assert moves["y"][0] == "tier lurker (en) · 600"
    assert moves["x"][-2:] == ["tier core<br>(en)", "tier exit<br>(en)"]
    assert moves["z"][0] == [0.5, 0.1, 0, 0, 0, 0.4]
    assert all(sum(row) == pytest.approx(1) for row in moves["z"])


def test_the_balance_marks_the_tenth_that_brings_most(page: Page) -> None:
    bars, line = page.figures["site_news-balance-0"]["en"]["data"]
    assert bars["y"][6] == max(bars["y"]) == 2340
    assert [index for index, colour in enumerate(bars["marker"]["color"]) if colour != "#1b5e9e"] == [6]
    assert (bars["yaxis"], line["yaxis"], line["y"][0]) == ("y2", "y", 0.4)


@pytest.mark.parametrize(
    "table",
    [
        "mart_ad_balance", "mart_conversion_funnel", "mart_engagement_transitions", "mart_metrics",
        "mart_omtm",
        "mart_recurring_revenue_monthly",
        "mart_retention", "mart_survival_curves",
    ],
)  # fmt: skip
def test_a_picture_is_drawn_from_columns_that_its_contract_names(company: None, table: str) -> None:
    contracts = {
        model["name"]: {column["name"] for column in model["columns"]}
        for path in MARTS.rglob("_*.yml")
        for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models", ())
    }
    with snapshot() as published:
        columns = published.rows(
            "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0",
            parameters=(f"published.{table}",),
        )
    assert columns and {row.attname for row in columns} <= contracts[table]


def test_a_table_that_was_never_published_leaves_its_picture_out(company: None) -> None:
    with snapshot() as published:
        reading = read(published)
        drawn = {unit.code: unit_pictures(published, reading, unit) for unit in reading.units}
        focused = {unit.code for unit in reading.units if unit_focus(published, reading, unit)}
        published.tables = frozenset({"mart_metrics"})
        absent = [unit_pictures(published, reading, unit) for unit in reading.units]
        unfocused = [unit_focus(published, reading, unit) for unit in reading.units]
    assert {code for code, cards in drawn.items() if cards} == {*PICTURES} - {"site_market"}
    assert focused == {"site_software"}
    assert not any(absent) and not any(unfocused)


def test_the_one_metric_stands_beside_its_target_and_its_guardrails(page: Page) -> None:
    assert [a["class"] for _, a in page.elements if (a.get("id") or "") == "site_software-focus"] == [
        "focus met"
    ]
    words = re.sub(r"\s+", " ", " ".join(page.words))
    told = words.split("The one metric that matters", 1)[1]
    assert told.startswith(" saas.stickiness (vi) saas.stickiness (en) 21,3% 21.3% met (vi) met (en)")
    assert "+0.3 pp" in told
    assert "Target 20,0% 20.0%" in told and "Line in the sand 19,5% 19.5%" in told
    # a guardrail is counted in its own unit
    assert "saas.churn (en) 3,1% 3.1%" in told and "First response 33,0 phút 33.0 min" in told
    trend = page.figures["site_software-focus-0"]["en"]
    assert trend["data"][0]["x"][-1] == "Oct 26" and len(trend["data"][0]["x"]) <= 8
    assert trend["data"][0]["marker"]["symbol"][-1] == "circle"
    assert [shape["y0"] for shape in trend["layout"]["shapes"]] == [0.2, 0.195]


def test_a_month_that_differs_from_its_source_stands_out(page: Page) -> None:
    figure = page.figures["company-reconciliation-0"]["en"]
    lower, upper, trace = figure["data"]
    assert min(trace["y"]) == pytest.approx(-50 / 1650 * 100)
    assert trace["marker"]["color"].count("#a61e2e") == 1
    assert (set(lower["y"]), set(upper["y"])) == ({-1}, {1})


def test_a_source_that_stopped_giving_a_field_says_since_when(page: Page) -> None:
    assert any("tickets.csat_score: source lost since 2026-06-15 00:00" in word for word in page.words)
    assert any("nguồn mất từ 15/06/2026 00:00" in word for word in page.words)


def test_what_has_no_data_takes_no_place(page: Page) -> None:
    ids = {attributes.get("id") or "" for tag, attributes in page.elements if tag == "article"}
    assert {each for each in ids if each.startswith("shop_global-")} == {
        "shop_global-revenue", "shop_global-orders",
    }  # fmt: skip
    assert not [each for each in ids if each.startswith("shop_silent")]
    tiles = [attributes["data-tile"] for _, attributes in page.elements if "data-tile" in attributes]
    assert (tiles.count("revenue"), tiles.count("nps")) == (2, 1)
    assert "Shop to come" not in page.words and "No data yet" not in page.words


def test_the_picture_of_the_checks_names_its_axes_and_its_newest_run(page: Page) -> None:
    figure = page.figures["company-quality-0"]["en"]
    layout, runs = figure["layout"], figure["data"][0]["x"]
    assert layout["xaxis"]["title"]["text"] == "Build"
    assert runs[-1] in layout["xaxis"]["tickvals"] and len(layout["xaxis"]["tickvals"]) <= 7
    assert {each["text"] for each in layout["annotations"]} == {"<b>Passed</b>", "<b>Failed</b>"}
    passed = max(figure["data"][0]["y"])
    assert layout["yaxis2"]["tickvals"][-1] >= passed and layout["yaxis2"]["tickvals"][0] == 0
    assert float(layout["yaxis"]["dtick"]).is_integer()


def test_the_page_says_whose_time_it_shows(page: Page) -> None:
    assert "all times are Vietnam time" in page.words


def test_a_metric_bears_the_name_of_the_catalogue_and_says_its_variant(page: Page) -> None:
    for heard in ("Order value", "Giá trị đơn", "First response"):
        assert page.words.count(heard) >= 2, heard  # a tile and a picture
    assert "net (en)" in page.words and "relational (vi)" in page.words


def test_every_picture_speaks_both_languages_and_to_those_who_cannot_see(page: Page) -> None:
    plots = [attributes for _, attributes in page.elements if attributes.get("class") == "plot"]
    assert len(plots) == len(page.figures)
    for plot in plots:
        assert plot["role"] == "img"
        assert plot["aria-label"] == plot["data-vi"]
        assert plot["data-en"]
        assert set(page.figures[plot["id"]]) == {"vi", "en"}


def test_nothing_is_fetched(page: Page) -> None:
    for tag, attributes in page.elements:
        for name in ("src", "href", "data", "action", "srcset", "poster"):
            assert (attributes.get(name) or "#").startswith(("#", "data:")), (tag, name)
    assert not [tag for tag, _ in page.elements if tag in ("iframe", "object", "embed", "base")]
    style = next(a["content"] for t, a in page.elements if a.get("http-equiv"))
    assert style.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe-eval" not in style


def test_the_page_is_small_and_nothing_half_written_stays(path: Path) -> None:
    assert path.stat().st_size < 6_000_000
    assert [each.name for each in path.parent.iterdir()] == ["index.html"]


def test_months_that_are_not_whole_are_not_drawn(page: Page) -> None:
    for code in ("revenue", "nps", "csat", "first_response", "order_value"):
        months = page.figures[f"shop_online-{code}-0"]["en"]["data"][0]["x"]
        assert (months[0], months[-1]) == ("Jul 25", "Oct 26"), code
    weeks = page.figures["shop_online-revenue-1"]["en"]["data"][0]["x"]
    assert weeks[-1] == "9 Nov 26"
    assert page.figures["shop_online-nps-1"]["vi"]["data"][0]["x"][0] == "Q3/2025"


def test_a_gap_is_null_and_never_zero(page: Page) -> None:
    nps = page.figures["shop_online-nps-0"]["en"]["data"][0]
    csat = page.figures["shop_online-csat-0"]["en"]["data"][0]
    closed = page.figures["shop_global-revenue-0"]["en"]["data"][0]
    assert nps["y"][nps["x"].index("Apr 26")] is None
    assert csat["y"][csat["x"].index("May 26")] is None
    assert closed["y"][closed["x"].index("Aug 26")] is None
    assert nps["connectgaps"] is False


def test_small_samples_are_marked(page: Page) -> None:
    nps = page.figures["shop_online-nps-0"]["vi"]["data"][0]
    small = nps["x"].index("T2/26")
    fills = nps["marker"]["color"]
    assert fills[small] != fills[small - 1]
    assert "mẫu nhỏ" in nps["customdata"][small]
    assert "mẫu nhỏ" not in nps["customdata"][small - 1]


def test_an_interval_is_drawn_around_its_value(page: Page) -> None:
    bars = page.figures["shop_online-nps-0"]["vi"]["data"][0]
    assert bars["y"][-1] == 41.2
    assert bars["error_y"]["array"][-1] == pytest.approx(6.2)
    assert bars["customdata"][-1] == "<b>41,2</b> · 35,0 … 47,4 · n = 420"


def test_currencies_are_never_added(page: Page) -> None:
    online = page.figures["shop_online-revenue-0"]["vi"]["data"][0]
    abroad = page.figures["shop_global-revenue-0"]["vi"]["data"][0]
    assert online["y"][-1] == 1_240_000_000
    assert online["customdata"][-1] == "<b>1.240.000.000\u00a0₫</b>"
    assert abroad["customdata"][-1] == "<b>31.015,50\u00a0US$</b>"


def test_the_audit_counts_the_last_word_of_each_check(page: Page) -> None:
    words = re.sub(r"\s+", " ", " ".join(page.words))
    assert "✓ 199 phép kiểm tra đạt" in words
    assert "! 1 Lưu ý Notice" in words


def test_a_source_that_is_held_is_marked_with_since_when_and_why(page: Page) -> None:
    words = re.sub(r"\s+", " ", " ".join(page.words))
    assert "18/11/2026 10:00: giá <sai>" in words
    assert any("⏸ haravan" in str(figure) for figure in page.figures.values())


def test_a_rate_is_compared_in_points_and_an_observers_figure_stops_nothing(page: Page) -> None:
    words = re.sub(r"\s+", " ", " ".join(page.words))
    assert "7.98%" in words
    assert "3.00 pp is allowed. The source counts by rules of its own" in words
    assert "1.0% is allowed. The source's own figure" in words
    assert "0.00 pp" in words


def test_every_panel_names_the_metric_and_the_variant_that_it_shows(page: Page) -> None:
    panels = [a for _, a in page.elements if (a.get("id") or "").startswith("panel-")]
    assert len(panels) == len(page.figures)
    for name in ("cx.nps · relational", "cx.csat · top2", "mart_ecommerce_daily.net_revenue"):
        assert name in page.words


def test_hostile_names_stay_text(page: Page) -> None:
    assert len(page.scripts) == 3
    assert "Cửa hàng </script><script>hacked()</script>" in page.words


def test_a_warehouse_without_a_publication_says_so(newborn: None, tmp_path: Path) -> None:
    page = Page(write_page(tmp_path).read_text(encoding="utf-8"))
    words = " ".join(page.words)
    assert "Chưa có lần công bố nào" in words
    assert "No data yet" in words
    assert page.figures == {}


@pytest.mark.skipif(not CHROMIUM, reason="chromium is not installed: the page is not rendered")
@pytest.mark.parametrize(
    ("language", "revenue", "change", "axis", "response"),
    [
        ("vi", "1,24\u00a0tỷ\u00a0₫", "+18,1%", "1,25\u00a0tỷ\u00a0₫", "37,0\u00a0phút"),
        ("en", "₫1.24B", "+18.1%", "₫1.25B", "37.0\u00a0min"),
    ],
)
def test_the_rendered_page_shows_the_numbers(
    path: Path, tmp_path: Path, language: str, revenue: str, change: str, axis: str, response: str
) -> None:
    command = [
        CHROMIUM, *QUIET, f"--user-data-dir={tmp_path}", "--virtual-time-budget=10000",
        "--dump-dom", f"{path.as_uri()}?lang={language}",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    rendered = done.stdout.replace("&nbsp;", "\u00a0")
    assert f'<html lang="{language}">' in rendered
    unit = rendered.split('id="unit-2"')[1]
    tiles = dict(re.findall(r'data-tile="(\w+)".*?<strong>(.*?)</strong>', unit.replace("\n", "")))
    assert f'<span lang="{language}">{revenue}</span>' in tiles["revenue"]
    assert f'<span lang="{language}">{response}</span>' in tiles["first_response"]
    assert change in unit
    # Plotly draws a text once the figure is really there
    assert f">{axis}</text>" in unit
    assert rendered.count('class="main-svg"') >= 2 * sum(map(len, PICTURES.values()))
    assert "hacked is not defined" not in done.stderr
