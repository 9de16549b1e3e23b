SELECT amount_big FROM orders WHERE amount_big = $1
