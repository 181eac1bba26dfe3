"""Which pictures a business unit has: the series of each, how it is drawn, where its words are.

A new picture is a row of `PLANS`. Its sentence is the metric's own definition, read from the
catalogue, so that the page and the warehouse cannot disagree; a sum of a column brings its own.
"""

from dataclasses import dataclass

from include.delivery.figures import BLUE, GREEN, ORANGE
from include.delivery.numerals import Text

Variants = tuple[str, ...]
"""Codes in order of preference: the first that a unit has is drawn, and named under the picture."""


@dataclass(frozen=True)
class Plan:
    """What a picture draws: series of one measure, in a panel per period grain."""

    code: str
    title: Text
    kind: str
    """The `Measure` of its values."""
    style: str
    series: tuple[tuple[str, Text, str], ...]
    """Code of the metric or of the summed column, name in the legend, colour."""
    panels: tuple[tuple[str, Variants], ...] = (("month", ("",)), ("week", ("",)))
    definition: Text | None = None


def _metric(code: str, metric: str, title: Text, kind: str, style: str, colour: str, **panels: str) -> Plan:
    """Return the plan of one metric; PANELS maps each grain to its variants."""
    grains = tuple((grain, tuple(variants.split())) for grain, variants in panels.items())
    return Plan(code, title, kind, style, ((metric, title, colour),), grains)


PLANS = (
    Plan(
        "revenue", Text("Doanh thu thuần", "Net revenue"), "money", "bars",
        (("net_revenue", Text("Doanh thu thuần", "Net revenue"), BLUE),),
        definition=Text(
            "Giá trị hàng đã bán trừ giảm giá và trừ tiền hoàn, tính theo ngày hoàn; "
            "không gồm thuế và phí giao hàng.",
            "Merchandise sold less discounts and less refunds, these on the day of the refund; "
            "without tax and shipping.",
        ),
    ),
    Plan(
        "orders", Text("Đơn hàng", "Orders"), "count", "line",
        (
            ("order_count", Text("Đơn hàng", "Orders"), BLUE),
            ("cod_order_count", Text("trong đó COD", "of which COD"), GREEN),
            ("cancelled_order_count", Text("Đơn huỷ, thất bại", "Cancelled or failed"), ORANGE),
        ),
        definition=Text(
            "Đơn theo ngày đặt; đơn huỷ và đơn thất bại tính riêng. COD là đơn thu tiền khi giao.",
            "Orders by the day they were placed; cancelled and failed ones are counted apart. "
            "COD is paid on delivery.",
        ),
    ),
    _metric(
        "nps", "cx.nps", Text("NPS", "NPS"), "score", "intervals", BLUE,
        month="transactional relational", quarter="relational transactional",
    ),
    _metric(
        "csat", "cx.csat", Text("CSAT", "CSAT"), "share", "intervals", GREEN,
        month="top2 binary", week="top2 binary",
    ),
    _metric(
        "first_response", "cx.first_response_time",
        Text("Thời gian phản hồi đầu tiên (trung vị)", "First response time (median)"),
        "seconds", "line", BLUE,
        month="human_calendar human_business", week="human_calendar human_business",
    ),
    _metric(
        "order_value", "ecommerce.average_order_value",
        Text("Giá trị trung bình mỗi đơn", "Average order value"), "money", "bars", BLUE,
        month="net", week="net",
    ),
    _metric(
        "repurchase", "ecommerce.periodical_purchase",
        Text("Tỷ lệ mua lại", "Repurchase rate"), "share", "intervals", ORANGE,
        quarter="quarter", month="next_90d", half="half", year="year",
    ),
)  # fmt: skip
