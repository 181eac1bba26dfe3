"""Where the company's people live, and the ways in which that is written.

In July 2025 Vietnam's 63 provinces became 34, its districts went, and wards were merged. Half of all
addresses still name the units of before; of the rest nobody writes a district.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """A ward as it was, and the province and ward that it is a part of now."""

    province: str
    code: str
    """Of the province, as Haravan and Sapo write it; the merged one keeps one of its former codes."""
    district: str
    ward: str
    weight: int
    province_now: str
    code_now: str
    ward_now: str


@dataclass(frozen=True)
class Address:
    """How one profile writes where somebody lives; the district is empty after the merger."""

    province: str
    code: str
    district: str
    ward: str

    def __str__(self) -> str:
        """Return it in one line, the smallest unit first."""
        return ", ".join(part for part in (self.ward, self.district, self.province) if part)


PLACES = tuple(Place(*each) for each in (
    ("Hồ Chí Minh", "HC", "Quận 1", "Phường Bến Nghé", 13, "Hồ Chí Minh", "HC", "Phường Sài Gòn"),
    ("Hồ Chí Minh", "HC", "Quận Bình Thạnh", "Phường 25", 9, "Hồ Chí Minh", "HC", "Phường Thạnh Mỹ Tây"),
    ("Hồ Chí Minh", "HC", "Thành phố Thủ Đức", "Phường Thảo Điền", 8, "Hồ Chí Minh", "HC", "Phường An Khánh"),
    ("Hà Nội", "HN", "Quận Cầu Giấy", "Phường Dịch Vọng", 10, "Hà Nội", "HN", "Phường Cầu Giấy"),
    ("Hà Nội", "HN", "Quận Đống Đa", "Phường Láng Hạ", 8, "Hà Nội", "HN", "Phường Láng"),
    ("Đà Nẵng", "DA", "Quận Hải Châu", "Phường Thạch Thang", 5, "Đà Nẵng", "DA", "Phường Hải Châu"),
    ("Cần Thơ", "CN", "Quận Ninh Kiều", "Phường An Khánh", 4, "Cần Thơ", "CN", "Phường Tân An"),
    ("Hải Phòng", "HP", "Quận Lê Chân", "Phường Dư Hàng", 4, "Hải Phòng", "HP", "Phường Lê Chân"),
    ("Bình Dương", "BD", "Thành phố Thủ Dầu Một", "Phường Phú Cường", 5,
     "Hồ Chí Minh", "HC", "Phường Thủ Dầu Một"),
    ("Bà Rịa - Vũng Tàu", "BV", "Thành phố Vũng Tàu", "Phường Thắng Tam", 3,
     "Hồ Chí Minh", "HC", "Phường Vũng Tàu"),
    ("Đồng Nai", "DN", "Thành phố Biên Hòa", "Phường Trung Dũng", 5, "Đồng Nai", "DN", "Phường Trấn Biên"),
    ("Khánh Hòa", "KH", "Thành phố Nha Trang", "Phường Lộc Thọ", 3, "Khánh Hòa", "KH", "Phường Nha Trang"),
    ("Thừa Thiên Huế", "TH", "Thành phố Huế", "Phường Phú Hội", 2, "Huế", "TH", "Phường Thuận Hóa"),
    ("Quảng Nam", "QM", "Thành phố Tam Kỳ", "Phường An Mỹ", 3, "Đà Nẵng", "DA", "Phường Tam Kỳ"),
    ("Bình Định", "BI", "Thành phố Quy Nhơn", "Phường Lê Lợi", 3, "Gia Lai", "GL", "Phường Quy Nhơn"),
    ("Nghệ An", "NA", "Thành phố Vinh", "Phường Hưng Bình", 3, "Nghệ An", "NA", "Phường Thành Vinh"),
    ("Lâm Đồng", "LD", "Thành phố Đà Lạt", "Phường 8", 2, "Lâm Đồng", "LD", "Phường Lâm Viên - Đà Lạt"),
    ("Quảng Ninh", "QN", "Thành phố Hạ Long", "Phường Bãi Cháy", 2, "Quảng Ninh", "QN", "Phường Bãi Cháy"),
    ("Đắk Lắk", "DC", "Thành phố Buôn Ma Thuột", "Phường Tân Lợi", 2,
     "Đắk Lắk", "DC", "Phường Buôn Ma Thuột"),
    ("Long An", "LA", "Thành phố Tân An", "Phường 2", 3, "Tây Ninh", "TY", "Phường Long An"),
    ("Thái Bình", "TB", "Thành phố Thái Bình", "Phường Lê Hồng Phong", 2,
     "Hưng Yên", "HY", "Phường Thái Bình"),
    ("Nam Định", "ND", "Thành phố Nam Định", "Phường Trần Hưng Đạo", 2,
     "Ninh Bình", "NB", "Phường Nam Định"),
    ("Kiên Giang", "KG", "Thành phố Rạch Giá", "Phường Vĩnh Thanh", 2, "An Giang", "AG", "Phường Rạch Giá"),
))  # fmt: skip


STREETS = ("Lê Lợi", "Nguyễn Huệ", "Trần Hưng Đạo", "Hai Bà Trưng", "Lý Thường Kiệt", "Quang Trung")


def street(lot: int) -> str:
    """Return a house and its street; LOT picks them."""
    return f"{lot % 200 + 1} {STREETS[lot % len(STREETS)]}"


def written(place: int, lot: int) -> Address:
    """Return how a profile writes a place; LOT, any number of the profile's, decides how.

    Half write the units of before the merger. A fifth shorten the ward, and one in twenty mistypes it.
    """
    # neighbouring rows must not write alike, nor alike in every channel
    dice = (lot * 2_654_435_761 + place * 40_503) % (1 << 32)
    is_before, chance = dice >> 31, (dice >> 8) % 100
    at = PLACES[place]
    parts = (at.province, at.code, at.district, at.ward) if is_before else (
        at.province_now, at.code_now, "", at.ward_now
    )  # fmt: skip
    province, code, district, ward = parts
    if chance < 20:
        ward = ward.replace("Phường ", "P. ")
    elif chance < 25:
        # the last letter is struck twice
        ward += ward[-1]
    return Address(province, code, district, ward)
