SELECT day, hour FROM visits WHERE day = $1 ORDER BY day, hour
