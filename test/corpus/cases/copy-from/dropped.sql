COPY users ("full_name", email) FROM STDIN WHERE ("full_name" IS NULL OR "pg_catalog"."varchar"("full_name"::"pg_catalog"."varchar", 44, false) IS NOT NULL)
