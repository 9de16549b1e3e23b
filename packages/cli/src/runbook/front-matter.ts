import type { Phase } from '@expand-contract/core'
import * as v from 'valibot'
import { parse, stringify } from 'yaml'
import { PHASE_ORDER } from '../phase-order.ts'

/** The head of a runbook, which `check` reads where it has no database: `docs/migrations/users.full_name.md`. */
export interface FrontMatter {
  readonly id: string
  readonly phase: Phase
  /** When the phase began. */
  readonly since: Date
  readonly epoch: number
  /** Of the declaration that the migration was begun with: `sha256:...`. */
  readonly declaration: string
  /** `users`, `crm.users`. */
  readonly table: string
  readonly old: readonly string[]
  readonly new: readonly string[]
  /** When the soak is over, if nothing starts it again; undefined while it does not run. */
  readonly soaked?: Date | undefined
  /** When the old column may be dropped; undefined while that is not known. */
  readonly droppable?: Date | undefined
}

const time = v.pipe(
  v.union([v.string(), v.date()]),
  v.transform((given) => new Date(given)),
  v.check((date) => !Number.isNaN(date.getTime()), 'is not a time'),
)
const names = v.array(v.string())
const SCHEMA = v.object({
  id: v.string(),
  phase: v.picklist(PHASE_ORDER),
  since: time,
  epoch: v.number(),
  declaration: v.string(),
  table: v.string(),
  old: names,
  new: names,
  soaked: v.optional(time),
  droppable: v.optional(time),
})

const FENCED = /^---\r?\n(?<head>[\s\S]*?)\r?\n---(?:\r?\n|$)/u

/** undefined for a file that is no runbook. */
export function readFrontMatter(text: string): FrontMatter | undefined {
  const head = FENCED.exec(text)?.groups?.head
  if (head === undefined) return undefined
  try {
    const parsed = v.safeParse(SCHEMA, parse(head))
    return parsed.success ? parsed.output : undefined
  } catch {
    return undefined
  }
}

/** The fenced head, with times in UTC by the second. */
export function writeFrontMatter({ since, soaked, droppable, ...facts }: FrontMatter): string {
  const text = (date: Date): string => `${date.toISOString().slice(0, 19)}Z`
  const times = {
    ...(soaked !== undefined && { soaked: text(soaked) }),
    ...(droppable !== undefined && { droppable: text(droppable) }),
  }
  const { id, phase, ...others } = facts
  return `---\n${stringify({ id, phase, since: text(since), ...others, ...times }, { flowCollectionPadding: false, collectionStyle: 'any' })}---\n`
}
