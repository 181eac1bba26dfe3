"""A signature goes where the one before stood, and is of the vendor's path alone."""

from urllib.parse import parse_qsl, urlsplit

from requests import PreparedRequest, Request

from include import signing


def signed(request: PreparedRequest, shown: dict[str, str]) -> list[tuple[str, str]]:
    """Sign a call, readably, and return its parameters."""
    home = "https://proxy.example/vendor/"
    signing.put(request, home, shown, lambda path, asked: f"{path} {signing.in_order(asked)}")
    return parse_qsl(urlsplit(request.url).query)


def test_a_call_that_is_sent_again_is_signed_anew() -> None:
    asked = [("status", "b"), ("status", "a"), ("note", "cà phê & bánh")]
    request = Request("GET", "https://proxy.example/vendor/orders/get", params=asked).prepare()
    signed(request, {"timestamp": "1"})
    assert signed(request, {"timestamp": "2"}) == [
        *asked,
        ("timestamp", "2"),
        ("sign", "/orders/get notecà phê & bánhstatusatimestamp2"),
    ]
