import type { CatalogPhases, PhasesInCatalog, RecordedPhase } from '@expand-contract/core'

/** The positions of old columns as they were when their migrations began, by relation (`public.users`) and column. */
export type RecordedPlaces = Readonly<Record<string, Readonly<Record<string, number>>>>

/**
 * One value of the list in the inner query: its kind, and what it says. Both tables are read by a text that PostgreSQL parses when
 * it runs it: a query that named them could not be sent to a database that has none, or to which they come later. ts_stat is the
 * one function of PostgreSQL that runs a text, is there in every build, and writes nothing.
 */
const RECORDED = `SELECT pg_catalog.array_to_tsvector(pg_catalog.array_agg(x.word)) FROM (
  SELECT pg_catalog.concat('installation:', i.id, ':', (SELECT d.oid FROM pg_catalog.pg_database d
    WHERE d.datname = pg_catalog.current_database())) AS word FROM %1$I.installation i
  UNION ALL SELECT pg_catalog.concat(u.nr, ':', m.epoch, ':', pg_catalog.left(m.phase, 100)) FROM %1$I.migrations m
  JOIN pg_catalog.unnest(%2$L::pg_catalog.text[]) WITH ORDINALITY AS u(id, nr) ON u.id = m.id%3$s) x`

/** Their places as well, of relations by these names. A word of such a list has 2,046 bytes at most, and the list 1 MB. */
const PLACES = `
  UNION ALL (SELECT p.word FROM (SELECT m.id, e.key, pg_catalog.concat('place::', pg_catalog.jsonb_build_array(e.key, e.value)) AS word
    FROM %1$I.migrations m CROSS JOIN LATERAL pg_catalog.jsonb_each(CASE pg_catalog.jsonb_typeof(pg_catalog.to_jsonb(m) -> 'old_positions')
      WHEN 'object' THEN pg_catalog.to_jsonb(m) -> 'old_positions' ELSE '{}' END) e) p
  WHERE p.id = ANY (%2$L::pg_catalog.text[]) AND EXISTS (SELECT FROM pg_catalog.unnest(%3$L::pg_catalog.text[]) r(name)
      WHERE pg_catalog.right(p.key, pg_catalog.length(r.name) + 1) = '.' || r.name)
    AND pg_catalog.octet_length(p.word) < 2000 LIMIT 400)`

const hasColumns = (table: string, columns: readonly string[]): string =>
  `(SELECT pg_catalog.count(*) FROM pg_catalog.pg_attribute a WHERE a.attrelid = x.${table} AND NOT a.attisdropped
    AND a.attname IN (${columns.map((column) => `'${column}'`).join(', ')})) = ${columns.length}`

/**
 * One of the catalog's queries with the phases beside its answer, in the same snapshot. Nothing about them makes it fail: neither
 * that the tables are not there, nor that the role may not read them. It takes two more values: the schema, and the ids. `names` is the
 * parameter with the names of relations whose old columns' places are wanted as well.
 */
export function withPhases(text: string, values: number, names?: string): string {
  const [schema, ids] = [`$${values + 1}::pg_catalog.text`, `$${values + 2}::pg_catalog.text[]`]
  const places =
    names === undefined ? "''" : `pg_catalog.format(${literal(PLACES)}, ${schema}, ${ids}, ${names}::pg_catalog.text[])`
  const table = (name: string): string => `(SELECT c.oid FROM pg_catalog.pg_class c
    WHERE c.relnamespace = n.oid AND c.relname = '${name}' AND c.relkind = 'r') AS ${name}`
  return `SELECT q.*, (SELECT pg_catalog.json_build_object('state', s.state, 'found', CASE WHEN s.state = 'readable' THEN (
    SELECT pg_catalog.json_agg(w.word) FROM pg_catalog.ts_stat(pg_catalog.format(${literal(RECORDED)}, ${schema}, ${ids}, ${places})) w) END)
  FROM (SELECT CASE
      WHEN NOT (${hasColumns('migrations', ['id', 'phase', 'epoch'])} AND ${hasColumns('installation', ['id'])}) THEN 'missing'
      WHEN pg_catalog.has_schema_privilege(x.schema, 'USAGE') AND pg_catalog.has_table_privilege(x.migrations, 'SELECT')
        AND pg_catalog.has_table_privilege(x.installation, 'SELECT') THEN 'readable'
      ELSE 'forbidden' END AS state
    FROM (SELECT n.oid AS schema, ${table('migrations')}, ${table('installation')}
      FROM pg_catalog.pg_namespace n WHERE n.nspname = ${schema}::pg_catalog.name) x) s)::pg_catalog.text AS phases
FROM (${text}) q`
}

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`

/** What the query answers as `phases`. */
interface FoundPhases {
  readonly state: CatalogPhases['state']
  readonly found: readonly string[] | null
}

const NOTHING: CatalogPhases = Object.freeze({ state: 'missing', installation: undefined, recorded: new Map() })

export function readPhases(answer: string | null | undefined, ids: readonly string[]): CatalogPhases {
  if (answer == null) return NOTHING
  const { state, found }: FoundPhases = JSON.parse(answer)
  const recorded = new Map<string, RecordedPhase>()
  let installation: string | undefined
  for (const word of found ?? []) {
    const [, first = '', second = '', rest = ''] = /^([^:]*):([^:]*):(.*)$/su.exec(word) ?? []
    const id = ids[Number(first) - 1]
    if (first === 'installation') installation = `${second}:${rest}`
    else if (id !== undefined) recorded.set(id, { phase: rest, epoch: Number(second) })
  }
  return { state, installation, recorded }
}

/** Where the old columns stood; nothing where it was not asked for, or is not known. */
export function readPlaces(answer: string | null | undefined): RecordedPlaces {
  if (answer == null) return {}
  const { found }: FoundPhases = JSON.parse(answer)
  const places: Record<string, Readonly<Record<string, number>>> = {}
  for (const word of found ?? []) {
    if (!word.startsWith(PLACE)) continue
    const [relation, columns]: [string, Readonly<Record<string, number>>] = JSON.parse(word.slice(PLACE.length))
    // Several migrations of one table.
    places[relation] = { ...places[relation], ...columns }
  }
  return places
}

const PLACE = 'place::'

/** The values that `withPhases` takes besides. */
export const phaseValues = ({ schema }: PhasesInCatalog, ids: readonly string[]): readonly unknown[] => [schema, ids]
