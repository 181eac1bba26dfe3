{{ stack('payments', [
    'payment_id',
    'order_id',
    'kind_code',
    'method_code',
    'paid_at',
    'amount',
]) }}
