"""Which pictures a business unit has: the parts of each, how it is drawn, where its words are.

A new picture is a row of `PLANS`. Its sentence is the metric's own definition, read from the
catalogue, so that the page and the warehouse cannot disagree; a sum of a column brings its own. A
unit has those of which it has data; what is not a measure over time is in `pictures`.
"""

from dataclasses import dataclass

from include.delivery.figures import BLUE, GREEN, ORANGE, RED, STEPS
from include.delivery.numerals import Text

Variants = tuple[str, ...]
"""Codes in order of preference: the first that a unit has is drawn, and named under the picture."""


@dataclass(frozen=True)
class Part:
    """One line of a picture: a metric or a summed column, in one variant and of one segment."""

    metric: str
    name: Text
    """As in the legend."""
    colour: str
    variant: str = ""
    """Empty where the panel's preference tells, and where the metric is a column."""
    segment: str = "all"
    style: str = ""
    """Empty where it is the plan's."""


@dataclass(frozen=True)
class Plan:
    """What a picture draws: parts of one measure, in a panel per period grain."""

    code: str
    title: Text
    kind: str
    """The `Measure` of its values, where the catalogue names no unit that has one."""
    style: str
    parts: tuple[Part, ...]
    panels: tuple[tuple[str, Variants], ...] = (("month", ("",)), ("week", ("",)))
    definition: Text | None = None
    table: str = ""
    """Where a column is read from; empty where the picture is of a metric."""
    types: tuple[str, ...] = ()
    """The business types that it is drawn for; empty for all."""


def _metric(code: str, metric: str, title: Text, kind: str, style: str, colour: str, **panels: str) -> Plan:
    """Return the plan of one metric; PANELS maps each grain to its variants.

    Where a unit has none of them, the metric's default variant is drawn.
    """
    grains = tuple((grain, tuple(variants.split())) for grain, variants in panels.items())
    return Plan(code, title, kind, style, (Part(metric, title, colour),), grains)


def _variants(
    code: str,
    metric: str,
    title: Text,
    kind: str,
    grains: str,
    *parts: tuple[str, Text, str],
    style: str = "line",
) -> Plan:
    """Return the plan of several variants of one metric in one picture: code, name and colour of each."""
    return Plan(
        code,
        title,
        kind,
        style,
        tuple(Part(metric, name, colour, variant) for variant, name, colour in parts),
        tuple((grain, ()) for grain in grains.split()),
    )


def _segments(
    code: str, metric: str, title: Text, kind: str, style: str, variant: str, grains: str,
    *parts: tuple[str, Text, str],
) -> Plan:  # fmt: skip
    """Return the plan of several segments of one variant in one picture: code, name, colour of each."""
    return Plan(
        code,
        title,
        kind,
        style,
        tuple(Part(metric, name, colour, variant, segment) for segment, name, colour in parts),
        tuple((grain, ()) for grain in grains.split()),
    )


REVENUE = Text("Doanh thu thuần", "Net revenue")
SALES = (
    Plan(
        "revenue", REVENUE, "money", "bars", (Part("net_revenue", REVENUE, BLUE),),
        definition=Text(
            "Giá trị hàng đã bán trừ giảm giá và trừ tiền hoàn, tính theo ngày hoàn; "
            "không gồm thuế và phí giao hàng.",
            "Merchandise sold less discounts and less refunds, these on the day of the refund; "
            "without tax and shipping.",
        ),
        table="mart_ecommerce_daily",
    ),
    Plan(
        "orders", Text("Đơn hàng", "Orders"), "count", "line",
        (
            # a total carries its parts
            Part("order_count", Text("Đơn hàng", "Orders"), BLUE, style="bars"),
            Part("cod_order_count", Text("trong đó COD", "of which COD"), GREEN),
            Part("cancelled_order_count", Text("Đơn huỷ, thất bại", "Cancelled or failed"), ORANGE),
        ),
        definition=Text(
            "Đơn theo ngày đặt; đơn huỷ và đơn thất bại tính riêng. COD là đơn thu tiền khi giao.",
            "Orders by the day they were placed; cancelled and failed ones are counted apart. "
            "COD is paid on delivery.",
        ),
        table="mart_ecommerce_daily",
    ),
    _metric(
        "conversion", "ecommerce.conversion_rate", Text("Tỷ lệ chuyển đổi", "Conversion rate"),
        "share", "intervals", BLUE, month="session", week="session",
    ),
    _variants(
        "abandonment", "ecommerce.cart_abandonment", Text("Bỏ giỏ hàng", "Cart abandonment"),
        "share", "month week",
        ("cart", Text("Giỏ hàng", "Carts"), BLUE),
        ("checkout", Text("Thanh toán", "Checkouts"), ORANGE),
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
    _metric(
        "acquisition", "ecommerce.cac", Text("Chi phí mỗi khách mới", "Cost of a new customer"),
        "money", "line", BLUE, month="blended", quarter="blended",
    ),
    # on an axis of its own: where few visits are seen, few are known to come by what was paid for all
    _metric(
        "advertising", "ecommerce.cac", Text("Chi phí mỗi khách từ quảng cáo", "Cost of one by advertising"),
        "money", "line", ORANGE, month="paid", quarter="paid",
    ),
)  # fmt: skip
SOFTWARE = (
    _metric(
        "stickiness", "saas.stickiness", Text("Độ gắn bó", "Stickiness"), "share", "line", BLUE,
        month="dau_mau",
    ),
    _variants(
        "software_churn", "saas.churn", Text("Rời bỏ", "Churn"), "share", "month",
        ("logo", Text("Khách", "Customers"), BLUE),
        ("revenue_gross", Text("Doanh thu, gộp", "Revenue, gross"), ORANGE),
        ("revenue_net", Text("Doanh thu, thuần", "Revenue, net"), GREEN),
    ),
)  # fmt: skip
APPS = (
    Plan(
        "returns", Text("Quay lại sau 1, 7 và 30 ngày", "Back after 1, 7 and 30 days"), "share", "line",
        (
            Part("retained_share", Text("Ngày 1", "Day 1"), BLUE, segment="day_1"),
            Part("retained_share", Text("Ngày 7", "Day 7"), ORANGE, segment="day_7"),
            Part("retained_share", Text("Ngày 30", "Day 30"), GREEN, segment="day_30"),
        ),
        definition=Text(
            "Tỷ lệ người quay lại đúng ngày thứ 1, 7, 30 sau ngày hoạt động đầu tiên, theo kỳ của ngày "
            "đầu tiên. Nhóm đầu tiên không vẽ: ai đã có từ trước cũng nằm trong đó.",
            "Share that was back on the very day 1, 7 or 30 after the first active day, by the period of "
            "that first day. The first cohort is not drawn: it holds everyone who was there before.",
        ),
        table="mart_retention",
        types=("app",),
    ),
    _metric(
        "payers", "app.payer_share", Text("Tỷ lệ người trả tiền", "Share who pay"), "share", "intervals",
        GREEN, month="month",
    ),
    _variants(
        "user_revenue", "app.revenue_per_user", Text("Doanh thu mỗi người dùng", "Revenue per user"),
        "money", "month",
        ("arpu", Text("Trước phí cửa hàng", "Before the store fee"), BLUE),
        ("arpu_net_of_store_fee", Text("Sau phí cửa hàng", "After the store fee"), ORANGE),
    ),
)  # fmt: skip
MEDIA = (
    _metric(
        "audience", "media.audience", Text("Độc giả", "Audience"), "count", "bars", BLUE,
        month="persons", week="persons",
    ),
    _metric(
        "fill_rate", "media.ad_inventory", Text("Tỷ lệ lấp đầy quảng cáo", "Fill rate"), "share", "line",
        GREEN, month="fill_rate", week="fill_rate",
    ),
    _metric(
        "ad_rate", "media.ad_rates", Text("Doanh thu nghìn lượt (eCPM)", "Revenue per mille (eCPM)"),
        "money", "line", ORANGE, month="ecpm", week="ecpm",
    ),
)  # fmt: skip
CONTENT = (
    _segments(
        "engagement_tiers", "ugc.engagement_funnel", Text("Phễu gắn kết", "Engagement funnel"),
        "share", "stack", "tier_share", "month",
        ("lurker", Text("Chỉ xem", "Only read"), STEPS[0]),
        ("reactor", Text("Bày tỏ cảm xúc", "React"), STEPS[1]),
        ("commenter", Text("Bình luận, chia sẻ", "Comment or share"), STEPS[2]),
        ("creator", Text("Đăng bài", "Publish"), STEPS[3]),
        ("core", Text("Nòng cốt", "Core"), STEPS[4]),
    ),
    _metric(
        "creators", "ugc.content_creation", Text("Người đăng nội dung", "Content creation"), "share",
        "intervals", BLUE, month="creator_share", quarter="creator_share",
    ),
    _metric(
        "notifications", "ugc.notification_effect", Text("Tác dụng của thông báo", "Effect of notifications"),
        "share", "intervals", GREEN, month="effect", week="effect",
    ),
    _metric(
        "sharing", "ugc.sharing", Text("Chia sẻ nội dung", "Sharing of content"), "share", "line", ORANGE,
        month="share_rate", week="share_rate",
    ),
)  # fmt: skip
MARKETPLACES = (
    _segments(
        "sides", "marketplace.growth", Text("Người mua và người bán", "Buyers and sellers"), "count",
        "line", "active_end", "month week",
        ("buyer", Text("Người mua", "Buyers"), BLUE),
        ("seller", Text("Người bán", "Sellers"), ORANGE),
    ),
    _variants(
        "search", "marketplace.search", Text("Hiệu quả tìm kiếm", "Search effectiveness"), "share",
        "month week",
        ("search_success", Text("Tìm thấy", "Successful"), BLUE),
        ("zero_result_rate", Text("Không có kết quả", "No result"), ORANGE),
    ),
    _metric(
        "trade", "marketplace.pricing", Text("Giá trị giao dịch (GMV)", "Value of trade (GMV)"), "money",
        "bars", BLUE, month="gmv", week="gmv",
    ),
    _variants(
        "take_rate", "marketplace.pricing", Text("Phần sàn thu", "Take rate"), "share", "month week",
        ("take_rate", Text("Phần sàn thu", "Take rate"), GREEN),
    ),
    _variants(
        "risk_signals", "marketplace.trust", Text("Dấu hiệu gian lận", "Signs of fraud"), "count",
        "month week", ("rule_hits", Text("Dấu hiệu", "Signs"), RED), style="bars",
    ),
    _variants(
        "trust", "marketplace.trust", Text("Uy tín", "Trust"), "share", "month week",
        ("rule_precision", Text("Dấu hiệu đúng", "Signs that were right"), BLUE),
        ("chargeback_rate", Text("Khiếu nại hoàn tiền", "Chargebacks"), RED),
        ("fraud_cancel_share", Text("Huỷ vì gian lận", "Cancelled for fraud"), ORANGE),
    ),
)  # fmt: skip
SERVICE = (
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
)  # fmt: skip
PLANS = (*SALES, *SOFTWARE, *APPS, *MEDIA, *CONTENT, *MARKETPLACES, *SERVICE)
