SELECT "u"."full_name" AS "name", u."full_name" AS n FROM U&"!0075sers" UESCAPE '!' u
