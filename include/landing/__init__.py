"""Land, check, accept: a source's records become versions in `raw_<source>`, each exactly once.

`land` copies records as they came into `landing_<source>` and moves the cursor in the same
transaction. `check` (here: types; `include.quality`: expectations) looks at what landed. `accept`
adds to `raw_<source>` what differs from the current version of its key, in the order of the
source's own version, and quarantines verbatim what cannot be taken. Each step can be killed and
run again: a landing is in one state, and a replay of the same records adds nothing.
"""

from include.landing.accepting import accept, confirm, reject
from include.landing.drift import Drift, drifts
from include.landing.holding import have_landed, hold, release
from include.landing.pulling import backfill_window, land
from include.landing.tables import prepare
from include.landing.types import check_types
from include.landing.waiting import Landing, SourceBusy, landed

__all__ = [
    "Drift",
    "Landing",
    "SourceBusy",
    "accept",
    "backfill_window",
    "check_types",
    "confirm",
    "drifts",
    "have_landed",
    "hold",
    "land",
    "landed",
    "prepare",
    "reject",
    "release",
]
