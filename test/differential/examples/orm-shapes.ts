import { reads, writes } from '../example.ts'

/** The SQL that ORMs generate, as they write it. The names are those of any kind; the shapes are verbatim. */
export const typeorm = [
  ...writes(
    'typeorm',
    {},
    {
      'insert with defaults': {
        sql: 'INSERT INTO {t}({c}, "email", "age", "tags", "meta", "active") VALUES ($1, $2, DEFAULT, DEFAULT, DEFAULT, DEFAULT) RETURNING {id}, "age", "active"',
        values: ['{raw:n1}', 'new@x'],
        needs: ['single'],
      },
      'insert two, expression': {
        sql: 'INSERT INTO {t}({c}, "email", "age", "meta") VALUES ($1, $2, DEFAULT, DEFAULT), ($3, $4, 1+1, DEFAULT) RETURNING {id}, "age"',
        values: ['{raw:n1}', 'n1@x', '{raw:n2}', 'n2@x'],
        needs: ['single'],
      },
      'insert where the column is DEFAULT': {
        sql: 'INSERT INTO {t}({c}, "email", "age") VALUES (DEFAULT, $1, 5) RETURNING {id}, {c}, "age"',
        values: ['n1@x'],
        needs: ['single'],
        without: ['volatile-default'],
      },
      'save of a change': {
        sql: 'UPDATE {t} SET {c} = $1, "age" = "age" + 1, "active" = CURRENT_TIMESTAMP IS NOT NULL WHERE "email" = $2',
        values: ['{raw:n1}', 'ada@x'],
      },
      upsert: {
        sql: 'INSERT INTO {t}("email", {cols}) VALUES (\'ada@x\', {all:n1}),(\'new@x\', {all:n2}) ON CONFLICT ( "email" ) DO UPDATE SET "email" = EXCLUDED."email", {c} = EXCLUDED.{c}, "age" = DEFAULT WHERE ({t}."email" IS DISTINCT FROM EXCLUDED."email" OR {t}.{c} IS DISTINCT FROM EXCLUDED.{c}) RETURNING {id}, {c}',
        needs: ['plain-key'],
      },
      increment: {
        sql: 'UPDATE {t} SET {c} = {c} + 2, "age" = "age" + 1 WHERE {c} = $1',
        values: ['{raw:v2}'],
        needs: ['number', 'single'],
        without: ['key'],
      },
      delete: { sql: 'DELETE FROM {t} WHERE ({c} = $1 AND {id} = $2)', values: ['{raw:v4}', 6] },
      'soft delete': 'UPDATE {t} SET "active" = false, "age" = 0 WHERE {id} IN (1) AND {c} IS NOT NULL',
    },
  ),
  ...reads(
    'typeorm',
    {},
    {
      'find with where and order': {
        sql: 'SELECT "User".{id} AS "User_id", "User".{c} AS "User_name", "User"."email" AS "User_email" FROM {t} "User" WHERE ( (("User".{c} = $1) AND ("User"."age" > $2)) ) AND ( "User"."active" IS NOT NULL ) ORDER BY "User".{c} ASC, "User".{id} ASC LIMIT 5 OFFSET 0',
        values: ['{raw:v1}', 10],
      },
      'find with relations and take':
        'SELECT DISTINCT "distinctAlias"."User_id" AS "ids_User_id", "distinctAlias"."User_name" FROM (SELECT "User".{id} AS "User_id", "User".{c} AS "User_name", "User__User_posts"."title" AS "User__User_posts_title" FROM {t} "User" LEFT JOIN "posts" "User__User_posts" ON "User__User_posts"."author_id"="User".{id} WHERE "User".{c} IS NOT NULL) "distinctAlias" ORDER BY "distinctAlias"."User_name" DESC, "User_id" ASC LIMIT 2 OFFSET 1',
      'query builder, group by key': {
        sql: 'SELECT "u".{id} AS "u_id", "u".{c} AS "u_name", coalesce("u".{c}, {v1}) AS "up" FROM {t} "u" LEFT JOIN "posts" "p" ON "p"."author_id" = "u".{id} GROUP BY "u".{id} HAVING count("p"."id") >= 0 ORDER BY "u_name" DESC, "u_id" LIMIT 3 OFFSET 1',
        needs: ['plain-key'],
      },
      'common table expression':
        'WITH "c" AS (SELECT "x".{id} AS "id", "x".{c} AS "nm" FROM {t} "x" WHERE "x"."age" > 3) SELECT c.nm FROM "c" "c" ORDER BY c.id',
      count: { sql: 'SELECT COUNT(1) AS "cnt" FROM {t} "User" WHERE "User".{c} = $1', values: ['{raw:v1}'] },
      exists: {
        sql: 'SELECT 1 AS "row_exists" FROM (SELECT 1 AS dummy_column) "dummy_table" WHERE EXISTS (SELECT 1 FROM {t} "User" WHERE "User".{c} = $1) LIMIT 1',
        values: ['{raw:v1}'],
      },
      'array parameter': {
        sql: 'SELECT "User".{id} AS "User_id" FROM {t} "User" WHERE "User".{c} = ANY($1) ORDER BY "User".{id}',
        values: [['{raw:v1}', '{raw:v3}']],
      },
      lock: 'SELECT "User".{id} AS "User_id", "User".{c} AS "User_name" FROM {t} "User" WHERE "User".{id} = 1 LIMIT 1 FOR UPDATE SKIP LOCKED',
      'joined entities': {
        sql: 'SELECT "Post"."id" AS "Post_id", "Post"."title" AS "Post_title", "Post__Post_author".{id} AS "Post__Post_author_id", "Post__Post_author".{c} AS "Post__Post_author_name" FROM "posts" "Post" LEFT JOIN {t} "Post__Post_author" ON "Post__Post_author".{id}="Post"."author_id" WHERE (("Post__Post_author".{c} = $1)) ORDER BY "Post"."id" ASC',
        values: ['{raw:v1}'],
      },
    },
  ),
]

export const drizzle = [
  ...writes(
    'drizzle',
    {},
    {
      insert: {
        sql: 'insert into {t} ({c}, "email", "age", "tags", "meta", "active") values ($1, $2, default, default, default, default), ($3, $4, $5, default, default, default) returning {id}, {c}, "email"',
        values: ['{raw:n1}', 'n1@x', '{raw:n2}', 'n2@x', 3],
        needs: ['single'],
      },
      'insert select': {
        sql: `insert into "posts" ("id", "title", "author_id") select nextval('posts_id_seq') as "id", 't' as "title", {id} from {t} where {t}.{c} = $1`,
        values: ['{raw:v1}'],
      },
      upsert: {
        sql: 'insert into {t} ("email", {c}) values ($1, $2) on conflict ("email") do update set {c} = excluded.{c}, "age" = $3 where {t}."age" > 0',
        values: ['ada@x', '{raw:n1}', 3],
        needs: ['plain-key', 'single'],
      },
      'update returning': {
        sql: 'update {t} set {c} = $1, "age" = {t}."age" + 1 where {t}.{id} = $2 returning {c}',
        values: ['{raw:n1}', 1],
      },
      'update from': 'update {t} set {c} = {n1} from "posts" where "posts"."author_id" = {t}.{id} and "posts"."id" = 5',
    },
  ),
  ...writes(
    'drizzle',
    { needs: ['text', 'single'] },
    {
      'insert with sql': {
        sql: 'insert into {t} ({c}, "email", "age") values (upper($1), $2, 1 + $3)',
        values: ['{raw:n1}', 'n1@x', 4],
      },
    },
  ),
  ...reads(
    'drizzle',
    {},
    {
      'select, unqualified list': {
        sql: 'select {id}, {c}, "email" from {t} where ({t}.{c} = $1 and ({t}.{c} in ($2, $3) or {t}.{c} is not null)) order by {t}.{c} desc, {t}.{id} asc limit $4 offset $5',
        values: ['{raw:v1}', '{raw:v1}', '{raw:v2}', 10, 0],
      },
      'alias in order': 'select {id}, coalesce({c}, {v1}), {c} as "nn" from {t} order by nn, {id}',
      'self-join':
        'select {t}.{c}, "u2".{c} from {t} inner join {t} "u2" on {t}."age" = "u2"."age" order by {t}.{id}, "u2".{id}',
      'distinct on': 'select distinct on ({t}.{c}) {id}, {c}, "email" from {t} order by {t}.{c}, {id}',
      union: 'select "title" from "posts" union (select {c}::text from {t}) order by title',
      'relational query': {
        sql: `select {t}.{id}, {t}.{c}, "users_posts"."data" as "posts" from {t} left join lateral (select coalesce(json_agg(json_build_array("users_posts"."id", "users_posts"."title", "users_posts"."author_id") order by "users_posts"."id"), '[]'::json) as "data" from "posts" "users_posts" where "users_posts"."author_id" = {t}.{id}) "users_posts" on true where {t}.{c} = $1 order by {t}.{c} desc, {t}.{id} limit $2`,
        values: ['{raw:v1}', 5],
      },
      'relational query, author': {
        sql: 'select "posts"."id", "posts_author"."data" as "author" from "posts" "posts" left join lateral (select json_build_array("posts_author".{c}, "posts_author"."age") as "data" from (select * from {t} "posts_author" where "posts_author".{id} = "posts"."author_id" limit $1) "posts_author") "posts_author" on true order by "posts"."id" limit $2',
        values: [1, 20],
      },
      count: { sql: 'select count(*) as count from {t} where {t}.{c} = $1;', values: ['{raw:v1}'] },
      named: { sql: 'select {id}, {c} from {t} where {t}.{id} = $1', values: [1], form: 'named' },
    },
  ),
]

export const kysely = [
  ...writes(
    'kysely',
    {},
    {
      'insert with aligned defaults': {
        sql: 'insert into {t} ({c}, "age", "email") values ($1, $2, $3), ($4, default, $5) returning {id}, {c} as "n"',
        values: ['{raw:n1}', 4, 'n1@x', '{raw:n2}', 'n2@x'],
        needs: ['single'],
      },
      upsert: {
        sql: 'insert into {t} ({c}, "email") values ($1, $2) on conflict ("email") do update set {c} = "excluded".{c}, "age" = $3',
        values: ['{raw:n1}', 'ada@x', 9],
        needs: ['plain-key', 'single'],
      },
      'update with an alias': { sql: 'update {t} as "u" set {c} = $1 where "u".{id} = $2', values: ['{raw:n1}', 1] },
      'insert returning star': {
        sql: 'insert into {t} ({c}, "email") values ($1, $2) returning *',
        values: ['{raw:n1}', 'new@x'],
        needs: ['single'],
      },
      merge: {
        sql: 'merge into {t} using "posts" on "posts"."author_id" = {t}.{id} and "posts"."id" in (5, 7) when matched then update set {c} = $1 when not matched and "posts"."id" = 7 then insert ("email", {c}) values ($2, $3)',
        values: ['{raw:n1}', 'new@x', '{raw:n2}'],
        since: 15,
        needs: ['single'],
      },
    },
  ),
  ...writes(
    'kysely',
    { needs: ['text', 'single', 'any-value'] },
    {
      'update from':
        'update {t} set {c} = "posts"."title" from "posts" where "posts"."author_id" = {t}.{id} and "posts"."id" in (5, 6)',
    },
  ),
  ...reads(
    'kysely',
    {},
    {
      'select all': 'select * from {t}',
      'json of whole rows':
        'select {t}.{c}, (select json_agg("posts" order by "posts"."id") as "j" from "posts" where "posts"."author_id" = {t}.{id}) as "posts" from {t} order by {t}.{id}',
      'json of whole rows of the table':
        'select "posts"."id", (select json_agg("u") as "j" from {t} as "u" where "posts"."author_id" = "u".{id}) as "author" from "posts" order by "posts"."id"',
      jsonArrayFrom: `select {id}, (select coalesce(json_agg(agg), '[]') from (select "posts"."title" from "posts" where "posts"."author_id" = {t}.{id} order by "posts"."id") as agg) as "ps" from {t} order by {id}`,
      jsonObjectFrom: `select "posts"."id", (select to_json(obj) from (select "u".{id}, "u".{c} from {t} as "u" where "u".{id} = "posts"."author_id") as obj) as "author" from "posts" order by "posts"."id"`,
      stream: { sql: 'select {id}, {c} from {t} where {c} is not null order by {id}', form: 'cursor' },
    },
  ),
]

export const prisma = [
  ...writes(
    'prisma',
    {},
    {
      upsert: {
        sql: 'INSERT INTO {tq} ("email",{c},"age") VALUES ($1,$2,$3) ON CONFLICT ("email") DO UPDATE SET {c} = $4 WHERE ({tq}."email" = $5 AND 1=1) RETURNING {tq}.{id}, {tq}.{c}, {tq}."age"::text',
        values: ['ada@x', '{raw:n1}', '3', '{raw:n2}', 'ada@x'],
        needs: ['plain-key', 'single'],
      },
      createMany: {
        sql: 'INSERT INTO {tq} ({c},"email","age") VALUES ($1,$2,$3), ($4,$5,$6) ON CONFLICT DO NOTHING',
        values: ['{raw:n1}', 'n1@x', '18', '{raw:n2}', 'n2@x', '19'],
        needs: ['single'],
      },
      'update returning': {
        sql: `UPDATE {tq} SET {c} = $1, "age" = ({tq}."age" + $2), "tags" = {tq}."tags" || $3 WHERE ({tq}.{id} = $4 AND 1=1) RETURNING {tq}.{id}, {tq}.{c}, {tq}."tags"`,
        values: ['{raw:n1}', '1', ['q'], '1'],
      },
      'delete returning': {
        sql: 'DELETE FROM {tq} WHERE ({tq}.{id} = $1 AND 1=1) RETURNING {tq}.{id}, {tq}.{c}',
        values: ['5'],
      },
      'cast of a value': {
        sql: 'INSERT INTO {tq} ("email",{c}) VALUES ($1,CAST($2::text AS {type})) RETURNING {tq}.{c}::text',
        values: ['n1@x', '{raw:n1}'],
        needs: ['single'],
      },
    },
  ),
  ...reads(
    'prisma',
    {},
    {
      findMany: {
        sql: 'SELECT {tq}.{id}, {tq}.{c}, {tq}."email" FROM {tq} WHERE ({tq}.{c} = $1 AND ({tq}.{c} IN ($2,$3) OR {tq}."age" > $4) AND {tq}."tags" @> $5) ORDER BY {tq}.{c} DESC, {tq}.{id} ASC LIMIT $6 OFFSET $7',
        values: ['{raw:v1}', '{raw:v1}', '{raw:v2}', '18', ['code'], '10', '0'],
      },
      contains: {
        sql: `SELECT {tq}.{id} FROM {tq} WHERE {tq}.{c} ILIKE ('%' || $1 || '%') ORDER BY {tq}.{id}`,
        values: ['a'],
        needs: ['text'],
      },
      count: {
        sql: 'SELECT COUNT(*) AS "_count$_all" FROM (SELECT {tq}.{id} FROM {tq} WHERE {tq}.{c} = $1 OFFSET $2) AS "sub"',
        values: ['{raw:v1}', '0'],
      },
      aggregate: {
        sql: 'SELECT MAX({c}) AS "_max$name", COUNT({c}) AS "_count$name" FROM (SELECT {tq}.{c} FROM {tq} WHERE 1=1) AS "sub"',
        without: ['boolean', 'uuid'],
      },
      'group by': {
        sql: 'SELECT {tq}.{c}, COUNT(*) AS "_count$_all" FROM {tq} WHERE 1=1 GROUP BY {tq}.{c} HAVING COUNT(*) > $1 ORDER BY {tq}.{c} ASC',
        values: ['0'],
      },
      'cast in the list': 'SELECT {tq}.{c}::text FROM {tq} ORDER BY {tq}.{id}',
      'cast aliased': 'SELECT {tq}.{c}::text AS "kind" FROM {tq} ORDER BY {tq}.{id}',
      'relation joins': `SELECT "t0"."id", "t0"."title", "posts_author"."__prisma_data__" AS "author" FROM "public"."posts" AS "t0" LEFT JOIN LATERAL (SELECT COALESCE(JSONB_AGG("__prisma_data__"), '[]') AS "__prisma_data__" FROM (SELECT "t3"."__prisma_data__" FROM (SELECT JSONB_BUILD_OBJECT('id', "t2".{id}, 'name', "t2".{c}, 'big', "t2".{c}::text) AS "__prisma_data__" FROM (SELECT "t1".* FROM {tq} AS "t1" WHERE "t0"."author_id" = "t1".{id} /* root select */) AS "t2" /* inner select */) AS "t3" /* middle select */) AS "t4") AS "posts_author" ON TRUE ORDER BY "t0"."id"`,
      'rows as arrays, named': {
        sql: 'SELECT {tq}.{id}, {tq}.{c} FROM {tq} WHERE ({tq}.{id} = $1 AND 1=1) LIMIT $2 OFFSET $3',
        values: ['1', '1', '0'],
        form: 'named',
      },
    },
  ),
]

export const knex = [
  ...writes(
    'knex',
    {},
    {
      'insert with DEFAULT': {
        sql: 'insert into {t} ("age", "email", {c}) values (DEFAULT, $1, $2), ($3, $4, DEFAULT) returning {id}, {c}',
        values: ['n1@x', '{raw:n1}', 4, 'n2@x'],
        needs: ['single'],
        without: ['volatile-default'],
      },
      'merge()': {
        sql: 'insert into {t} ("email", {c}) values ($1, $2) on conflict ("email") do update set "email" = excluded."email", {c} = excluded.{c}',
        values: ['ada@x', '{raw:n1}'],
        needs: ['plain-key', 'single'],
      },
      'merge() with raw': {
        sql: 'insert into {t} ("email", {c}) values ($1, $2) on conflict ("email") do update set {c} = excluded.{c},"age" = $3 where {t}."age" > $4',
        values: ['ada@x', '{raw:n1}', 3, 0],
        needs: ['plain-key', 'single'],
      },
      increment: {
        sql: 'update {t} set {c} = {c} + $1 where {id} = $2',
        values: [1, 2],
        needs: ['number', 'single'],
        without: ['key'],
      },
      savepoints: {
        sql: [
          'SAVEPOINT trx3;',
          'update {t} set {set:n1} where {id} = 1',
          'ROLLBACK TO SAVEPOINT trx3;',
          'RELEASE SAVEPOINT trx3;',
          'select {c} from {t} where {id} = 1',
        ],
      },
    },
  ),
  ...reads(
    'knex',
    {},
    {
      star: 'select * from {t}',
      'where, in, alias': {
        sql: 'select {id}, {c} as "n" from {t} where {c} = $1 or {c} in ($2, $3) and "age" is not null order by {c} desc, {id} limit $4 offset $5',
        values: ['{raw:v1}', '{raw:v2}', '{raw:v3}', 10, 0],
      },
      join: 'select "u".{c}, "p"."title" from {t} as "u" left join "posts" as "p" on "p"."author_id" = "u".{id} order by "u".{id}, "p"."id"',
      distinct: 'select distinct {c} from {t} order by {c} asc',
      first: { sql: 'select * from {t} where {c} = $1 order by {id} limit $2', values: ['{raw:v1}', 1] },
      pluck: 'select {c} from {t} order by {id}',
      with: 'with "w" as (select {c}, {id} from {t}) select * from "w" order by {id}',
    },
  ),
]

export const mikroOrm = [
  ...writes(
    'mikro-orm',
    {},
    {
      'insert, inlined': {
        sql: `insert into {t} ({cols}, "email", "age", "meta", "tags") values ({all:n1}, 'new@x', 18, '{"a":1}', '{x,y}') returning {id}, "active"`,
      },
      'batch update': {
        sql: `update {t} set "age" = case when ({id} = 1) then 19 when ({id} = 2) then 19 else "age" end, {c} = case when ({id} = 1) then {n1} when ({id} = 2) then {n2} else {c} end where {id} in (1, 2) returning {id}, "active"`,
      },
      upsertMany: {
        sql: `insert into {t} ("email", {cols}, "age") values ('ada@x', {all:n1}, 1), ('new@x', {all:n2}, 2) on conflict ("email") do update set {c} = excluded.{c}, "age" = excluded."age" returning {id}, "meta"`,
        needs: ['plain-key'],
      },
      remove: { sql: 'delete from {t} where {id} in (5) and {c} = {v5}', needs: ['unique'] },
    },
  ),
  ...reads(
    'mikro-orm',
    {},
    {
      'find, inlined':
        'select "u0".* from {t} as "u0" where "u0".{c} = {v1} and ("u0"."age" > 1 or "u0".{c} in ({v1}, {v2})) order by "u0".{c} desc, "u0".{id} limit 2',
      'pagination by a nested sub-select': {
        sql: 'select "u".{id}, "u".{c} from {t} as "u" where "u".{id} in (select "u".{id} from (select "u".{id} from {t} as "u" left join "posts" as "p" on "p"."author_id" = "u".{id} group by "u".{id} order by min("u".{c}) asc, "u".{id} limit 3) as "u") order by "u".{c}, "u".{id}',
        needs: ['plain-key'],
        without: ['boolean', 'uuid'],
      },
      populate:
        'select "p0".*, "a1".{id} as "a1__id", "a1".{c} as "a1__name" from "posts" as "p0" left join {t} as "a1" on "p0"."author_id" = "a1".{id} where "p0"."id" in (1, 2, 7) order by "p0"."id"',
      count: 'select count(*) as "count" from {t} as "u0" where "u0".{c} = {v1}',
      lock: 'select "u0".* from {t} as "u0" where "u0".{id} = 1 limit 1 for update',
    },
  ),
]

export const sequelize = [
  ...writes(
    'sequelize',
    {},
    {
      create: {
        sql: 'INSERT INTO {t} ("email",{c},"age","tags","meta","active") VALUES ($1,$2,$3,DEFAULT,DEFAULT,DEFAULT) RETURNING {id},{c},"email","age","active";',
        values: ['new@x', '{raw:n1}', 3],
        needs: ['single'],
      },
      bulkCreate: {
        sql: `INSERT INTO {t} ("email",{cols},"age") VALUES ('ada@x',{all:n1},18),('c''d@x',{all:n2},3) ON CONFLICT ("email") DO UPDATE SET {c}=EXCLUDED.{c},"age"=EXCLUDED."age" RETURNING {id},{c},"email";`,
        needs: ['plain-key'],
      },
      update: {
        sql: 'UPDATE {t} SET {c}=$1,"age"=age + 1,"active"=$2 WHERE ({id} = $3) RETURNING {id},{c},"age"',
        values: ['{raw:n1}', false, 1],
      },
      increment: { sql: `UPDATE {t} SET "age"="age"+ 2,"active"=true WHERE {c} = {v1} RETURNING *` },
      destroy: { sql: 'DELETE FROM {t} WHERE {id} IN (SELECT {id} FROM {t} WHERE {c} = {v4} AND {id} > 4 LIMIT 1)' },
    },
  ),
  ...reads(
    'sequelize',
    {},
    {
      settings: "SET LOCAL client_min_messages TO warning;SET LOCAL TIME ZONE INTERVAL '+00:00' HOUR TO MINUTE;",
      findAll: `SELECT {id}, {c}, "email" AS "mail" FROM {t} AS "User" WHERE ("User"."active" IS NOT NULL AND ("User"."age" > 1 OR "User".{c} IN ({v1}, {v2}))) ORDER BY "User".{c} DESC, "User".{id} LIMIT 5 OFFSET 1;`,
      'include with limit':
        'SELECT "User".*, "posts"."id" AS "posts.id", "posts"."title" AS "posts.title" FROM (SELECT "User".{id}, "User".{c}, "User"."email" FROM {t} AS "User" WHERE "User".{c} IS NOT NULL ORDER BY "User".{id} LIMIT 2) AS "User" LEFT OUTER JOIN "posts" AS "posts" ON "User".{id} = "posts"."author_id" ORDER BY "User".{id}, "posts"."id";',
      'count distinct': `SELECT count(DISTINCT("User".{c})) AS "count" FROM {t} AS "User";`,
    },
  ),
]
