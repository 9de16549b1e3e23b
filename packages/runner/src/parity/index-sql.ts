import { quoteIdentifier } from '@expand-contract/core'
import { dollarQuoted } from '../sql/sync-function.ts'
import { literal } from '../sql/sync-names.ts'
import type { ParityContext } from './parity-context.ts'
import type { IndexKey, ParityIndex, ParityMember } from './parity-facts.ts'

/** `fillfactor=70` as `fillfactor='70'`. */
export const optionText = (option: string): string => {
  const at = option.indexOf('=')
  return `${quoteIdentifier(option.slice(0, at))}=${literal(option.slice(at + 1))}`
}

interface NewIndex {
  readonly name: string
  readonly table: string
  readonly how: 'CONCURRENTLY' | 'ONLY'
}

/** The counterpart of an index: from the catalog, since the parser gives no position for plain columns. */
export function createIndex(context: ParityContext, index: ParityIndex, { name, table, how }: NewIndex): string {
  const keys = index.keys.map((key) => keyText(context, key))
  const columns = index.include.map((column) => quoteIdentifier(context.column(column)))
  return [
    `CREATE ${index.unique ? 'UNIQUE ' : ''}INDEX ${how === 'CONCURRENTLY' ? 'CONCURRENTLY ' : ''}${quoteIdentifier(name)}`,
    ` ON ${how === 'ONLY' ? 'ONLY ' : ''}${table} USING ${quoteIdentifier(index.method)} (${keys.join(', ')})`,
    columns.length === 0 ? '' : ` INCLUDE (${columns.join(', ')})`,
    index.nullsNotDistinct ? ' NULLS NOT DISTINCT' : '',
    index.options.length === 0 ? '' : ` WITH (${index.options.map(optionText).join(', ')})`,
    index.tablespace === null ? '' : ` TABLESPACE ${index.tablespace}`,
    index.predicate === null ? '' : ` WHERE ${context.expression(index.predicate)}`,
  ].join('')
}

/**
 * Takes an index away that is invalid: one that has come to its end meanwhile, or is of another table, stays. It is to be run under a lock that a build
 * holds, too; CONCURRENTLY would wait for a build of somebody else, and then drop what has become of it.
 */
export const dropInvalid = (index: string, table: string): string =>
  `DO ${dollarQuoted(`BEGIN
  IF EXISTS (SELECT FROM pg_catalog.pg_index i WHERE i.indexrelid = pg_catalog.to_regclass(${literal(index)})::pg_catalog.oid
    AND i.indrelid = pg_catalog.to_regclass(${literal(table)})::pg_catalog.oid AND NOT i.indisvalid) THEN
    DROP INDEX ${index};
  END IF;
END`)}`

export function keyText(context: ParityContext, key: IndexKey): string {
  const what =
    key.column === null ? `(${context.expression(key.expression ?? '')})` : quoteIdentifier(context.column(key.column))
  const options = key.classOptions.length === 0 ? '' : ` (${key.classOptions.map(optionText).join(', ')})`
  return [
    what,
    key.collation === null ? '' : ` COLLATE ${key.collation}`,
    // Options of an operator class need its name; the default one is another for another type.
    key.defaultClass && options === '' ? '' : ` ${key.operatorClass}${options}`,
    key.descending ? ' DESC' : '',
    key.nullsFirst === key.descending ? '' : key.nullsFirst ? ' NULLS FIRST' : ' NULLS LAST',
  ].join('')
}

/** Two indexes of which one is the counterpart of the other have the same; comments, names and constraints are no part of it. */
export function indexSignature(context: ParityContext, index: ParityIndex, side: 'old' | 'new'): string {
  const column = (name: string): string => (side === 'old' ? context.column(name) : name)
  const text = (expression: string | null): string | null =>
    expression === null ? null : context.comparable(expression, side)
  return JSON.stringify([
    ...[index.member, index.method, index.unique, index.nullsNotDistinct],
    index.keys.map((key) => [
      key.column === null ? text(key.expression) : column(key.column),
      ...[key.column === null, key.defaultClass ? 'default' : key.operatorClass],
      ...[key.classOptions, key.collation, key.descending, key.nullsFirst],
    ]),
    ...[index.include.map(column), text(index.predicate), index.options.toSorted(), index.tablespace],
  ])
}

/** Whoever owns a table may still lack the right to create something in its schema. */
export function lackingFor(
  { lacking }: ParityContext,
  { tablespace, mayUse }: ParityIndex,
  member: ParityMember,
): void {
  if (!member.mayCreate) lacking.add(`CREATE ON SCHEMA ${quoteIdentifier(member.schema)}`)
  if (tablespace !== null && !mayUse) lacking.add(`CREATE ON TABLESPACE ${tablespace}`)
}
