"""The workbook's first sheet: what was published, and a block of months and charts per unit."""

from dataclasses import dataclass
from datetime import date

from xlsxwriter.chart import Chart
from xlsxwriter.utility import quote_sheetname, xl_range_abs
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from include.delivery.cards import chosen
from include.delivery.figures import BLUE, GREEN, LINE, MUTED, ORANGE
from include.delivery.periods import Point, with_gaps
from include.delivery.plans import PLANS
from include.delivery.reading import Reading, Series, Unit
from include.delivery.sheets import Styles, money_style, write_cell


@dataclass(frozen=True)
class Measured:
    """A column of months and its chart; `errors` is where its interval's two columns begin."""

    code: str
    title: str
    style: str
    colour: str
    column: int
    errors: int | None = None


MEASURED = (
    Measured("revenue", "Doanh thu thuần", "money", BLUE, 1),
    Measured("orders", "Đơn hàng", "count", GREEN, 2),
    Measured("nps", "NPS", "score", BLUE, 3, errors=5),
    Measured("csat", "CSAT", "share", ORANGE, 4, errors=7),
)
MONTHS = 12
CHART_COLUMN = 10
CHART_ROWS = 16
CHART_SIZE = {"width": 470, "height": 300}
MILLION = 1e6


def write_summary(book: Workbook, sheet: Worksheet, reading: Reading, looks: Styles) -> None:
    """Write the summary from the top of SHEET, row after row."""
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.set_column(0, 4, 16)
    sheet.set_column(5, CHART_COLUMN - 2, 8)
    sheet.set_column(CHART_COLUMN - 1, CHART_COLUMN - 1, 2)
    sheet.write_string(0, 0, "Trải nghiệm khách hàng / Customer experience", looks.title)
    top = 1
    for top, text in enumerate(_facts(reading), start=1):
        sheet.write_string(top, 0, text, looks.note)
    for unit in reading.units:
        top = _write_unit(book, sheet, top + 2, reading, unit, looks)


def _facts(reading: Reading) -> list[str]:
    publication = reading.publication
    if publication is None:
        return ["Chưa có lần công bố nào / Nothing has been published yet"]
    failed = ", ".join(f"{n} {severity}" for severity, n in sorted(publication.failed.items()))
    return [
        f"Công bố số / Publication {publication.number}, {publication.published_at:%d/%m/%Y %H:%M} "
        "(giờ Việt Nam / Vietnam time)",
        f"Kiểm tra / Checks: {publication.passed} đạt / passed; {failed or '0'} không đạt / failed",
        "Chỉ gồm các tháng trọn vẹn; ô trống là không có dữ liệu / "
        "Whole months only; an empty cell means no data",
        "− và +: khoảng tin cậy 95 % cách giá trị bao xa / "
        "− and +: how far the 95 % interval reaches from the value",
    ]


def _write_unit(
    book: Workbook, sheet: Worksheet, top: int, reading: Reading, unit: Unit, looks: Styles
) -> int:
    """Write a unit's block from row TOP; return its last row."""
    name = f"{unit.name.vi} / {unit.name.en} ({unit.currency})"
    write_cell(sheet, top, 0, name, looks, looks.title)
    series = {each.code: _months(reading, unit, each.code) for each in MEASURED}
    months = sorted({month for points in series.values() for month in points})[-MONTHS:]
    if not months:
        sheet.write_string(top + 1, 0, "Chưa có dữ liệu / No data yet", looks.note)
        return top + 1
    sheet.write_string(top + 1, 0, "Tháng / Month", looks.header)
    for each in MEASURED:
        sheet.write_string(top + 1, each.column, each.title, looks.heading)
        if each.errors is not None:
            for side, sign in enumerate("−+"):
                sheet.write_string(top + 1, each.errors + side, f"{each.title} {sign}", looks.heading)
    first, last = top + 2, top + 1 + len(months)
    for row, month in enumerate(months, start=first):
        write_cell(sheet, row, 0, month, looks, looks.month)
        for each in MEASURED:
            _write_point(sheet, row, each, series[each.code].get(month), looks)
    drawn = [each for each in MEASURED if any(_value(p) is not None for p in series[each.code].values())]
    for index, each in enumerate(drawn):
        values = [_value(series[each.code].get(month)) or 0 for month in months]
        chart = _chart(book, sheet, each, first, last, max(values))
        place = {"x_offset": index % 2 * (CHART_SIZE["width"] + 12), "description": each.title}
        sheet.insert_chart(top + 1 + index // 2 * CHART_ROWS, CHART_COLUMN, chart, place)
    return max(last, top + 1 + -(-len(drawn) // 2) * CHART_ROWS)


def _months(reading: Reading, unit: Unit, code: str) -> dict[date, Point]:
    plan = next(plan for plan in PLANS if plan.code == code)
    variant = chosen(reading, unit, plan, "month") or ""
    points = reading.points.get(Series(unit.code, plan.parts[0].metric, variant, "month"), ())
    return {point.start: point for point in with_gaps(points, "month")}


def _value(point: Point | None) -> float | None:
    return point.value if point else None


def _write_point(sheet: Worksheet, row: int, measured: Measured, point: Point | None, looks: Styles) -> None:
    value = _value(point)
    style = getattr(looks, measured.style)
    if measured.style in ("money", "count"):
        style = money_style(value, looks)
    write_cell(sheet, row, measured.column, value, looks, style)
    if measured.errors is not None and point is not None:
        # error bars want distances, where the warehouse keeps bounds
        for side, (upper, lower) in enumerate(((value, point.low), (point.high, value))):
            if upper is not None and lower is not None:
                write_cell(sheet, row, measured.errors + side, round(upper - lower, 6), looks, style)


def _chart(
    book: Workbook, sheet: Worksheet, measured: Measured, first: int, last: int, highest: float
) -> Chart:
    """Return a native chart of one column over its months; an interval becomes error bars."""

    def cells(column: int) -> str:
        return f"={quote_sheetname(sheet.get_name())}!{xl_range_abs(first, column, last, column)}"

    series = {"name": measured.title, "categories": cells(0), "values": cells(measured.column)}
    axis = {"major_gridlines": {"visible": True, "line": {"color": LINE}}, "line": {"none": True}}
    if measured.errors is None:
        chart = book.add_chart({"type": "column"})
        series |= {"fill": {"color": measured.colour}, "gap": 60}
        # bars are compared by their length
        axis |= {"min": 0, "num_format": "#,##0"}
        if highest >= 10 * MILLION:
            axis |= {"display_units": "millions", "display_units_visible": True}
    else:
        chart = book.add_chart({"type": "line"})
        series |= {
            "line": {"color": measured.colour, "width": 2},
            "marker": {
                "type": "circle", "size": 6,
                "fill": {"color": measured.colour}, "border": {"color": measured.colour},
            },
            "y_error_bars": {
                "type": "custom", "line": {"color": MUTED},
                "minus_values": cells(measured.errors), "plus_values": cells(measured.errors + 1),
            },
        }  # fmt: skip
        axis["num_format"] = "0%" if measured.style == "share" else "0"
    chart.add_series(series)
    chart.set_title({"name": measured.title, "name_font": {"size": 12}})
    chart.set_legend({"none": True})
    chart.set_x_axis({"date_axis": True, "num_format": "mm/yy", "label_position": "low"})
    chart.set_y_axis(axis)
    chart.show_blanks_as("gap")
    chart.set_size(CHART_SIZE)
    return chart
