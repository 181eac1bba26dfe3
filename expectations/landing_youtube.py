"""What a YouTube channel's records must be before they are accepted."""

import great_expectations.expectations as gxe

from expectations.records import LANDED, filled, seldom

FIGURES = {
    "columns": {"views": "(payload ->> 'views')::numeric"},
    "expectations": LANDED
    | {
        "no_day_has_fewer_views_than_none": gxe.ExpectColumnValuesToBeBetween(
            column="views", min_value=0, severity="critical"
        ),
        "every_day_has_views": seldom(
            "problem is null and views is null",
            0.01,
            notes="A report without the column that everything is divided by is another report.",
        ),
    },
}

TABLES = {
    "channels": {"columns": {}, "expectations": LANDED},
    "videos": {
        "columns": {"channel_id": "payload #>> '{snippet,channelId}'"},
        "expectations": LANDED
        | {
            "every_video_has_a_channel": filled(
                "channel_id", "What has none would never be seen to be deleted."
            ),
        },
    },
    "comments": {
        "columns": {"video_id": "payload #>> '{snippet,videoId}'"},
        "expectations": LANDED
        | {
            "nearly_every_comment_is_on_a_video": seldom(
                "problem is null and video_id is null",
                0.1,
                notes="A comment on the channel itself is on none.",
            ),
        },
    },
    "channel_days": FIGURES,
    "video_days": FIGURES,
}
