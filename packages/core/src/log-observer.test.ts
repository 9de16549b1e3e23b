import { describe, expect, it } from 'vitest'
import { consoleObserver, type LogLevel, loggerObserver } from './log-observer.ts'
import type { StatementEvent } from './observer.ts'

const LEVELS = ['debug', 'info', 'warn', 'error'] as const satisfies readonly LogLevel[]

function recording() {
  const lines: { readonly level: LogLevel; readonly args: readonly unknown[] }[] = []
  const methods = Object.fromEntries(
    LEVELS.map((level) => [level, (...args: unknown[]) => void lines.push({ level, args })]),
  ) as Record<LogLevel, (...args: unknown[]) => void>
  return { lines, methods }
}

const statement = (facts: Partial<StatementEvent> = {}): StatementEvent => ({
  outcome: 'refused',
  command: 'COPY',
  tables: ['users'],
  fingerprint: 'f1',
  text: 'copy users from stdin',
  reads: { 'users.full_name': 'old' },
  shape: {},
  reasons: [{ migration: 'users.full_name', code: 'copy-from', message: 'COPY brings rows.', position: 0 }],
  scope: { context: { userId: 'secret' }, pins: new Map(), places: new Map() },
  transaction: undefined,
  ...facts,
})

describe('consoleObserver', () => {
  it('takes the global console', () => {
    expect(Object.keys(consoleObserver(console))).toEqual(['onStatement', 'onCatalog', 'onWarning'])
  })

  it('tells a statement once, at a level by its outcome', () => {
    const { lines, methods } = recording()
    const observer = consoleObserver(methods)
    observer.onStatement?.(statement())
    observer.onStatement?.(statement())
    observer.onStatement?.(statement({ outcome: 'kept', fingerprint: 'f2' }))
    observer.onStatement?.(statement({ outcome: 'rewritten', reasons: [] }))
    expect(lines).toEqual([
      {
        level: 'error',
        args: [
          'expand-contract: COPY on users was refused (users.full_name: copy-from)',
          {
            outcome: 'refused',
            command: 'COPY',
            tables: ['users'],
            fingerprint: 'f1',
            statement: 'copy users from stdin',
            reads: { 'users.full_name': 'old' },
            reasons: [{ migration: 'users.full_name', code: 'copy-from', message: 'COPY brings rows.', position: 0 }],
          },
        ],
      },
      { level: 'info', args: [expect.stringContaining('was kept as it is'), expect.anything()] },
    ])
  })

  it('tells the outcomes that it is asked for', () => {
    const { lines, methods } = recording()
    const observer = consoleObserver(methods, { outcomes: ['rewritten'] })
    observer.onStatement?.(statement())
    observer.onStatement?.(statement({ outcome: 'rewritten', reasons: [] }))
    expect(lines).toMatchObject([{ level: 'debug', args: ['expand-contract: COPY on users was rewritten', {}] }])
  })

  it('tells columns and warnings, without what a cause may quote', () => {
    const { lines, methods } = recording()
    const observer = consoleObserver(methods)
    observer.onCatalog?.({ migration: 'users.full_name', physical: 'both' })
    observer.onCatalog?.({ migration: 'users.full_name', physical: 'missing-table' })
    const cause = Object.assign(new Error('invalid input syntax: "secret"'), { code: '22P02' })
    observer.onWarning?.({ code: 'catalog-refresh', message: 'The catalog could not be read again.', cause })
    expect(lines).toEqual([
      {
        level: 'info',
        args: [
          'expand-contract: users.full_name: the old and the new columns are there',
          { migration: 'users.full_name', physical: 'both' },
        ],
      },
      { level: 'warn', args: [expect.stringContaining('the table is not there'), expect.anything()] },
      {
        level: 'warn',
        args: [
          'expand-contract: The catalog could not be read again. (catalog-refresh)',
          { code: 'catalog-refresh', migration: undefined, cause: { name: 'Error', code: '22P02' } },
        ],
      },
    ])
    expect(JSON.stringify(lines)).not.toContain('secret')
  })
})

describe('loggerObserver', () => {
  it('hands over the facts first, and asks for nothing at a level that is off', () => {
    const { lines, methods } = recording()
    const observer = loggerObserver({ ...methods, isLevelEnabled: (level) => level !== 'info' })
    const shy = statement({ outcome: 'kept' })
    Object.defineProperty(shy, 'fingerprint', {
      get() {
        throw new Error('computed')
      },
    })
    observer.onStatement?.(shy)
    observer.onStatement?.(statement())
    expect(lines).toEqual([
      {
        level: 'error',
        args: [expect.objectContaining({ fingerprint: 'f1' }), expect.stringContaining('COPY on users was refused')],
      },
    ])
  })
})
