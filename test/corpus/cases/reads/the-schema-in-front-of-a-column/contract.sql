SELECT public.users."full_name" AS "name" FROM public.users
