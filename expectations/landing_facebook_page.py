"""What a Facebook Page's records must be before they are accepted."""

import great_expectations.expectations as gxe

from expectations.records import LANDED, filled

TABLES = {
    "pages": {"columns": {}, "expectations": LANDED},
    "conversations": {"columns": {}, "expectations": LANDED},
    "messages": {
        "columns": {
            "conversation_id": "payload ->> 'conversation_id'",
            "customer_id": "payload ->> 'customer_id'",
        },
        "expectations": LANDED
        | {
            "every_message_has_a_conversation": filled("conversation_id"),
            "every_message_has_a_customer": filled("customer_id"),
        },
    },
    "posts": {"columns": {}, "expectations": LANDED},
    "page_insights": {"columns": {}, "expectations": LANDED},
    "post_insights": {
        "columns": {"views": "(payload #>> '{values,post_media_view}')::numeric"},
        "expectations": LANDED
        | {
            "no_post_has_fewer_views_than_none": gxe.ExpectColumnValuesToBeBetween(
                column="views", min_value=0, severity="critical"
            ),
        },
    },
    "ratings": {
        "columns": {
            "recommendation_type": "payload ->> 'recommendation_type'",
            "rating": "(payload ->> 'rating')::numeric",
        },
        "expectations": LANDED
        | {
            "recommendations_are_positive_or_negative": gxe.ExpectColumnValuesToBeInSet(
                column="recommendation_type", value_set=["positive", "negative"], severity="critical"
            ),
            "every_rating_is_1_to_5": gxe.ExpectColumnValuesToBeBetween(
                column="rating", min_value=1, max_value=5, severity="critical"
            ),
        },
    },
}
