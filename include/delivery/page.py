"""The dashboard: one HTML file that asks nobody for anything, in Vietnamese and English.

The charts are Plotly's, because its wheel carries its JavaScript whole: an installation without the
internet has it, and no third-party code is committed. The file is opened from a disk or an e-mail,
so nothing may be fetched: its content security policy forbids every request, and lets no script run
but the two that it names by their hash. What came out of a database is text in it, never markup.
"""

import base64
import hashlib
import json
from datetime import datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import jinja2
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from include.delivery.cards import Card, unit_cards
from include.delivery.figures import moment
from include.delivery.focus import unit_focus
from include.delivery.freshness import freshness_card
from include.delivery.numerals import both
from include.delivery.outgoing import replaced
from include.delivery.pictures import unit_pictures
from include.delivery.quality import SEVERITIES, quality_card
from include.delivery.reading import read
from include.delivery.reconciliation import reconciliation_card
from include.delivery.snapshot import snapshot
from include.delivery.tiles import unit_tiles

ASSETS = Path(__file__).parent / "assets"
NAME = "index.html"
COMPANY_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
"""As `published_at_local`: what stands side by side is in one zone."""


def write_page(folder: Path) -> Path:
    """Write the dashboard of the publication that readers see now to FOLDER; return its path.

    Raises:
        SettingMissing: the password of `cx_reader` is nowhere to be found.
        psycopg2.Error: the warehouse does not answer, or a published table lacks a column.
        ValueError: a script holds its own end tag, so that embedding it would cut it short.
    """
    with snapshot() as published:
        reading = read(published)
        units = [
            (unit, unit_focus(published, reading, unit), unit_pictures(published, reading, unit))
            for unit in reading.units
        ]
        gate = [quality_card(published), freshness_card(published), reconciliation_card(published)]
    gate = [card for card in gate if card.panels]
    sections = [
        (unit, focus, unit_tiles(reading, unit), [*pictures, *unit_cards(reading, unit)])
        for unit, focus, pictures in units
    ]
    sections = [section for section in sections if section[3]]
    cards = [card for *_, cards in sections for card in cards] + gate
    cards += [focus.card for _, focus, *_ in sections if focus]
    scripts = [get_plotlyjs(), (ASSETS / "page.js").read_text()]
    if any("</script" in script for script in scripts):
        raise ValueError("a script holds its own end tag: it cannot be embedded")
    page = _template().render(
        sections=sections,
        gate=gate,
        publication=reading.publication,
        severities=SEVERITIES,
        at=lambda time: both(partial(moment, time)),
        written_at=datetime.now(COMPANY_ZONE),
        policy=_policy(scripts),
        style=Markup((ASSETS / "page.css").read_text()),  # noqa: S704 - our own file
        scripts=[Markup(script) for script in scripts],  # noqa: S704 - our own file
        figures=Markup(_figures(cards)),  # noqa: S704 - our own file
    )
    path = folder / NAME
    with replaced(path) as unfinished:
        unfinished.write_text(page, encoding="utf-8")
    return path


def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(ASSETS),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html.j2")


def _policy(scripts: list[str]) -> str:
    """Return the content security policy that lets SCRIPTS run and nothing be fetched."""
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
        for script in scripts
    )
    # Plotly writes its rules into a style element of its own
    return f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data: blob:"


def _figures(cards: list[Card]) -> str:
    """Return every figure as JSON that cannot end the script element it stands in."""
    figures = {
        f"{card.code}-{index}": panel.figure for card in cards for index, panel in enumerate(card.panels)
    }
    text = json.dumps(figures, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
