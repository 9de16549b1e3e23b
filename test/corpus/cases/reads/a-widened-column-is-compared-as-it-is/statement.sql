SELECT amount FROM orders WHERE amount = $1 AND amount IN (1, $2) AND amount = ANY ($3) ORDER BY amount
