UPDATE visits SET hour = '10:00', "visited_at" = ((("visits"."day")::date) + (('10:00')::time without time zone)) WHERE day = '2024-02-29'
