{{ stack('order_lines', [
    'order_id',
    'line_id',
    'product_id',
    'product_name',
    'quantity',
    'unit_price',
    'discount_amount',
    'shipping_amount',
    'copy_number',
]) }}
