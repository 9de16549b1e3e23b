UPDATE visits SET hour = '10:00' WHERE day = '2024-02-29'
