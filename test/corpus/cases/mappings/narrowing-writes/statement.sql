UPDATE orders SET amount_big = amount_big + 1
