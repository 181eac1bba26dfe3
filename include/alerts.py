"""Tell a person what needs one: in the log, and at CX_ALERT_URL where it is set."""

import logging
from collections.abc import Mapping

import requests

from include import settings

log = logging.getLogger(__name__)


def failed(context: Mapping[str, object]) -> None:
    """Tell which task failed and why."""
    instance = context["task_instance"]
    why = " ".join(str(context.get("exception")).split())[:1500]
    tell(f"{instance.dag_id}.{instance.task_id} failed ({instance.run_id}): {why}")


def tell(text: str) -> None:
    """Send a sentence as JSON with a `text`, which Slack, Teams and Mattermost read.

    An alert that cannot be sent is logged and stops nothing.
    """
    log.error(text)
    if settings.ALERT_URL:
        try:
            requests.post(settings.ALERT_URL, json={"text": text}, timeout=10).raise_for_status()
        except requests.RequestException as error:
            log.error("the alert could not be sent to CX_ALERT_URL: %s", error)
