{# Fails for rows for which the expression is false; null counts as true, as in a check constraint. #}
{% test expression_is_true(model, expression) %}
select *
from {{ model }}
where not ({{ expression }})
{% endtest %}
