import { QueryFailedError } from 'typeorm'

/** Also in texts: of the query cache, and of rows in error messages. */
const TIMES = /\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d+)?Z?|\b1[6-9]\d{11}\b/gu

const FACTS = ['code', 'detail', 'constraint', 'column', 'table', 'dataType'] as const

/** A result as plain data: times apart, everything of it, also what is undefined and of which class an object is. */
export function comparable(value: unknown): unknown {
  if (value instanceof Date) return '<time>'
  if (typeof value === 'string') return value.replaceAll(TIMES, '<time>')
  if (typeof value === 'number') return value > 1.6e12 ? '<time>' : value
  if (value === undefined) return '<undefined>'
  if (value instanceof Promise) return '<promise>'
  if (value instanceof Error) return errorFacts(value)
  if (Array.isArray(value)) return value.map(comparable)
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value).map(([key, field]) => [key, comparable(field)] as const)
  const madeBy: unknown = value.constructor
  const name = typeof madeBy === 'function' && madeBy !== Object ? madeBy.name : undefined
  return Object.fromEntries(name === undefined ? fields : [['<class>', name], ...fields])
}

function errorFacts(error: Error): unknown {
  const facts: Record<string, unknown> = error instanceof QueryFailedError ? { ...error.driverError } : {}
  // What it says of a row is the row as it is stored, with columns of both sides.
  if ('detail' in facts && String(facts.detail).startsWith('Failing row contains')) facts.detail = '<row>'
  return {
    '<error>': error.name,
    message: error.message,
    ...Object.fromEntries(FACTS.map((fact) => [fact, facts[fact]])),
  }
}
