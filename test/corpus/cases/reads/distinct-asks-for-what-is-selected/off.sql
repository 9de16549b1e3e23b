SELECT DISTINCT amount FROM orders ORDER BY amount
