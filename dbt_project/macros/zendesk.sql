{# The tickets with a comment by a user that arrived, staff now or once: who is staff says who replied. #}
{% macro zendesk_answered_by(arrived) %}
    select comments.parent_key
    from {{ source('raw_zendesk', 'comments') }} as comments
    where {{ json_text('comments.payload', 'author_id') }} = any(array(
        select users.record_key
        from {{ source('raw_zendesk', 'users') }} as users
        where users.record_key in ({{ arrived }})
            and coalesce({{ json_text('users.payload', 'role') }}, 'end-user') <> 'end-user'
    ))
{% endmacro %}
