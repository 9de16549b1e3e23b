import type { Migration } from '@expand-contract/core'
import type { Action } from '@expand-contract/runner'
import type { DatabaseFacts } from '../database.ts'
import { databaseText } from './head.ts'
import { columnsText, kindText } from './mapping-text.ts'

export interface PlannedStage {
  readonly name: string
  readonly actions: readonly Action[]
}

const NAME = String.raw`(?:"(?:[^"]|"")+"|[\w$]+)(?:\.(?:"(?:[^"]|"")+"|[\w$]+))*`

/** How statements of ours begin, the sign that they get, and what is said of them. */
const STEPS: readonly (readonly [RegExp, '+' | '-' | '~', string])[] = [
  [new RegExp(`^CREATE (?:OR REPLACE )?TRIGGER (?<name>${NAME})`, 'u'), '+', 'trigger $<name>'],
  [new RegExp(`^CREATE (?:OR REPLACE )?FUNCTION (?<name>${NAME})`, 'u'), '+', 'function $<name>'],
  [new RegExp(`^CREATE (?<kind>SEQUENCE|TABLE)(?: IF NOT EXISTS)? (?<name>${NAME})`, 'u'), '+', '$<kind> $<name>'],
  [new RegExp(`^ALTER TABLE ${NAME} (?<name>ADD COLUMN .*)`, 'u'), '+', '$<name>'],
  [new RegExp(`^ALTER TABLE ${NAME} (?<name>DROP COLUMN .*)`, 'u'), '-', '$<name>'],
  [new RegExp(`^ALTER TABLE ${NAME} (?<name>.*)`, 'u'), '~', '$<name>'],
  [new RegExp(`^DROP (?<kind>\\w+)(?: IF EXISTS)? (?<name>${NAME})`, 'u'), '-', '$<kind> $<name>'],
]

const MOST = 52

function stepOf(action: Action): { readonly sign: '+' | '-' | '~'; readonly text: string } {
  if (action.kind === 'record-phase') return { sign: '~', text: `phase ${action.phase}` }
  if (action.kind === 'batches') return { sign: '~', text: action.work }
  if (action.kind === 'wait') return { sign: '~', text: `wait until ${action.until}` }
  const sql = action.sql.replaceAll(/\s+/gu, ' ').trim()
  for (const [pattern, sign, text] of STEPS) {
    const found = pattern.exec(sql)
    if (found !== null) return { sign, text: cut(found[0].replace(pattern, text)) }
  }
  return { sign: '~', text: cut(action.why) }
}

const cut = (text: string): string => {
  const plain = text.replaceAll('"', '').replace(/^[A-Z ]+(?= )/u, (word) => word.toLowerCase())
  return plain.length <= MOST ? plain : `${plain.slice(0, MOST - 3)}...`
}

/** What will be done, with the lock that each step takes. */
export function planScreen(migration: Migration, database: DatabaseFacts, stages: readonly PlannedStage[]): string {
  const all = stages.flatMap(({ actions }) => actions)
  const count = (sign: string): number => all.filter((action) => stepOf(action).sign === sign).length
  const lines = stages.flatMap(({ name, actions }) =>
    actions.length === 0
      ? [`  ${name.padEnd(10)}nothing is missing`]
      : actions.map((action, index) => {
          const { sign, text } = stepOf(action)
          const { lock, transaction = '-' } = action
          return `  ${(index === 0 ? name : '').padEnd(10)}${sign} ${text.padEnd(54)}${lock.padEnd(21)}${transaction}`
        }),
  )
  return [
    `Plan for ${migration.id}: ${kindText(migration)} ${columnsText(migration)}, the application writes the ${migration.app} side`,
    databaseText(database),
    '',
    `  ${'STAGE'.padEnd(12)}${'STEP'.padEnd(54)}${'LOCK'.padEnd(21)}TOGETHER`,
    ...lines,
    '',
    `Plan: ${count('+')} to add, ${count('~')} to change, ${count('-')} to drop. Nothing was changed.`,
  ].join('\n')
}

/** The same as a script that psql runs; remarks are comments. */
export function planSql(stages: readonly PlannedStage[]): string {
  const lines: string[] = []
  for (const { name, actions } of stages) {
    lines.push(`-- ${name}`)
    let open: string | undefined
    for (const action of actions) {
      if (open !== undefined && action.transaction !== open) lines.push('commit;')
      if (action.transaction !== undefined && action.transaction !== open)
        lines.push('begin;', "set local lock_timeout = '200ms';")
      open = action.transaction
      lines.push(`-- ${action.why}`)
      lines.push(
        action.kind === 'sql'
          ? `${action.sql.trim().replace(/;$/u, '')};`
          : `-- ${stepOf(action).text}: done by the command`,
      )
    }
    if (open !== undefined) lines.push('commit;')
  }
  return `${lines.join('\n')}\n`
}
