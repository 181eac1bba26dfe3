"""What must hold before a batch is published: its rows, and cheap invariants of whole tables.

`{batch}` in a query is the rows of the table that this batch changed.
"""

import great_expectations.expectations as gxe


def no_rows(query: str, severity: str, notes: str = "") -> gxe.UnexpectedRowsExpectation:
    """Return an expectation that QUERY finds no row; its rows hold no personal data."""
    return gxe.UnexpectedRowsExpectation(
        unexpected_rows_query=query, severity=severity, notes=notes, meta={"show_rows": True}
    )


def _in_the_calendar(column: str) -> dict[str, gxe.UnexpectedRowsExpectation]:
    """Return that a fact's date lies in the calendar."""
    return {
        "every_date_lies_in_the_calendar": no_rows(
            f"select business_unit_code, min({column}) as earliest, max({column}) as latest from {{batch}} "
            f"where {column} is not null and not exists (select from core.dim_date as d "
            f"where d.calendar_date = {column}) group by 1",
            "critical",
            "A date outside of the calendar has no period and would vanish from every metric.",
        ),
    }


def _dated(column: str) -> dict[str, gxe.UnexpectedRowsExpectation]:
    """Return that a fact's date lies in the calendar and not in the future."""
    return _in_the_calendar(column) | {
        "no_date_lies_in_the_future": no_rows(
            f"select business_unit_code, max({column}) as latest from {{batch}} "
            f"where {column} > current_date + 1 group by 1",
            "critical",
        ),
    }


def _shares(period: str, *columns: str) -> dict[str, gxe.UnexpectedRowsExpectation]:
    """Return that shares of a wide mart lie between none and all."""
    wrong = " or ".join(f"{column} not between 0 and 1" for column in columns)
    return {
        "every_share_is_between_none_and_all": no_rows(
            f"select business_unit_code, {period}, {', '.join(columns)} from {{batch}} where {wrong}",
            "critical",
        ),
    }


def _translated(noun: str) -> dict[str, gxe.UnexpectedRowsExpectation]:
    """Return that every channel of a fact is one of ours."""
    return {
        "every_channel_is_translated": no_rows(
            f"select source_key, count(*) as {noun}s from {{batch}} where channel_code = 'unknown' group by 1",
            "info",
            "An untranslated word keeps its row in every total: add it to code_map.csv.",
        ),
    }


def _kept(noun: str, key: str) -> dict[str, gxe.UnexpectedRowsExpectation]:
    """Return that a fact keeps what it had of each source: an export cut short is no row to look at."""
    table = f"fct_{noun}"
    return {
        f"no_source_loses_a_tenth_of_its_{noun}": no_rows(
            f"""
            select lost.source_key, lost.rows_lost, kept.rows_kept
            from (
                select c.source_key, count(*) as rows_lost
                from (
                    select distinct source_key, {key} from changed.{table}
                    where batch_id > (select ops.head_batch()) and op = 'd'
                ) as c
                where not exists (
                    select from core.{table} as f where f.source_key = c.source_key and f.{key} = c.{key}
                )
                group by c.source_key
            ) as lost
            cross join lateral (
                select count(*) as rows_kept from core.{table} as f where f.source_key = lost.source_key
            ) as kept
            where lost.rows_lost >= 10 and lost.rows_lost * 9 > kept.rows_kept
            """,
            "warning",
            "A file without its rows, or a table that was emptied, takes back what it once said. If it was meant, "
            "approve; if not, put the export right, or hold the source.",
        ),
    }


def _in_the_units_currency(amount: str) -> dict[str, gxe.UnexpectedRowsExpectation]:
    """Return that what a fact adds up is of one currency."""
    return {
        "every_amount_is_in_the_currency_of_its_unit": no_rows(
            "select b.business_unit_code, b.currency, count(*) as amounts from {batch} as b "
            "inner join core.dim_business_unit as u on u.business_unit_code = b.business_unit_code "
            f"where b.currency <> u.currency and b.{amount} <> 0 group by 1, 2",
            "critical",
            "Amounts of two currencies would be added up.",
        ),
    }


def _balance(period: str) -> dict[str, gxe.UnexpectedRowsExpectation]:
    """Return that what comes and goes of a marketplace's listings makes the end of each period."""
    return {
        "what_comes_and_goes_makes_the_end": no_rows(
            f"select business_unit_code, {period}, listings_end from {{batch}} where listings_start "
            "+ new_listing_count + relisted_listing_count - sold_out_listing_count - removed_listing_count "
            "<> listings_end",
            "critical",
            "The inventory is out of balance: a movement of a listing is missing, or told twice.",
        ),
    }


def _no_contact(column: str) -> gxe.ExpectColumnValuesToNotMatchRegex:
    """Return that no text of a column holds what looks like a phone or an e-mail."""
    return gxe.ExpectColumnValuesToNotMatchRegex(
        column=column,
        regex="(?:[0-9][ .()/-]*){9,}|[^[:space:]]+@[^[:space:]]+[.][a-z]{2,}",
        severity="critical",
    )


def _no_contact_in_words(column: str) -> gxe.ExpectColumnValuesToNotMatchRegex:
    """Return that no sentence holds a phone or an e-mail; it may hold an amount, or a customer's key."""
    return gxe.ExpectColumnValuesToNotMatchRegex(
        column=column,
        regex="(^|[^0-9a-z.,])(0|[+]84)([ .()/-]?[0-9]){8,}|[^[:space:]]+@[^[:space:]]+[.][a-z]{2,}",
        severity="critical",
    )


def _no_contact_in_a_code(column: str) -> gxe.ExpectColumnValuesToNotMatchRegex:
    """Return that no code, tag or path holds a Vietnamese phone number or an e-mail; long ids are none."""
    return gxe.ExpectColumnValuesToNotMatchRegex(
        column=column,
        regex="(^|[^0-9a-zA-Z])(0|[+]?84)[ .+-]?[235789]([ .+-]?[0-9]){8}($|[^0-9])"
        "|[^[:space:]/]+@[^[:space:]]+[.][a-z]{2,}",
        severity="critical",
    )


CONTACTS = (
    ("fct_orders", "order_id", "'order'", "f.status_code <> 'credit_note' and f.ordered_at is not null"),
    ("fct_conversations", "conversation_id", "'conversation'", "f.opened_at is not null"),
    ("fct_feedback", "feedback_id", "'survey', 'review'", "f.answered_at is not null"),
)
"""Facts whose records are contacts: their key, the kinds of contact, and which of them are told."""

TABLES = {
    "core.fct_orders": _dated("order_date")
    | _kept("orders", "order_id")
    | {
        "every_order_has_a_date": gxe.ExpectColumnValuesToNotBeNull(column="order_date", severity="critical"),
        "no_order_is_negative": gxe.ExpectColumnValuesToBeBetween(
            column="gross_amount", min_value=0, severity="critical"
        ),
        "no_refund_exceeds_its_order": no_rows(
            "select business_unit_code, order_date, count(*) as orders from {batch} "
            "where is_counted = 1 and refund_amount > gross_amount - discount_amount + 1 group by 1, 2",
            "critical",
        ),
        "no_order_is_delivered_before_it_is_placed": no_rows(
            "select business_unit_code, order_date, count(*) as orders from {batch} "
            "where delivered_at_local < ordered_at_local group by 1, 2",
            "info",
        ),
        "every_order_is_in_the_currency_of_its_unit": no_rows(
            "select b.business_unit_code, b.currency, count(*) as orders from {batch} as b "
            "inner join core.dim_business_unit as u on u.business_unit_code = b.business_unit_code "
            "where b.currency <> u.currency group by 1, 2",
            "critical",
            "Amounts of two currencies would be added up.",
        ),
        "every_order_adds_up_to_its_lines": no_rows(
            "select business_unit_code, order_date, count(*) as orders from {batch} "
            "where is_counted = 1 and abs(gross_amount - lines_gross_amount) > 1 group by 1, 2",
            "critical",
        ),
        "every_order_says_what_it_is_worth": no_rows(
            "select business_unit_code, count(*) as orders from {batch} "
            "where is_counted = 1 and gross_amount = 0 and lines_gross_amount is null group by 1",
            "info",
            "An order without an amount and without lines counts as one of 0: give its file either.",
        ),
        "every_order_has_a_business_unit": no_rows(
            "select source_key, count(*) as orders from {batch} where business_unit_code = 'unknown' group by 1",
            "critical",
        ),
        "every_channel_is_translated": no_rows(
            "select source_key, count(*) as orders from {batch} where channel_code = 'unknown' group by 1",
            "info",
            "An untranslated word keeps its row in every total: add it to code_map.csv.",
        ),
        "every_payment_method_is_translated": no_rows(
            "select source_key, count(*) as orders from {batch} where payment_method_code = 'unknown' group by 1",
            "info",
            "An untranslated word keeps its row in every total: add it to code_map.csv.",
        ),
    },
    "core.fct_order_lines": {
        "every_line_has_its_order": no_rows(
            "select source_key, count(*) as lines from {batch} where has_order = 0 group by 1",
            "critical",
        ),
        "no_line_has_a_negative_price": gxe.ExpectColumnValuesToBeBetween(
            column="unit_price", min_value=0, severity="critical"
        ),
        "exact_copies_are_few": no_rows(
            "select business_unit_code, count(*) as copies from {batch} where copy_number > 1 group by 1",
            "info",
            "Copies are kept and numbered: the source may have meant them.",
        ),
    },
    "core.fct_payments": _dated("paid_date")
    | _kept("payments", "payment_id")
    | {
        "every_payment_has_a_date": gxe.ExpectColumnValuesToNotBeNull(
            column="paid_date", severity="critical"
        ),
        "no_payment_is_negative": gxe.ExpectColumnValuesToBeBetween(
            column="amount", min_value=0, severity="critical"
        ),
    },
    "core.fct_conversations": _dated("opened_date")
    | _kept("conversations", "conversation_id")
    | {
        "every_conversation_has_a_date": gxe.ExpectColumnValuesToNotBeNull(
            column="opened_date", severity="critical"
        ),
        "no_reply_precedes_its_question": gxe.ExpectColumnValuesToBeBetween(
            column="first_response_seconds", min_value=0, severity="critical"
        ),
    },
    "core.fct_feedback": _dated("answered_date")
    | _kept("feedback", "feedback_id")
    | {
        "every_answer_has_a_date": gxe.ExpectColumnValuesToNotBeNull(
            column="answered_date", severity="critical"
        ),
        "every_score_fits_its_scale": gxe.ExpectColumnValuesToNotBeNull(
            column="band_code",
            severity="critical",
            notes="An NPS of 11, or a CSAT of 0 on 1 to 5, has no band.",
        ),
    },
    "core.fct_bad_experiences": _dated("occurred_date")
    | {
        "every_bad_experience_is_of_a_rule_in_force": no_rows(
            "select b.rule_code, b.rule_version, count(*) as incidents from {batch} as b where not exists "
            "(select from seeds.bad_experience_rules as r where r.rule_code = b.rule_code "
            "and r.rule_version = b.rule_version) group by 1, 2",
            "critical",
        ),
        "the_incidents_of_a_customer_are_numbered_from_one": no_rows(
            "select e.business_unit_code, count(*) as customers from (select business_unit_code, customer_key "
            "from core.fct_bad_experiences where (customer_key, business_unit_code) in "
            "(select customer_key, business_unit_code from {batch}) group by 1, 2 "
            "having max(incident_no) <> count(*) or count(distinct incident_no) <> count(*)) as e group by 1",
            "critical",
            "The first bad experience of somebody would be told twice, or never.",
        ),
    },
    "core.fct_dissatisfaction_months": {
        "nobody_is_both_silent_and_vocal": no_rows(
            "select business_unit_code, month_start, count(*) as customers from {batch} "
            "where is_silent + is_vocal > 1 or (is_silent = 1 and seen_count = 0) group by 1, 2",
            "critical",
        ),
    },
    "core.fct_events": _dated("event_date")
    | _translated("event")
    | {
        "no_event_arrives_before_it_happens": gxe.ExpectColumnValuesToBeBetween(
            column="arrival_seconds",
            min_value=-300,
            mostly=0.99,
            severity="info",
            notes="Clocks of phones are wrong; one in a hundred by more than five minutes is a wrong time zone.",
        ),
        "no_visit_is_longer_than_half_a_day": no_rows(
            "select source_key, business_unit_code, count(*) as visits from (select source_key, "
            "business_unit_code, session_id from {batch} where is_bot = 0 and session_id is not null "
            "group by 1, 2, 3 having max(occurred_at) - min(occurred_at) > interval '12 hours') as visits "
            "group by 1, 2",
            "warning",
            "Nobody visits for twelve hours: an id that is given to several visits makes them one.",
        ),
        "no_search_term_shows_a_phone_or_an_email": _no_contact("search_term"),
        "no_path_shows_a_query_or_an_email": gxe.ExpectColumnValuesToNotMatchRegex(
            column="page_path", regex="[?#@]", severity="critical"
        ),
        "no_event_name_shows_a_phone_or_an_email": _no_contact("event_name"),
    }
    | {
        f"no_{column}_shows_a_phone_or_an_email": _no_contact_in_a_code(column)
        for column in ("page_path", "utm_source", "utm_medium", "utm_campaign")
    },
    "core.fct_sessions": _dated("session_date")
    | {
        f"no_{column}_shows_a_phone_or_an_email": _no_contact(column)
        for column in ("first_view_name", "last_view_name")
    }
    | {
        f"no_{column}_shows_a_phone_or_an_email": _no_contact_in_a_code(column)
        for column in ("entry_path", "utm_source", "utm_medium", "utm_campaign")
    }
    | {
        "sessions_hold_every_event_of_a_visitor": no_rows(
            """
            select held.business_unit_code, held.events as in_sessions, told.events as in_events
            from (
                select business_unit_code, sum(event_count) as events from core.fct_sessions
                where visitor_key in (
                    select visitor_key from {batch} union select visitor_key from changed.fct_events
                    where batch_id > (select ops.head_batch()) and visitor_key <> 'unknown'
                ) group by 1
            ) as held
            full join (
                select business_unit_code, count(*) as events from core.fct_events
                where visitor_key in (
                    select visitor_key from {batch} union select visitor_key from changed.fct_events
                    where batch_id > (select ops.head_batch()) and visitor_key <> 'unknown'
                ) group by 1
            ) as told on told.business_unit_code = held.business_unit_code
            where held.events is distinct from told.events
            """,
            "critical",
            "Each event of a visitor is of one visit: none is lost, none is counted twice.",
        ),
        "few_sessions_are_left_out_as_runaways": no_rows(
            "select business_unit_code, count(*) as sessions, sum(is_quarantined) as runaways from {batch} "
            "group by 1 having count(*) >= 100 and sum(is_quarantined) * 100 > count(*)",
            "warning",
            "One visit in a hundred is too long to be one: a cookie that is given to many, or a clock that runs wild.",
        ),
        "bots_are_fewer_than_half_of_the_visits": no_rows(
            "select business_unit_code, count(*) as sessions, sum(is_bot) as bots from {batch} "
            "group by 1 having count(*) >= 100 and sum(is_bot) * 2 > count(*)",
            "info",
            "More than half of the visits are of bots: somebody crawls, or tests.",
        ),
        "nobody_attends_for_half_a_day": no_rows(
            "select source_key, business_unit_code, count(*) as sessions from {batch} "
            "where engaged_seconds > 43200 group by 1, 2",
            "info",
            "Half a day of attention in one visit: milliseconds taken for seconds?",
        ),
    },
    "core.dim_visitor": {
        "shared_devices_are_nobodys": no_rows(
            "select business_unit_code, count(*) as visitors from {batch} "
            "where is_shared = 1 and customer_key <> 'unknown' group by 1",
            "critical",
        ),
    },
    "core.bridge_visitor": {
        "a_device_is_one_persons_at_a_time": no_rows(
            "select a.business_unit_code, count(*) as spans from {batch} as a inner join core.bridge_visitor as b "
            "on b.visitor_key = a.visitor_key and b.span_number > a.span_number "
            "and (a.valid_to is null or b.valid_from < a.valid_to) group by 1",
            "critical",
            "Two people would have one visit.",
        ),
    },
    "core.bridge_identity": {
        "an_identifier_of_a_profile_is_one_customers_now": no_rows(
            "select b.source_key, count(*) as identifiers from (select source_key, carrier_key, identifier_type_code, "
            "identifier_value from core.bridge_identity where valid_to_local is null "
            "and carrier_key in (select carrier_key from {batch}) group by 1, 2, 3, 4 "
            "having count(*) > 1) as b group by 1",
            "critical",
        ),
        "every_profile_is_found_by_its_customer": no_rows(
            "select m.source_key, count(*) as profiles from identity.identity_map as m where m.identifier_key in "
            "(select identifier_key from changed.identity_map where batch_id > (select ops.head_batch()) "
            "union select carrier_key from changed.bridge_identity where batch_id > (select ops.head_batch())) "
            "and not exists (select from core.bridge_identity as b where b.carrier_key = m.identifier_key "
            "and b.customer_key = m.customer_key and b.valid_to_local is null) group by 1",
            "critical",
            "Whoever cares for customers would not find them, or find another.",
        ),
    },
    "core.fct_messages": _dated("sent_date"),
    "core.fct_message_events": _dated("event_date")
    | {
        "every_event_has_its_campaign": no_rows(
            "select source_key, count(*) as message_events from {batch} where campaign_key = 'unknown' group by 1",
            "info",
            "Its campaign has not come: the event counts in no campaign until it does.",
        ),
        "no_link_path_shows_a_phone_or_an_email": _no_contact_in_a_code("link_path"),
    },
    "core.fct_spend_days": _dated("spend_date")
    | _translated("cost")
    | _in_the_units_currency("amount")
    | {
        "no_cost_is_negative": gxe.ExpectColumnValuesToBeBetween(
            column="amount", min_value=0, severity="critical"
        ),
        "no_more_clicks_than_impressions": no_rows(
            "select business_unit_code, channel_code, count(*) as spend_days from {batch} "
            "where click_count > impression_count group by 1, 2",
            "info",
        ),
    },
    "core.fct_subscriptions": _in_the_calendar("effective_date")
    | _in_the_units_currency("monthly_amount")
    | {
        "no_monthly_amount_is_negative": gxe.ExpectColumnValuesToBeBetween(
            column="monthly_amount", min_value=0, severity="critical"
        ),
        "every_subscription_has_its_customer": no_rows(
            "select source_key, count(*) as versions from {batch} where customer_key = 'unknown' group by 1",
            "info",
            "What nobody pays for cannot churn.",
        ),
        "no_subscription_ends_before_it_starts": no_rows(
            "select business_unit_code, count(*) as versions from {batch} where ended_date < started_date group by 1",
            "critical",
            "A subscription of negative length would churn before it is counted.",
        ),
    },
    "core.fct_invoices": _dated("issued_date")
    | _in_the_units_currency("amount")
    | {
        "no_invoice_is_negative": gxe.ExpectColumnValuesToBeBetween(
            column="amount", min_value=0, severity="critical"
        ),
        "no_tax_exceeds_its_invoice": no_rows(
            "select business_unit_code, issued_date, count(*) as invoices from {batch} "
            "where tax_amount > amount group by 1, 2",
            "critical",
        ),
    },
    "core.fct_consents": _dated("decided_date"),
    "core.fct_carts": _dated("last_active_date")
    | _in_the_units_currency("amount")
    | {
        "no_cart_that_was_bought_is_recovered_elsewhere": no_rows(
            "select source_key, count(*) as carts from {batch} "
            "where is_recovered_elsewhere = 1 and (completed_date is not null or order_id is not null) group by 1",
            "critical",
        ),
    },
    "core.fct_recommendations": _dated("shown_date"),
    "core.fct_invites": _dated("sent_date"),
    "core.fct_shifts": {
        "no_shift_is_longer_than_a_day": gxe.ExpectColumnValuesToBeBetween(
            column="staffed_seconds",
            min_value=0,
            max_value=86400,
            severity="critical",
            notes="Its end is before its start, or somebody forgot to sign off.",
        ),
    },
    "core.dim_content": {"no_title_shows_a_phone_or_an_email": _no_contact("title")},
    "core.fct_content_events": _dated("event_date"),
    "core.fct_content_days": _dated("content_date") | _in_the_units_currency("revenue_amount"),
    "core.fct_install_days": _dated("install_date")
    | {
        "ratings_are_1_to_5": no_rows(
            "select business_unit_code, app_id, count(*) as install_days from {batch} "
            "where not rating_total between rating_count and 5 * rating_count group by 1, 2",
            "critical",
        ),
    },
    "core.fct_milestones": _dated("milestone_date"),
    "core.fct_app_purchases": _dated("purchase_date")
    | {
        "no_purchase_or_refund_is_negative": no_rows(
            "select business_unit_code, purchase_date, count(*) as purchases from {batch} "
            "where gross_amount < 0 or refund_amount < 0 group by 1, 2",
            "critical",
        ),
        "no_person_gets_more_back_than_was_paid": no_rows(
            "select business_unit_code, count(*) as persons from (select business_unit_code, person_key "
            "from core.fct_app_purchases where (business_unit_code, person_key) in "
            "(select business_unit_code, person_key from {batch}) group by 1, 2 "
            "having sum(refund_amount) > sum(gross_amount) + 1) as persons group by 1",
            "info",
            "A purchase that the app did not tell, or a refund that it told twice.",
        ),
    },
    "core.fct_subscription_months": _in_the_units_currency("recurring_amount_end")
    | {
        "a_month_begins_as_the_one_before_ended": no_rows(
            """
            select business_unit_code, month_start, count(*) as customers
            from (
                select
                    business_unit_code, month_start, recurring_amount_start,
                    lag(recurring_amount_end, 1, 0) over (
                        partition by business_unit_code, subscriber_key order by month_start
                    ) as ended_with,
                    lag(month_start) over (
                        partition by business_unit_code, subscriber_key order by month_start
                    ) as month_before
                from core.fct_subscription_months
                where (business_unit_code, subscriber_key) in (
                    select business_unit_code, subscriber_key from {batch}
                )
            ) as months
            where recurring_amount_start <> ended_with or month_before <> month_start - interval '1 month'
            group by 1, 2
            """,
            "critical",
            "A month of a customer is missing, or two months disagree.",
        ),
        "a_movement_is_the_difference_of_its_month": no_rows(
            "select business_unit_code, month_start, movement_code, count(*) as customers from {batch} "
            "where recurring_amount_end <> recurring_amount_start + movement_amount * case "
            "when movement_code in ('churn', 'contraction') then -1 when movement_code = 'unchanged' then 0 else 1 end "
            "group by 1, 2, 3",
            "critical",
        ),
    },
    "marts.mart_recurring_revenue_monthly": {
        "what_comes_and_goes_makes_the_end": no_rows(
            "select business_unit_code, month_start, end_amount from {batch} where abs(start_amount + new_amount "
            "+ reactivation_amount + expansion_amount - contraction_amount - churn_amount - end_amount) > 0.01 "
            "or start_customer_count + new_customer_count + reactivated_customer_count - churned_customer_count "
            "<> end_customer_count",
            "critical",
            "The waterfall is out of balance: a customer has no movement, or two.",
        ),
        "a_month_begins_as_the_one_before_ended": no_rows(
            """
            select business_unit_code, month_start, start_amount, ended_with
            from (
                select
                    business_unit_code, month_start, start_amount,
                    lag(end_amount) over (partition by business_unit_code order by month_start) as ended_with
                from marts.mart_recurring_revenue_monthly
            ) as months
            where abs(start_amount - ended_with) > 0.01
            """,
            "critical",
        ),
    },
    "marts.mart_ad_balance": {
        "a_month_has_at_most_one_balance_point": no_rows(
            "select business_unit_code, month_start, sum(is_balance_point) as points from marts.mart_ad_balance "
            "where (business_unit_code, month_start) in (select business_unit_code, month_start from {batch}) "
            "group by 1, 2 having sum(is_balance_point) > 1",
            "critical",
        ),
        "every_tenth_is_one_and_has_visitors": no_rows(
            "select business_unit_code, month_start, decile, visitor_count from {batch} "
            "where decile not between 1 and 10 or visitor_count < 1 or return_7d not between 0 and 1",
            "critical",
        ),
        "a_tenth_has_the_visitors_of_its_month": no_rows(
            """
            select b.business_unit_code, b.month_start, sum(b.visitor_count) as visitors, max(m.denominator) as persons
            from marts.mart_ad_balance as b
            left join marts.mart_metrics as m
                on m.business_unit_code = b.business_unit_code and m.metric_code = 'media.ad_balance'
                and m.variant_code = 'return_7d' and m.period_grain_code = 'month'
                and m.period_start = b.month_start and m.segment_type_code = 'all'
            where (b.business_unit_code, b.month_start) in (select business_unit_code, month_start from {batch})
            group by 1, 2
            having sum(b.visitor_count) is distinct from max(m.denominator)
            """,
            "critical",
            "A visitor is in no tenth, or in two.",
        ),
    },
    "marts.mart_engagement_transitions": {
        "all_users_of_a_tier_go_somewhere": no_rows(
            """
            select t.business_unit_code, t.month_start, t.tier_from_code, t.users, tiers.persons
            from (
                select business_unit_code, month_start, tier_from_code, sum(user_count) as users
                from marts.mart_engagement_transitions
                where (business_unit_code, month_start) in (select business_unit_code, month_start from {batch})
                group by 1, 2, 3
            ) as t
            full join (
                select business_unit_code, month_start, tier_code, count(*) as persons
                from core.engagement_tiers
                where (business_unit_code, month_start) in (select business_unit_code, month_start from {batch})
                group by 1, 2, 3
            ) as tiers
                on tiers.business_unit_code = t.business_unit_code and tiers.month_start = t.month_start
                and tiers.tier_code = t.tier_from_code
            where t.users is distinct from tiers.persons
            """,
            "critical",
            "Users of a tier are those who went from it to another, stayed or left.",
        ),
    },
    "marts.mart_media_daily": _shares(
        "calendar_date", "logged_in_share", "cookie_loss_bound", "invalid_click_share"
    ),
    "marts.mart_media_monthly": _shares(
        "month_start",
        "logged_in_share",
        "cookie_loss_bound",
        "returning_share",
        "audience_churn",
        "subscriber_churn",
        "return_7d",
        "visits_1_share",
        "visits_9_plus_share",
    )
    | {
        "all_readers_of_a_month_are_in_one_band": no_rows(
            "select business_unit_code, month_start, audience from {batch} where audience > 0 and abs("
            "coalesce(visits_1_share, 0) + coalesce(visits_2_3_share, 0) + coalesce(visits_4_8_share, 0) "
            "+ coalesce(visits_9_plus_share, 0) - 1) > 0.00001",
            "critical",
        ),
    },
    "marts.mart_ugc_daily": _shares(
        "calendar_date", "engaged_share", "open_rate", "action_rate", "optout_rate"
    ),
    "marts.mart_ugc_monthly": _shares(
        "month_start",
        "creator_share",
        "top_1_percent_share",
        "gini_creators",
        "gini_active",
        "up_rate",
        "down_rate",
        "exit_rate",
        "open_rate",
        "action_rate",
        "optout_rate",
    )
    | {
        "all_active_users_of_a_month_are_in_one_tier": no_rows(
            "select business_unit_code, month_start from {batch} where lurker_tier_share is not null and abs("
            "lurker_tier_share + reactor_tier_share + commenter_tier_share + creator_tier_share "
            "+ core_tier_share - 1) > 0.00001",
            "critical",
        ),
    },
    "marts.mart_retention": {
        "no_more_come_back_than_there_were": no_rows(
            "select business_unit_code, cohort_grain_code, cohort_start, kind_code from {batch} "
            "where retained_count > cohort_size or cohort_size = 0",
            "critical",
        ),
        "on_day_n_or_later_are_no_fewer_than_on_day_n": no_rows(
            """
            select n.business_unit_code, n.cohort_grain_code, n.cohort_start, n.day_number
            from {batch} as n
            inner join marts.mart_retention as u
                on u.business_unit_code = n.business_unit_code and u.cohort_grain_code = n.cohort_grain_code
                and u.cohort_start = n.cohort_start and u.day_number = n.day_number and u.kind_code = 'unbounded'
            where n.kind_code = 'n_day' and n.retained_count > u.retained_count
            """,
            "critical",
        ),
    },
    "marts.mart_active_day_histogram": {
        "all_active_persons_are_in_one_bar": no_rows(
            """
            select h.business_unit_code, h.month_start, h.persons, c.person_count_28d
            from (
                select business_unit_code, month_start, as_of_date, sum(person_count) as persons
                from marts.mart_active_day_histogram
                where (business_unit_code, month_start) in (select business_unit_code, month_start from {batch})
                group by 1, 2, 3
            ) as h
            left join core.active_counts as c
                on c.business_unit_code = h.business_unit_code and c.counted_date = h.as_of_date
            where h.persons is distinct from c.person_count_28d
            """,
            "critical",
        ),
    },
    "marts.mart_survival_curves": {
        "nobody_who_bought_has_not": no_rows(
            """
            select business_unit_code, cohort_grain_code, cohort_start, day_number, survival_share
            from (
                select
                    business_unit_code, cohort_grain_code, cohort_start, day_number, survival_share,
                    lag(survival_share, 1, 1.0) over (
                        partition by business_unit_code, curve_code, cohort_grain_code, cohort_start
                        order by day_number
                    ) as share_before
                from marts.mart_survival_curves
            ) as days
            where survival_share > share_before or survival_share not between 0 and 1
            """,
            "critical",
            "A share that has not bought yet can only fall.",
        ),
        "a_cohort_is_counted_down_to_nobody": no_rows(
            """
            select business_unit_code, cohort_grain_code, cohort_start
            from marts.mart_survival_curves
            group by 1, 2, curve_code, 3
            having max(at_risk_count) <> sum(event_count + censored_count)
            """,
            "critical",
        ),
    },
    "core.fct_ad_slot_days": _dated("slot_date")
    | _in_the_units_currency("revenue_amount")
    | {
        "no_more_is_seen_than_is_served": no_rows(
            "select business_unit_code, slot_id, count(*) as slot_days from {batch} "
            "where viewable_impression_count > impression_count or invalid_click_count > click_count group by 1, 2",
            "critical",
            "A share of viewable impressions or of invalid clicks would exceed 1.",
        ),
    },
    "core.dim_listing": {"no_title_shows_a_phone_or_an_email": _no_contact("title")},
    "core.fct_bookings": _dated("requested_date")
    | _in_the_units_currency("amount")
    | {
        "no_fee_exceeds_its_booking": no_rows(
            "select business_unit_code, requested_date, count(*) as bookings from {batch} "
            "where fee_amount > amount group by 1, 2",
            "critical",
            "The take rate would exceed 1.",
        ),
        "no_stay_ends_before_it_begins": no_rows(
            "select business_unit_code, count(*) as bookings from {batch} where ends_on < starts_on group by 1",
            "critical",
        ),
    },
    "core.fct_listing_days": _dated("snapshot_date")
    | _in_the_units_currency("price")
    | {
        "a_day_begins_as_the_one_before_ended": no_rows(
            """
            select d.business_unit_code, d.snapshot_date, count(*) as listings
            from {batch} as d
            left join core.fct_listing_days as b
                on b.listing_key = d.listing_key and b.snapshot_date = d.snapshot_date - 1
            where d.is_live_start <> coalesce(b.is_live_end, 0)
            group by 1, 2
            """,
            "critical",
            "What is on offer in the evening is on offer the next morning: a month of a listing was not recomputed.",
        ),
        "a_listing_is_new_once": no_rows(
            "select d.business_unit_code, d.listing_key from core.fct_listing_days as d "
            "where d.movement_code = 'new' and d.listing_key in (select listing_key from {batch}) "
            "group by 1, 2 having count(*) > 1",
            "critical",
        ),
    },
    "core.fct_searches": _dated("search_date")
    | {
        "no_search_term_shows_a_phone_or_an_email": _no_contact("search_term"),
        "no_folded_search_term_shows_a_phone_or_an_email": _no_contact("search_term_folded"),
        "nothing_is_found_without_a_click": no_rows(
            "select business_unit_code, search_date, count(*) as searches from {batch} "
            "where is_success > is_clicked or (is_clicked = 0 and reciprocal_rank <> 0) "
            "or reciprocal_rank not between 0 and 1 group by 1, 2",
            "critical",
        ),
        "no_result_is_clicked_that_is_not_there": no_rows(
            "select business_unit_code, search_date, count(*) as searches from {batch} "
            "where click_rank > result_count group by 1, 2",
            "info",
            "A tracker that counts the results of a page and not of the search, or ranks that begin at 0.",
        ),
    },
    "core.fct_risk_signals": _dated("signal_date")
    | {
        "every_signal_is_of_a_known_rule": gxe.ExpectColumnValuesToBeInSet(
            column="rule_code", value_set=["F1", "F2", "F3", "F4", "F5", "F6", "F8"], severity="critical"
        ),
        "what_is_confirmed_was_reviewed": no_rows(
            "select business_unit_code, rule_code, count(*) as signals from {batch} "
            "where is_confirmed > is_reviewed or is_reviewed > case when booking_key is null then 0 else 1 end "
            "group by 1, 2",
            "critical",
        ),
        "rules_are_not_hit_by_everybody": no_rows(
            """
            select s.business_unit_code, s.rule_code, count(distinct s.booking_key) as hit
            from core.fct_risk_signals as s
            where s.booking_key is not null
            group by 1, 2
            having count(distinct s.booking_key) >= 100 and count(distinct s.booking_key) > 0.2 * (
                select count(*) from core.fct_bookings as b where b.business_unit_code = s.business_unit_code
            )
            """,
            "info",
            "One booking in five is suspicious: a shared phone of the company, or a rule that is too wide.",
        ),
    },
    "marts.mart_marketplace_daily": _balance("calendar_date"),
    "marts.mart_marketplace_monthly": _balance("month_start")
    | {
        "who_comes_and_goes_makes_the_end": no_rows(
            "select business_unit_code, month_start from {batch} where "
            "buyers_start + buyers_new + buyers_reactivated - buyers_lapsed <> buyers_end "
            "or sellers_start + sellers_new + sellers_reactivated - sellers_lapsed <> sellers_end",
            "critical",
            "A buyer or seller is counted twice, or not at all.",
        ),
        "no_rating_is_beyond_its_scale": gxe.ExpectColumnValuesToBeBetween(
            column="rating_bayes", min_value=1, max_value=5, severity="critical"
        ),
    },
    "marts.mart_marketplace_funnel": {
        "a_funnel_never_widens": no_rows(
            "select business_unit_code, month_start, funnel_code, step_number from {batch} "
            "where passed_count > former_count or former_count > entered_count",
            "critical",
        ),
        "a_step_begins_with_who_took_the_one_before": no_rows(
            """
            select s.business_unit_code, s.month_start, s.funnel_code, s.step_number
            from {batch} as s
            inner join marts.mart_marketplace_funnel as b
                on b.business_unit_code = s.business_unit_code and b.month_start = s.month_start
                and b.funnel_code = s.funnel_code and b.step_number = s.step_number - 1
            where s.former_count <> b.passed_count or s.entered_count <> b.entered_count
            """,
            "critical",
        ),
    },
    "marts.mart_supply_and_demand": {
        "categories_make_the_whole": no_rows(
            """
            select c.business_unit_code, c.month_start, c.gmv, m.gmv as whole
            from (
                select business_unit_code, month_start, sum(gmv) as gmv, sum(listings_end) as listings_end
                from marts.mart_supply_and_demand
                where (business_unit_code, month_start) in (select business_unit_code, month_start from {batch})
                group by 1, 2
            ) as c
            inner join marts.mart_marketplace_monthly as m
                on m.business_unit_code = c.business_unit_code and m.month_start = c.month_start
            where abs(c.gmv - m.gmv) > 0.01 or c.listings_end <> m.listings_end
            """,
            "critical",
        ),
    },
    "marts.mart_failing_queries": {
        "no_query_of_fewer_than_five_persons_is_shown": gxe.ExpectColumnValuesToBeBetween(
            column="person_count",
            min_value=5,
            severity="critical",
            notes="What few people typed may be a name or an address: query_least_persons was lowered, or is not asked.",
        ),
        "no_query_shows_a_phone_or_an_email": _no_contact("query"),
        "no_folded_query_shows_a_phone_or_an_email": _no_contact("query_folded"),
        "nothing_fails_more_often_than_it_is_searched_for": no_rows(
            "select business_unit_code, month_start, count(*) as queries from {batch} "
            "where failed_count not between 1 and search_count or zero_result_count > search_count "
            "or person_count > search_count or share_of_failures not between 0 and 1 group by 1, 2",
            "critical",
        ),
        "queries_are_part_of_the_searches_of_their_month": no_rows(
            """
            select q.business_unit_code, q.month_start, q.searches, m.search_count
            from (
                select business_unit_code, month_start, sum(search_count) as searches
                from marts.mart_failing_queries
                where (business_unit_code, month_start) in (select business_unit_code, month_start from {batch})
                group by 1, 2
            ) as q
            left join marts.mart_marketplace_monthly as m
                on m.business_unit_code = q.business_unit_code and m.month_start = q.month_start
            where q.searches > coalesce(m.search_count, 0)
            """,
            "critical",
            "A search is counted for two queries, or only here.",
        ),
    },
    "marts.mart_signal_to_noise": {
        "kinds_of_messages_add_up_to_what_was_sent": no_rows(
            """
            select business_unit_code, month_start, channel_code, sum(message_count) as messages, max(sent_count) as sent
            from marts.mart_signal_to_noise
            where (business_unit_code, month_start) in (select business_unit_code, month_start from {batch})
            group by 1, 2, 3
            having sum(message_count) <> max(sent_count) or max(sent_count) <> min(sent_count)
            """,
            "critical",
        ),
        "no_more_are_answered_than_sent_and_none_goes_to_nobody": no_rows(
            "select business_unit_code, month_start, channel_code, kind_code from {batch} "
            "where answered_count not between 0 and message_count or customer_count not between 1 and message_count",
            "critical",
        ),
    },
    "core.fct_message_quality": _dated("sent_date")
    | {
        "a_message_is_signal_or_of_a_known_kind_of_noise": gxe.ExpectColumnValuesToBeInSet(
            column="kind_code",
            value_set=[
                "signal",
                "no_consent",
                "over_cap",
                "repeat",
                "already_bought",
                "already_seen_no_interest",
                "viewed_retarget",
                "off_interest",
                "stale",
                "other",
            ],
            severity="critical",
        ),
    },
    "core.fct_competitor_observations": _dated("observed_date"),
    "core.fct_interactions": _in_the_calendar("occurred_date")
    | {
        "every_contact_is_of_one_stage": gxe.ExpectColumnValuesToBeInSet(
            column="journey_stage_code", value_set=["pre", "during", "post"], severity="critical"
        ),
        "every_order_conversation_and_answer_is_a_contact": no_rows(
            " union all ".join(
                f"""
                select '{fact}' as fact, f.source_key, count(*) as records
                from core.{fact} as f
                where f.batch_id > (select ops.head_batch()) and {told}
                    and not exists (
                        select from core.fct_interactions as i
                        where i.source_key = f.source_key and i.record_id = f.{key}
                            and i.interaction_kind_code in ({kinds}) and i.customer_key = f.customer_key
                    )
                group by 2
                """
                for fact, key, kinds, told in CONTACTS
            ),
            "critical",
            "What the batch changed. A contact that is in no interaction is in no journey and on no timeline.",
        ),
        "every_contact_has_its_order_conversation_or_answer": no_rows(
            " union all ".join(
                f"""
                select '{fact}' as fact, i.source_key, count(*) as contacts
                from {{batch}} as i
                where i.interaction_kind_code in ({kinds})
                    and not exists (
                        select from core.{fact} as f
                        where f.source_key = i.source_key and f.{key} = i.record_id and {told}
                            and f.customer_key = i.customer_key
                    )
                group by 2
                """
                for fact, key, kinds, told in CONTACTS
            ),
            "critical",
        ),
        "most_contacts_have_a_known_channel": no_rows(
            "select source_key, interaction_kind_code, count(*) as contacts from {batch} "
            "where channel_code = 'unknown' and interaction_kind_code not in "
            "('booking', 'booking_received', 'subscription_started', 'subscription_cancelled', 'consent') group by 1, 2",
            "info",
            "What no channel is known of counts in no measure of channels.",
        ),
    },
    "core.fct_journeys": {
        "a_journey_ends_after_it_begins": no_rows(
            "select business_unit_code, count(*) as journeys from {batch} "
            "where ended_date < started_date - 1 or touch_count < 1 group by 1",
            "critical",
            "By a day, units in different zones may differ.",
        ),
        "a_journey_that_left_or_bought_says_so": no_rows(
            "select outcome_code, count(*) as journeys from {batch} where (outcome_code = 'ordered') <> (purchase_count > 0) "
            "or (outcome_code = 'left' and is_open = 1) group by 1",
            "critical",
        ),
        "every_contact_of_a_customer_is_in_one_journey": no_rows(
            """
            with customers as (
                select customer_key from {batch} as b
                union
                select customer_key from core.fct_interactions where batch_id > (select ops.head_batch())
            ), touches as (
                select customer_key, count(*) as touches
                from core.fct_interactions
                where customer_key in (select customer_key from customers)
                    and direction_code = 'in' and customer_key <> 'unknown' and is_internal = 0
                group by 1
            ), journeys as (
                select customer_key, sum(touch_count) as touches
                from core.fct_journeys
                where customer_key in (select customer_key from customers)
                group by 1
            )
            select t.touches, j.touches as in_journeys, count(*) as customers
            from touches as t
            full join journeys as j using (customer_key)
            where t.touches is distinct from j.touches
            group by 1, 2
            """,
            "critical",
            "Of each customer whom the batch changed.",
        ),
    },
    "core.dim_customer": {
        "no_customer_is_an_accident": gxe.ExpectColumnValuesToBeBetween(
            column="profile_count",
            max_value=100,
            severity="critical",
            notes="One customer of many profiles is a shared value that joined strangers. Up to so many, orders "
            "without an account among them, the names agree; identity lets no component be larger.",
        ),
        "birth_years_are_plausible": gxe.ExpectColumnValuesToBeBetween(
            column="birth_year", min_value=1905, max_value=2022, mostly=0.99, severity="info"
        ),
    },
    "core.dim_customer_history": {
        "no_stretch_of_days_overlaps_the_next_or_leaves_a_gap": no_rows(
            "select customer_key, valid_from from (select customer_key, valid_from, valid_to, lead(valid_from) "
            "over (partition by customer_key order by valid_from) as next_from from core.dim_customer_history "
            "where customer_key in (select customer_key from {batch})) as stretches "
            "where valid_to is distinct from next_from or valid_to <= valid_from",
            "critical",
        ),
        "each_customer_has_one_present": no_rows(
            "select customer_key, sum(is_current) as present from core.dim_customer_history "
            "where customer_key in (select customer_key from {batch}) group by 1 having sum(is_current) <> 1",
            "critical",
        ),
    },
    "core.fct_profile_attributes": {
        "of_each_attribute_one_value_is_chosen": no_rows(
            "select customer_key, attribute_code from core.fct_profile_attributes "
            "where customer_key in (select customer_key from {batch}) group by 1, 2 having sum(is_chosen) <> 1",
            "critical",
        ),
        "no_value_shows_a_phone_or_an_email": _no_contact("attribute_value"),
        "every_source_says_how_far_it_is_trusted": no_rows(
            "select source_key, count(*) as attributes from {batch} where trust = 0 group by 1",
            "info",
            "seeds/profile_sources.csv has no row for it: its words lose against those of any other.",
        ),
    },
    "core.dim_household": {
        "no_household_is_an_accident": gxe.ExpectColumnValuesToBeBetween(
            column="customer_count", min_value=2, max_value=8, severity="critical"
        ),
    },
    "marts.mart_ecommerce_daily": {
        "every_day_has_orders": no_rows(
            """
            select days.business_unit_code, days.order_date
            from (
                select d.business_unit_code, c.calendar_date as order_date, t.through
                from (select distinct business_unit_code from marts.mart_ecommerce_daily) as d
                inner join (
                    select business_unit_code, max(order_date) as through
                    from marts.mart_ecommerce_daily where order_count > 0 group by 1
                ) as t on t.business_unit_code = d.business_unit_code
                inner join core.dim_date as c on c.calendar_date between t.through - 14 and t.through
                left join marts.mart_ecommerce_daily as m
                    on m.business_unit_code = d.business_unit_code and m.order_date = c.calendar_date
                where coalesce(m.order_count, 0) = 0
            ) as days
            where 8 = (
                select count(*) from marts.mart_ecommerce_daily as m
                where m.business_unit_code = days.business_unit_code and m.order_count > 0
                    and m.order_date in (
                        select days.order_date - 7 * week from generate_series(1, 8) as week
                    )
            )
            """,
            "critical",
            "A unit that sold on this weekday in each of eight weeks did not stop: its data is missing.",
        ),
        "carts_are_bought_or_left": no_rows(
            """
            select b.business_unit_code, b.order_date, b.cart_count, b.abandoned_cart_count, c.bought_count
            from {batch} as b
            cross join lateral (
                select count(*) filter (where c.is_bought = 1) as bought_count
                from core.cart_outcomes as c
                inner join core.cart_coverage as v on v.business_unit_code = c.business_unit_code
                where c.business_unit_code = b.business_unit_code and c.last_active_date = b.order_date
                    and c.coverage_code = case when v.has_every_cart = 1 then 'all' else 'visit' end
            ) as c
            where b.cart_count <> b.abandoned_cart_count + c.bought_count
            """,
            "critical",
            "Carts bought and carts left are not the carts that were begun: a day was counted in part only.",
        ),
        "no_more_visits_order_than_there_are": no_rows(
            "select business_unit_code, order_date, session_count, ordering_session_count from {batch} "
            "where ordering_session_count > session_count",
            "critical",
        ),
        "orders_are_up_to_date": no_rows(
            "select business_unit_code, max(order_date) as last_day from marts.mart_ecommerce_daily "
            "where order_count > 0 group by 1 having max(order_date) < current_date - 3",
            "info",
            "No order for three days: a closed shop, or a source that answers empty lists?",
        ),
        "order_counts_are_as_usual": no_rows(
            """
            select business_unit_code, through, last_week, month_before
            from (
                select
                    m.business_unit_code, t.through,
                    sum(order_count) filter (where order_date > t.through - 7) as last_week,
                    sum(order_count) filter (where order_date <= t.through - 7) as month_before
                from marts.mart_ecommerce_daily as m
                inner join (
                    select business_unit_code, max(order_date) - 1 as through
                    from marts.mart_ecommerce_daily where order_count > 0 group by 1
                ) as t on t.business_unit_code = m.business_unit_code
                where m.order_date > t.through - 35 and m.order_date <= t.through
                group by m.business_unit_code, t.through
            ) as weeks
            where month_before >= 200 and not last_week * 4.0 / month_before between 0.4 and 2.5
            """,
            "warning",
            "A week of less than two fifths or more than two and a half times the month before: a sale or an error?",
        ),
    },
    "marts.mart_ecommerce_monthly": {
        "a_month_is_the_sum_of_its_days": no_rows(
            """
            select m.business_unit_code, m.month_start, m.session_count, d.session_count as of_days,
                m.cart_count, d.cart_count as carts_of_days
            from {batch} as m
            cross join lateral (
                select
                    sum(d.session_count) as session_count, sum(d.ordering_session_count) as ordering_session_count,
                    sum(d.cart_count) as cart_count, sum(d.abandoned_cart_count) as abandoned_cart_count
                from marts.mart_ecommerce_daily as d
                where d.business_unit_code = m.business_unit_code
                    and d.order_date >= m.month_start and d.order_date < m.month_start + interval '1 month'
            ) as d
            where (m.session_count, m.ordering_session_count) <> (d.session_count, d.ordering_session_count)
                or (m.cart_count, m.abandoned_cart_count) <> (d.cart_count, d.abandoned_cart_count)
            """,
            "critical",
            "Visits and carts add up over days: a month or a day of it was computed in part only.",
        ),
    },
    "marts.mart_conversion_funnel": {
        "the_funnel_never_widens": no_rows(
            "select business_unit_code, month_start, step_code, entered_count, passed_count from {batch} "
            "where passed_count > entered_count",
            "critical",
        ),
        "whoever_passes_a_step_comes_to_the_next": no_rows(
            "select f.business_unit_code, f.month_start, f.step_code, f.passed_count, n.entered_count "
            "from {batch} as f inner join marts.mart_conversion_funnel as n "
            "on n.business_unit_code = f.business_unit_code and n.month_start = f.month_start "
            "and n.step_number = f.step_number + 1 where f.passed_count <> n.entered_count",
            "critical",
        ),
        "its_ends_are_the_conversion_rate": no_rows(
            """
            select f.business_unit_code, f.month_start, f.step_code, f.entered_count, m.session_count,
                m.ordering_session_count
            from {batch} as f
            inner join marts.mart_ecommerce_monthly as m
                on m.business_unit_code = f.business_unit_code and m.month_start = f.month_start
            where f.step_code = 'visit' and f.entered_count <> m.session_count
                or f.step_code = 'order' and f.entered_count <> m.ordering_session_count
            """,
            "critical",
            "The funnel and the conversion rate count the same visits and the same orders.",
        ),
    },
    "marts.mart_metrics": {
        "shares_lie_between_0_and_1": no_rows(
            "select metric_code, variant_code, count(*) as metric_rows from {batch} "
            "where value_kind = 'ratio' and not value between 0 and 1 group by 1, 2",
            "critical",
        ),
        "nps_lies_between_minus_100_and_100": no_rows(
            "select period_start from {batch} where metric_code = 'cx.nps' and not value between -100 and 100",
            "critical",
        ),
        "intervals_hold_their_value": no_rows(
            "select metric_code, variant_code, count(*) as metric_rows from {batch} "
            "where value < ci_low - 0.000001 or value > ci_high + 0.000001 group by 1, 2",
            "critical",
        ),
        "every_metric_has_rows": no_rows(
            "select c.metric_code, c.variant_code from marts.metric_catalogue as c where not exists "
            "(select from marts.mart_metrics as m where m.metric_code = c.metric_code and m.variant_code = c.variant_code) "
            "and exists (select from marts.mart_metrics)",
            "info",
        ),
    },
    "marts.mart_omtm": {
        "one_metric_matters_to_a_unit": no_rows(
            "select business_unit_code from marts.mart_omtm group by 1 having count(distinct metric_code) > 1",
            "critical",
        ),
    },
    "core.fct_rfm_scores": {
        "only_who_is_inactive_has_no_score": no_rows(
            "select business_unit_code, month_start, count(*) as customers from {batch} "
            "where (recency_score is null) <> (tier_code = 'inactive') group by 1, 2",
            "critical",
        ),
        "nobody_who_spent_more_scores_less": no_rows(
            """
            select business_unit_code, month_start, monetary_score, least_amount
            from (
                select
                    s.business_unit_code, s.month_start, s.monetary_score, min(s.net_amount) as least_amount,
                    lag(max(s.net_amount)) over (
                        partition by s.business_unit_code, s.month_start order by s.monetary_score
                    ) as most_before
                from core.fct_rfm_scores as s
                where s.monetary_score is not null and (s.business_unit_code, s.month_start) in (
                    select business_unit_code, month_start from {batch}
                )
                group by 1, 2, 3
            ) as fifths
            where least_amount <= most_before
            """,
            "critical",
            "A month was scored in part only.",
        ),
    },
    "predictions.lifetime_scores": {
        "values_to_date_are_those_of_the_purchases": no_rows(
            """
            select business_unit_code, count(*) as customers
            from (
                select customer_key, business_unit_code, net_amount from predictions.lifetime_scores
                where (customer_key, business_unit_code) in (
                    select customer_key, business_unit_code from {batch}
                    union select customer_key, business_unit_code from changed.purchase_days
                    where batch_id > (select ops.head_batch())
                )
            ) as s
            full join (
                select customer_key, business_unit_code, sum(net_amount) as net_amount from core.purchase_days
                where (customer_key, business_unit_code) in (
                    select customer_key, business_unit_code from {batch}
                    union select customer_key, business_unit_code from changed.purchase_days
                    where batch_id > (select ops.head_batch())
                ) group by 1, 2
            ) as d using (customer_key, business_unit_code)
            where s.net_amount is distinct from d.net_amount
            group by 1
            """,
            "critical",
        ),
        "every_customer_of_a_unit_with_a_model_is_scored": no_rows(
            """
            select s.business_unit_code, f.model_code, count(*) as customers
            from predictions.lifetime_scores as s
            inner join predictions.model_fits as f
                on f.business_unit_code = s.business_unit_code and f.is_in_force = 1
            where f.model_code <> 'sbg' and f.version is distinct from case f.model_code
                when 'bg_nbd' then s.purchase_model_version
                when 'mbg_nbd' then s.alive_model_version
                else s.spending_model_version
            end
            group by 1, 2
            """,
            "critical",
            "A score is of a version that is no longer in force.",
        ),
    },
    "marts.mart_model_versions": {
        "every_model_could_be_fitted": no_rows(
            "select business_unit_code, model_code, max(version) as version from marts.mart_model_versions "
            "group by 1, 2 having max(version) filter (where is_fitted = 1) is distinct from max(version)",
            "info",
            "The version before stays in force; why stands in the mart, what to do in docs/operations.md.",
        ),
        "models_foretell_what_came": no_rows(
            "select business_unit_code, model_code, version, predicted_share from marts.mart_model_versions "
            "where is_in_force = 1 and not predicted_share between 0.5 and 2",
            "info",
            "Of what was held out, less than half or more than twice came: a unit that grows, a season, or a sale "
            "that the history before it did not have. Trust the order of its customers more than the amounts.",
        ),
    },
    "marts.mart_persona_portraits": {
        "personas_of_a_month_are_all_that_have_one": no_rows(
            """
            select business_unit_code, month_start, p.customers as portrayed, f.customers as known
            from (
                select business_unit_code, month_start, sum(customer_count) as customers
                from marts.mart_persona_portraits group by 1, 2
            ) as p
            full join (
                select business_unit_code, month_start, count(*) as customers from core.fct_personas group by 1, 2
            ) as f using (business_unit_code, month_start)
            where p.customers is distinct from f.customers
            """,
            "critical",
        ),
        "personas_are_stable": no_rows(
            "select business_unit_code, month_start, sum(kept_share * former_count) / sum(former_count) as kept_share "
            "from {batch} where former_count > 0 group by 1, 2 "
            "having sum(former_count) >= 100 and sum(kept_share * former_count) < 0.7 * sum(former_count)",
            "info",
            "More than three in ten became another persona within a month: the rules tell apart what does not last.",
        ),
    },
    "marts.mart_customers": {
        "totals_are_those_of_the_orders": no_rows(
            """
            select 'orders' as total, m.orders as mart, f.orders as fact
            from (select coalesce(sum(order_count), 0) as orders from marts.mart_customers) as m
            cross join (
                select count(*) as orders from core.fct_orders
                where is_counted = 1 and customer_key <> 'unknown' and order_date is not null
            ) as f
            where m.orders <> f.orders
            """,
            "critical",
        ),
    },
    "marts.mart_customer_timeline": {
        "no_vietnamese_sentence_shows_a_phone_or_an_email": _no_contact_in_words("description_vi"),
        "no_english_sentence_shows_a_phone_or_an_email": _no_contact_in_words("description_en"),
        "every_sentence_is_whole": no_rows(
            "select kind_name_en, count(*) as events from {batch} "
            "where description_vi ~ '[][{{}}]' or description_en ~ '[][{{}}]' group by 1",
            "critical",
            "A placeholder that nobody fills: see seeds/interaction_kinds.csv.",
        ),
        "every_contact_of_a_known_customer_is_told": no_rows(
            """
            select i.source_key, i.interaction_kind_code, count(*) as contacts
            from core.fct_interactions as i
            where i.batch_id > (select ops.head_batch()) and i.customer_key <> 'unknown' and i.is_internal = 0
                and not exists (
                    select from marts.mart_customer_timeline as m
                    where m.event_id = i.interaction_id and m.customer_key = i.customer_key
                )
            group by 1, 2
            """,
            "critical",
        ),
        "what_is_told_is_a_contact_of_that_customer": no_rows(
            """
            select m.kind_name_en, count(*) as events
            from {batch} as m
            where left(m.event_id, 9) <> 'identity:'
                and not exists (
                    select from core.fct_interactions as i
                    where i.interaction_id = m.event_id and i.customer_key = m.customer_key and i.is_internal = 0
                )
            group by 1
            """,
            "critical",
        ),
    },
    "marts.mart_feedback": {
        "no_comment_shows_a_phone_or_an_email": _no_contact("comment_masked"),
    },
    "marts.metric_catalogue": {
        "every_metric_is_defined_in_two_languages": no_rows(
            "select metric_code, variant_code from {batch} where coalesce(name_vi, '') = '' "
            "or coalesce(name_en, '') = '' or coalesce(definition_vi, '') = '' or coalesce(definition_en, '') = ''",
            "critical",
        ),
    },
    "marts.mart_identity_accuracy": {
        name: no_rows(
            "select measure_code, right_count, pair_count from marts.mart_identity_accuracy where "
            f"measure_code = '{measure}' and rule_code = 'all' and pair_count >= 100 and share < {least}",
            severity,
            notes,
        )
        for name, measure, least, severity, notes in (
            (
                "of_the_pairs_joined_nearly_all_are_one_person",
                "precision",
                0.97,
                "warning",
                "By the pairs that people have compared, some strangers are joined. Were other pairs labelled "
                "(core.fct_identity_labels)? Else a value is shared by many, or a rule is too loose.",
            ),
            (
                "of_the_pairs_of_one_person_most_are_joined",
                "recall",
                0.85,
                "warning",
                "By the pairs that people have compared, some customers are two. Were pairs labelled that "
                "nothing joins (the list of `review`)? Else a source lost its phones or e-mails.",
            ),
            (
                "strangers_are_not_joined",
                "precision",
                0.9,
                "critical",
                "One pair in ten that is joined is two people, by the pairs that people have compared: a rule "
                "has become too loose. Which pairs: core.fct_identity_labels.",
            ),
            (
                "customers_are_not_torn_apart",
                "recall",
                0.5,
                "critical",
                "Half of the pairs of one person are two customers, by the pairs that people have compared: a "
                "rule has become too strict, or phones and e-mails are missing.",
            ),
        )
    },
    "marts.mart_reconciliation": {
        "our_figures_are_the_sources_own": no_rows(
            "select source_key, business_unit_code, measure_code, month_start, counted_value, stated_value "
            "from {batch} where is_within_tolerance = 0 and is_own_figure = 1",
            "critical",
            "The source states another figure of itself. Possible causes stand in the mart; a replay of the "
            "days (make replay) brings what is missing.",
        ),
        "our_figures_are_near_an_observers": no_rows(
            "select source_key, business_unit_code, measure_code, month_start, counted_value, stated_value "
            "from {batch} where is_within_tolerance = 0 and is_own_figure = 0",
            "info",
            "Who observes from outside sees less, such as those who consent, and a marketplace's rates count by its own "
            "rules: a sudden difference is a tracker that broke, or a status that is no longer understood.",
        ),
    },
}
