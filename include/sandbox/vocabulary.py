"""The words of the synthetic company: Vietnamese names, products, what customers write."""

FAMILY_NAMES = {
    "Nguyễn": 31, "Trần": 10, "Lê": 9, "Phạm": 6, "Hoàng": 5, "Phan": 4.5, "Vũ": 4, "Võ": 4,
    "Đặng": 2.5, "Bùi": 2.5, "Đỗ": 2, "Hồ": 1.5, "Ngô": 1.5, "Dương": 1, "Lý": 0.5, "Đinh": 1,
    "Trịnh": 1, "Đoàn": 1, "Lương": 1, "Mai": 0.7, "Cao": 0.7, "Tạ": 0.6, "Châu": 0.5,
}  # fmt: skip
MIDDLE_NAMES = (
    ("Thị", "Thị", "Thị", "Ngọc", "Thanh", "Thu", "Kim", "Minh", "Bích", "Phương", "Mỹ", "Hồng"),
    ("Văn", "Văn", "Văn", "Hữu", "Đức", "Minh", "Quang", "Công", "Xuân", "Thanh", "Quốc", "Đình"),
)
GIVEN_NAMES = (
    ("Lan", "Hoa", "Hương", "Linh", "Trang", "Hà", "Thảo", "Nga", "Yến", "Nhung", "Ánh", "Vy",
     "My", "Ngân", "Quỳnh", "Thủy", "Hằng", "Hạnh", "Dung", "Loan", "Tuyết", "Diễm", "Châu",
     "Khánh Linh", "Bảo Trâm", "Tường Vi", "Mai Anh", "Như Ý", "Thúy", "Oanh", "Giang", "Xuân"),
    ("Hùng", "Dũng", "Tuấn", "Nam", "Long", "Sơn", "Hải", "Phong", "Đạt", "Thắng", "Khoa", "Bình",
     "Huy", "Quân", "Phúc", "Cường", "Hiếu", "Kiên", "Thành", "Tiến", "Vinh", "Tài", "Trung",
     "Gia Bảo", "Nhật Minh", "Anh Tuấn", "Đức Anh", "Hoàng Anh", "Khang", "Lộc", "Nghĩa", "Toàn"),
)  # fmt: skip
HONORIFICS = (("Chị", "Cô", "Ms"), ("Anh", "Chú", "Mr"))

CATEGORIES = {
    "Chăm sóc da": ("SK", ("Sữa rửa mặt", "Kem chống nắng", "Nước tẩy trang", "Serum dưỡng ẩm",
                           "Mặt nạ giấy"), (89, 420)),
    "Trang điểm": ("TD", ("Son dưỡng", "Phấn nước", "Kẻ mắt", "Phấn phủ", "Má hồng"), (79, 380)),
    "Chăm sóc tóc": ("CT", ("Dầu gội bưởi", "Dầu xả", "Ủ tóc", "Tinh dầu dưỡng tóc",
                            "Xịt dưỡng tóc"), (65, 260)),
    "Mẹ và bé": ("MB", ("Tã quần", "Khăn ướt", "Sữa tắm em bé", "Bình sữa", "Yếm ăn dặm"),
                 (45, 390)),
    "Đồ gia dụng": ("GD", ("Nước giặt", "Nước rửa chén", "Hộp thủy tinh", "Bình giữ nhiệt",
                           "Khăn bông"), (39, 450)),
    "Thực phẩm": ("TP", ("Cà phê rang xay", "Trà ô long", "Hạt điều rang muối", "Mật ong rừng",
                         "Nước mắm nhĩ"), (49, 320)),
    "Sức khỏe": ("SU", ("Vitamin C", "Dầu cá", "Tinh bột nghệ", "Collagen", "Men vi sinh"),
                 (99, 690)),
    "Thời trang": ("TT", ("Áo thun", "Áo sơ mi", "Quần jean", "Chân váy", "Túi vải"), (119, 590)),
}  # fmt: skip
"""Category, its code in an SKU, its kinds of product, its range of prices in thousands of dong."""
VARIANTS = ("loại thường", "cao cấp", "tiết kiệm", "phiên bản mới", "hộp quà")

TOPICS = ("giao_hang", "doi_tra", "san_pham", "thanh_toan", "tu_van")
QUESTIONS = {
    "giao_hang": ("Đơn {order} giao trễ", "Shop ơi đơn {order} của mình bao giờ giao vậy ạ?"),
    "doi_tra": ("Đổi trả đơn {order}", "Sản phẩm trong đơn {order} bị lỗi, mình muốn đổi trả."),
    "san_pham": ("Hỏi về sản phẩm", "Sản phẩm này dùng cho da nhạy cảm được không shop?"),
    "thanh_toan": (
        "Thanh toán đơn {order}",
        "Mình đã chuyển khoản đơn {order} mà chưa được xác nhận.",
    ),
    "tu_van": ("Cần tư vấn", "Shop tư vấn giúp mình chọn quà tặng mẹ với ạ."),
}
BOT_REPLY = "Cảm ơn bạn đã liên hệ! Nhân viên sẽ trả lời trong ít phút."
AGENT_REPLIES = (
    "Dạ em chào anh/chị, em đã nhận được thông tin và đang kiểm tra ạ.",
    "Dạ đơn của mình đang trên đường giao, anh/chị giữ máy giúp em nhé.",
    "Dạ em xin lỗi vì sự bất tiện này, em đã tạo yêu cầu đổi hàng ạ.",
    "Dạ em cảm ơn anh/chị đã mua hàng, có gì anh/chị nhắn em nhé.",
)
CUSTOMER_REPLIES = (
    "Ok shop, cảm ơn nhé.",
    "Vẫn chưa thấy gì shop ơi!",
    "Mình chờ lâu quá rồi.",
    "Dạ vâng ạ.",
)
AGENTS = ("Trợ lý ảo", "Trần Minh Thư", "Lê Quốc Đạt", "Phạm Hồng Nhung", "Vũ Hải Yến",
          "Ngô Thanh Tùng", "Đặng Mỹ Linh", "Bùi Công Danh")  # fmt: skip
"""Who answers; the first is a bot."""
PRAISE = ("Rất hài lòng, sẽ ủng hộ tiếp", "Giao nhanh, đóng gói kỹ", "Nhân viên dễ thương", "")
BLAME = ("Giao hàng quá chậm", "Hàng lỗi, đổi trả lâu", "Nhắn tin không ai trả lời", "Thất vọng")

GATEWAYS = (
    ("COD", "Thanh toán khi giao hàng (COD)", 62),
    ("BANKTRANSFER", "Chuyển khoản qua ngân hàng", 14),
    ("MOMO", "Ví điện tử MoMo", 11),
    ("ZALOPAY", "Ví ZaloPay", 4),
    ("VNPAY", "Thẻ ATM/Visa qua VNPAY", 8),
    ("GIFTCARD", "Phiếu quà tặng", 1),
    ("CASH", "Tiền mặt", 0),
)
"""Code and name as Haravan writes them, and how many in a hundred online orders pay so."""
ORDER_SOURCES = (("web", 58), ("android", 16), ("iphone", 12), ("harasocial", 14), ("pos", 0))
TICKET_CHANNELS = (("web", 30), ("email", 25), ("chat", 20), ("facebook", 15), ("any_channel", 10))
STORES = ("Q1-NGUYENHUE", "TD-THAODIEN", "HN-CAUGIAY", "DN-HAICHAU")

AD_CAMPAIGNS = (
    ("facebook_ads", "120210544870120", "FB | Chăm sóc da | Khách mới", "shop_online", 30),
    ("facebook_ads", "120210544870121", "FB | Giỏ hàng bỏ quên", "shop_online", 12),
    ("facebook_ads", "120210544870122", "FB | Mẹ và bé | Khách mới", "shop_online", 14),
    ("facebook_ads", "120210544870123", "FB | Cài ứng dụng thói quen", "habit_app", 10),
    ("google_ads", "20511883001", "GG | Tìm kiếm thương hiệu", "shop_online", 8),
    ("google_ads", "20511883002", "GG | Mua sắm | Toàn bộ sản phẩm", "shop_online", 18),
    ("google_ads", "20511883003", "GG | Ứng dụng thói quen", "habit_app", 9),
    ("google_ads", "20511883004", "GG | Phần mềm bán hàng", "sales_software", 11),
)
"""Where it is bought, the platform's id, its name, the business unit, and its share of the money."""
