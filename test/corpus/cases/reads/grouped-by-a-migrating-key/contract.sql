SELECT (("tickets"."number"::integer)::integer) AS "id", title FROM tickets GROUP BY "tickets"."number"
