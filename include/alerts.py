"""Tell a person that a task failed: in the log, and at CX_ALERT_URL where it is set."""

import json
import logging
import urllib.request
from collections.abc import Mapping

from include import settings

log = logging.getLogger(__name__)


def failed(context: Mapping[str, object]) -> None:
    """Send what failed and why as JSON with a `text`, which Slack, Teams and Mattermost read.

    An alert that cannot be sent is logged and stops nothing.
    """
    instance = context["task_instance"]
    why = " ".join(str(context.get("exception")).split())[:1500]
    text = f"{instance.dag_id}.{instance.task_id} failed ({instance.run_id}): {why}"
    log.error(text)
    if settings.ALERT_URL:
        request = urllib.request.Request(
            settings.ALERT_URL,
            json.dumps({"text": text}).encode(),
            {"Content-Type": "application/json"},
        )
        try:
            urllib.request.urlopen(request, timeout=10).close()
        except OSError as error:
            log.error("the alert could not be sent to CX_ALERT_URL: %s", error)
