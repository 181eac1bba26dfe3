"""Which pictures a business unit has: the series of each, how it is drawn, where its words are.

A new picture is a row of `PLANS`. Its sentence is the metric's own definition, read from the
catalogue, so that the page and the warehouse cannot disagree; a sum of a column brings its own.
"""

from dataclasses import dataclass

from include.delivery.figures import BLUE, GREEN, ORANGE
from include.delivery.numerals import Text


@dataclass(frozen=True)
class Plan:
    """What a picture draws: series of one measure, and the variants in order of preference."""

    code: str
    title: Text
    kind: str
    style: str
    grains: tuple[str, ...]
    series: tuple[tuple[str, Text, str], ...]
    """Code of the metric or of the summed column, name in the legend, colour."""
    variants: tuple[str, ...] = ("",)
    definition: Text = Text("", "")


def _metric(
    code: str, metric: str, title: Text, kind: str, style: str, colour: str, variants: str,
    grains: str = "month week",
) -> Plan:  # fmt: skip
    series = ((metric, title, colour),)
    return Plan(code, title, kind, style, tuple(grains.split()), series, tuple(variants.split()))


PLANS = (
    Plan(
        "revenue", Text("Doanh thu thuần", "Net revenue"), "money", "bars", ("month", "week"),
        (("net_revenue", Text("Doanh thu thuần", "Net revenue"), BLUE),),
        definition=Text(
            "Giá trị hàng đã bán trừ giảm giá và trừ tiền hoàn, tính theo ngày hoàn; "
            "không gồm thuế và phí giao hàng.",
            "Merchandise sold less discounts and less refunds, these on the day of the refund; "
            "without tax and shipping.",
        ),
    ),
    Plan(
        "orders", Text("Đơn hàng, COD và đơn huỷ", "Orders, COD and cancelled"), "count", "line",
        ("month", "week"),
        (
            ("order_count", Text("Đơn hàng", "Orders"), BLUE),
            ("cod_order_count", Text("trong đó COD", "of which COD"), GREEN),
            ("cancelled_order_count", Text("Đơn huỷ", "Cancelled"), ORANGE),
        ),
        definition=Text(
            "Số đơn theo ngày đặt; COD là đơn thu tiền khi giao.",
            "Orders by the day they were placed; COD is paid on delivery.",
        ),
    ),
    _metric("nps", "cx.nps", Text("NPS", "NPS"), "score", "intervals", BLUE,
            "relational transactional", "month quarter"),
    _metric("csat", "cx.csat", Text("CSAT", "CSAT"), "share", "intervals", GREEN, "top2 binary"),
    _metric("first_response", "cx.first_response_time",
            Text("Thời gian phản hồi đầu tiên (trung vị)", "First response time (median)"),
            "seconds", "line", BLUE, "human_calendar_p50 human_business_p50"),
    _metric("order_value", "ecommerce.average_order_value",
            Text("Giá trị trung bình mỗi đơn", "Average order value"), "money", "bars", BLUE,
            "net net_median", "month"),
    _metric("repurchase", "ecommerce.periodical_purchase",
            Text("Tỷ lệ mua lại", "Repurchase rate"), "share", "intervals", ORANGE,
            "quarter next_90d half year", "quarter month half year"),
)  # fmt: skip
