UPDATE visits SET "visited_at" = ((((("visits"."visited_at"::date)::date))::date) + (('10:00')::time without time zone)) WHERE (("visits"."visited_at"::date)::date) = '2024-02-29'
