import { type Step, step } from './step.ts'

/** PostgreSQL's own functions and operators over migrating columns, as applications put them into query builders. */
export const EXPRESSIONS: readonly Step[] = [
  step('expressions: window functions and frames', ({ source, entities: { Customer } }) =>
    source
      .createQueryBuilder(Customer, 'c')
      .select('c.id', 'id')
      .addSelect('rank() OVER (PARTITION BY c.status ORDER BY c.visits DESC, c.id)', 'place')
      .addSelect('lag(c.name, 1, c.code) OVER (ORDER BY c.id)', 'before')
      .addSelect('sum(c.balance) OVER w', 'so_far')
      .addSelect('first_value(c.home.zip) OVER (ORDER BY c.name, c.id)', 'zip')
      .orderBy('c.id')
      .getQuery()
      .replace('OVER w', 'OVER (ORDER BY "c"."id" ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)')
      .split('\0')
      .reduce((_, sql) => source.query(sql), Promise.resolve<unknown>(undefined)),
  ),
  step('expressions: json', ({ source, entities: { Customer } }) =>
    source
      .createQueryBuilder(Customer, 'c')
      .select("c.profile -> 'tags' ->> 0", 'tag')
      .addSelect("c.profile #>> '{tags,0}'", 'path')
      .addSelect("jsonb_set(coalesce(c.profile, '{}'), '{name}', to_jsonb(c.name))", 'changed')
      .addSelect("c.profile ? 'born'", 'has')
      .addSelect('jsonb_build_object(c.code, c.visits) || coalesce(c.profile, :none)', 'merged')
      .where("c.profile @> :some OR c.profile IS NULL OR c.profile = '{}'", { some: { born: 1815 }, none: {} })
      .orderBy('c.id')
      .getRawMany(),
  ),
  step('expressions: json that is updated in place', ({ source, entities: { Customer }, column }) =>
    source
      .createQueryBuilder()
      .update(Customer)
      .set({
        profile: () => `coalesce(${column('profile')}, '{}') || jsonb_build_object('seen', ${column('visits')})`,
        labels: () => `array_append(${column('labels')}, ${column('code')}::text)`,
      })
      .where(
        `${column('labels')} && ARRAY['math', 'late'] AND ${column('code')} = 'ada' AND ${column('status')} <> 'gone'`,
      )
      .returning(['id', 'profile', 'labels'])
      .execute(),
  ),
  step('expressions: arrays', ({ source, entities: { Customer } }) =>
    source
      .createQueryBuilder(Customer, 'c')
      .select('c.id', 'id')
      .addSelect('cardinality(c.labels)', 'size')
      .addSelect("array_to_string(c.labels, ',', '-')", 'joined')
      .addSelect('ARRAY(SELECT upper(l) FROM unnest(c.labels) l ORDER BY l)', 'loud')
      .where(':label = ANY(c.labels) OR c.labels IS NULL OR c.labels @> ARRAY[]::text[]', { label: 'math' })
      .orderBy('c.id')
      .getRawMany(),
  ),
  step('expressions: unnest in FROM', ({ source, column }) =>
    source.query(
      `SELECT c.id, l.label, l.n FROM customers c CROSS JOIN LATERAL unnest(c.${column('labels')}) WITH ORDINALITY AS l (label, n) ORDER BY 1, 3`,
    ),
  ),
  step('expressions: full text search', ({ source, entities: { Customer } }) =>
    source
      .createQueryBuilder(Customer, 'c')
      .addSelect("ts_rank(to_tsvector('simple', c.name), plainto_tsquery('simple', :words))", 'rank')
      .where("to_tsvector('simple', c.name || ' ' || c.code) @@ plainto_tsquery('simple', :words)", { words: 'ada' })
      .orderBy('rank', 'DESC')
      .addOrderBy('c.id')
      .getMany(),
  ),
  step('expressions: CASE, COALESCE, NULLIF, casts, patterns', ({ source, entities: { Customer } }) =>
    source
      .createQueryBuilder(Customer, 'c')
      .select("CASE c.status WHEN 'active' THEN c.name ELSE coalesce(c.secret, c.code) END", 'shown')
      .addSelect('nullif(c.visits, 7)::text', 'not_seven')
      .addSelect('(c.balance / 100.0)::numeric(10, 2)', 'euros')
      .addSelect('c.visits % 2 = 0', 'even')
      .addSelect("c.name ~* '^[a-d]' AND c.name NOT LIKE '%x%'", 'early')
      .addSelect("regexp_replace(c.name, '[aeiou]', '*', 'g')", 'masked')
      .addSelect('greatest(c.visits, c.balance, 5)', 'most')
      .addSelect("concat_ws(' ', c.code, c.name, c.home.zip)", 'all')
      .addSelect('c.status IS DISTINCT FROM :status', 'other')
      .setParameter('status', 'blocked')
      .orderBy("CASE WHEN c.status = 'blocked' THEN 0 ELSE 1 END")
      .addOrderBy('lower(c.name)', 'DESC', 'NULLS LAST')
      .getRawMany(),
  ),
  step('expressions: row comparisons and keyset pages', ({ source, entities: { Customer } }) =>
    source
      .createQueryBuilder(Customer, 'c')
      .where('(c.name, c.id) > (:name, :id)', { name: 'Cy', id: 1 })
      .orderBy('c.name')
      .addOrderBy('c.id')
      .limit(3)
      .getMany(),
  ),
  step('expressions: aggregates with FILTER and ORDER BY', ({ source, entities: { Customer } }) =>
    source
      .createQueryBuilder(Customer, 'c')
      .select("count(*) FILTER (WHERE c.status = 'active')", 'active')
      .addSelect('array_agg(DISTINCT c.status ORDER BY c.status)', 'statuses')
      .addSelect('json_agg(c.name ORDER BY c.visits, c.name)', 'names')
      .addSelect('percentile_disc(0.5) WITHIN GROUP (ORDER BY c.visits)', 'median')
      .addSelect('bool_or(c.visits > 40)', 'often')
      .addSelect('max(c.balance) - min(c.balance)', 'range')
      .getRawMany(),
  ),
  step('expressions: grouping sets', ({ source, entities: { Customer } }) =>
    source
      .createQueryBuilder(Customer, 'c')
      .select('c.status', 'status')
      .addSelect('c.visits > 5', 'often')
      .addSelect('count(*)', 'n')
      .addSelect('grouping(c.status)', 'level')
      .groupBy('ROLLUP (c.status, c.visits > 5)')
      .orderBy('level')
      .addOrderBy('status')
      .addOrderBy('often', 'ASC', 'NULLS FIRST')
      .getRawMany(),
  ),
  step('expressions: a table by its name, without an entity', ({ source, column }) =>
    source
      .createQueryBuilder()
      .select(`u.${column('name')}`, 'name')
      .addSelect('o.id', 'order')
      .from('customers', 'u')
      .leftJoin('orders', 'o', 'o."customerId" = u.id')
      .where(`u.${column('visits')} > :least`, { least: 1 })
      .orderBy('u.id')
      .addOrderBy('o.id')
      .getRawMany(),
  ),
  step('expressions: update from another table, delete using one', async ({ source, column }) => [
    await source.query(
      `WITH changed AS (UPDATE lines l SET ${column('quantity')} = l.${column('quantity')} + o.id FROM orders o WHERE o.id = l."orderId" AND o.${column('title')} LIKE $1 RETURNING l.id, l.${column('quantity')}) SELECT * FROM changed ORDER BY id`,
      ['first%'],
    ),
    await source.query(
      `DELETE FROM lines l USING orders o WHERE o.id = l."orderId" AND l.${column('quantity')} > $1 AND o.${column('title')} <> ''`,
      [100],
    ),
  ]),
  step('expressions: insert of what a common table expression has updated', ({ source, column }) =>
    source.query(
      `WITH touched AS (UPDATE customers SET ${column('visits')} = ${column('visits')} + 1 WHERE ${column('code')} IN ('cy', 'di') RETURNING id, ${column('name')} AS who)
       INSERT INTO notes (body, "customerId") SELECT who || ' came', id FROM touched ORDER BY id RETURNING body`,
    ),
  ),
  step('expressions: a recursive common table expression', ({ source, entities: { Customer } }) =>
    source
      .createQueryBuilder()
      .addCommonTableExpression(
        `SELECT id, referrer_id, 0 AS depth FROM customers WHERE referrer_id IS NULL UNION ALL SELECT c.id, c.referrer_id, r.depth + 1 FROM customers c JOIN reached r ON c.referrer_id = r.id`,
        'reached',
        { recursive: true },
      )
      .select('c.name', 'name')
      .addSelect('r.depth', 'depth')
      .from(Customer, 'c')
      .innerJoin('reached', 'r', 'r.id = c.id')
      .orderBy('r.depth')
      .addOrderBy('c.name')
      .getRawMany(),
  ),
  step('expressions: set operations', ({ source, entities: { Customer, Order } }) => {
    const names = source.createQueryBuilder(Customer, 'c').select('c.name', 'name').where('c.visits > 1').getQuery()
    const titles = source.createQueryBuilder(Order, 'o').select('o.title', 'name').getQuery()
    return source.query(`(${names}) UNION ALL (${titles}) EXCEPT SELECT 'Cy' ORDER BY name`)
  }),
]
