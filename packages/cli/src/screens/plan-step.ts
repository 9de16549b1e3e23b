import type { Action } from '@expand-contract/runner'

export interface PlanStep {
  readonly sign: '+' | '-' | '~' | ' '
  readonly text: string
}

const WORD = String.raw`(?:"(?:[^"]|"")+"|[\w$]+)`
const NAME = `${WORD}(?:\\.${WORD})*`

/** How statements of ours begin, the sign that they get, and what is said of them. */
const STEPS: readonly (readonly [RegExp, PlanStep['sign'], string])[] = [
  [new RegExp(`^CREATE (?:OR REPLACE )?TRIGGER (?<name>${NAME})`, 'u'), '+', 'trigger $<name>'],
  [new RegExp(`^CREATE (?:OR REPLACE )?FUNCTION (?<name>${NAME})`, 'u'), '+', 'function $<name>'],
  [new RegExp(`^CREATE (?<kind>SEQUENCE|TABLE)(?: IF NOT EXISTS)? (?<name>${NAME})`, 'u'), '+', '$<kind> $<name>'],
  [
    new RegExp(`^CREATE (?:UNIQUE )?INDEX(?<how> CONCURRENTLY)?(?: IF NOT EXISTS)? (?<name>${NAME})`, 'u'),
    '+',
    'index $<name>$<how>',
  ],
  [new RegExp(`^ALTER TABLE (?:ONLY )?${NAME} ADD (?<name>COLUMN .*)`, 'u'), '+', '$<name>'],
  [new RegExp(`^ALTER TABLE (?:ONLY )?${NAME} ADD (?<name>CONSTRAINT .*)`, 'u'), '+', '$<name>'],
  [new RegExp(`^ALTER TABLE (?:ONLY )?${NAME} DROP (?<name>.*)`, 'u'), '-', '$<name>'],
  [new RegExp(`^ALTER TABLE (?:ONLY )?${NAME} (?<name>.*)`, 'u'), '~', '$<name>'],
  [new RegExp(`^DROP (?<kind>\\w+)(?: CONCURRENTLY)?(?: IF EXISTS)? (?<name>${NAME})`, 'u'), '-', '$<kind> $<name>'],
  [/^(?<kind>ANALYZE|COMMENT ON|GRANT|REVOKE)\b(?<name>.*)/u, '~', '$<kind>$<name>'],
]

const OTHERS: Readonly<Record<Exclude<Action['kind'], 'sql'>, (action: never) => string>> = {
  'record-phase': ({ phase }: Extract<Action, { kind: 'record-phase' }>) => `phase ${phase}`,
  batches: ({ work }: Extract<Action, { kind: 'batches' }>) => work,
  wait: ({ until }: Extract<Action, { kind: 'wait' }>) => `wait until ${until.replaceAll('-', ' ')}`,
}

/** What an action does, in a few words. */
export function planStep(action: Action): PlanStep {
  if (action.kind !== 'sql') return { sign: '~', text: OTHERS[action.kind](action as never) }
  const sql = action.sql.replaceAll(/\s+/gu, ' ').trim()
  for (const [pattern, sign, text] of STEPS) {
    const found = pattern.exec(sql)
    if (found !== null) return { sign, text: plain(found[0].replace(pattern, text)) }
  }
  return { sign: '~', text: plain(action.why) }
}

const OWN_SCHEMA = new RegExp(`^(?<kind>function|trigger|\\w*sequence|\\w*table) ${WORD}\\.(?=${WORD})`, 'iu')

/** Key words in small letters, as prose; names as they are, without quotes. */
const plain = (text: string): string =>
  text
    // Everybody knows where it is.
    .replace(OWN_SCHEMA, '$<kind> ')
    .replaceAll(/\bCONCURRENTLY\b/gu, ', concurrently')
    .replaceAll(' ,', ',')
    .replaceAll(', ADD COLUMN ', ', column ')
    .replace(/^[A-Z ]+(?= )/u, (word) => word.toLowerCase())
    .replaceAll('"', '')
