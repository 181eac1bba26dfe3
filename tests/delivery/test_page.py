"""The dashboard: what it draws, what it leaves out, and that it fetches and runs nothing else."""

import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from include.delivery.page import write_page
from include.delivery.plans import PLANS

pytestmark = pytest.mark.server

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
PICTURES = [plan.code for plan in PLANS]


class Page(HTMLParser):
    """The elements of a page, the scripts' text, and the text that people read."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.words: list[str] = []
        self.within = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.within = tag
        if tag == "script":
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        self.within = ""

    def handle_data(self, data: str) -> None:
        if self.within == "script":
            self.scripts[-1] += data
        elif self.within != "style":
            self.words.append(data)

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
    ids = {attributes.get("id") for _, attributes in page.elements}
    wanted = {f"shop_online-{code}" for code in PICTURES}
    assert wanted | {"company-quality", "company-freshness", "company-reconciliation"} <= ids
    drawn = {key.rpartition("-")[0] for key in page.figures}
    assert wanted <= drawn


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
    assert rendered.count('class="main-svg"') >= 2 * len(PICTURES)
    assert "hacked is not defined" not in done.stderr
