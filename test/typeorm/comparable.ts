import { QueryFailedError } from 'typeorm'

const FACTS = ['code', 'detail', 'constraint', 'column', 'table', 'dataType'] as const

/** A result as plain data: times apart, everything of it, also what is undefined and of which class an object is. */
export function comparable(value: unknown): unknown {
  if (value instanceof Date) return '<time>'
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
  const facts = error instanceof QueryFailedError ? { ...error.driverError } : {}
  return {
    '<error>': error.name,
    message: error.message,
    ...Object.fromEntries(FACTS.map((fact) => [fact, facts[fact as keyof typeof facts]])),
  }
}
