import { shellWord } from '@expand-contract/core'
import type { ForPeople } from '../parity/parity.ts'
import { readParity } from '../run-parity.ts'
import type { Gate, GateFacts } from './gate.ts'

export interface ParityGateOptions {
  /** Names of what a person has looked at, and means to do without: `users_name_gin`, or `index users_name_gin`. @defaultValue none */
  readonly acceptParity?: readonly string[]
}

/** Indexes, constraints, grants, comments and statistics of the old column, on the new one. */
export async function parityGate(
  { client, control, migration }: GateFacts,
  { acceptParity = [] }: ParityGateOptions,
): Promise<Gate> {
  const { id } = migration
  const parity = await readParity(client, migration, { controlSchema: control.schema })
  const { missing, forPeople, later, met } = parity
  const open = forPeople.filter((each) => each.before === 'switch' && !isAccepted(each, acceptParity))
  const without = forPeople.filter((each) => each.before === 'switch' && isAccepted(each, acceptParity))
  const afterwards = forPeople.filter(({ before }) => before === 'contract')
  if (missing.length > 0)
    return {
      ...{ id: 'parity', ok: false, detail: `missing: ${missing.join('; ')}` },
      remedy: `${parity.backfilled ? 'expand' : 'backfill'} ${shellWord(id)}`,
    }
  const more = open.flatMap(({ what, why, sql }) => [`${what}: ${why}`, ...sql.split('\n').map((line) => `  ${line}`)])
  if (open.length > 0)
    return {
      ...{ id: 'parity', ok: false, more },
      detail: `for you to decide: ${open.map(({ what, why }) => `${what} (${why})`).join('; ')}`,
      remedy: `switch ${shellWord(id)} ${open.map(({ what }) => `--accept ${shellWord(`parity:${what}`)}`).join(' ')} --reason "..."`,
    }
  const counts = Object.entries(met).map(([kind, count]) => `${count} ${kind}`)
  const notes = [
    counts.length === 0 ? 'the old column has nothing of its own' : `the new column has the same: ${counts.join(', ')}`,
    ...(without.length === 0 ? [] : [`without ${without.map(({ what }) => what).join(', ')}, as accepted`]),
    ...(['contract', 'drop'] as const).flatMap((step) => {
      const moved = later.filter(({ by }) => by === step).map(({ what }) => what)
      return moved.length === 0 ? [] : [`${step} moves ${moved.join(', ')}`]
    }),
    ...(afterwards.length === 0 ? [] : [`yours before contract: ${afterwards.map(({ what }) => what).join(', ')}`]),
  ]
  return { id: 'parity', ok: true, detail: notes.join('; ') }
}

/** By its whole name, or without its kind. */
const isAccepted = ({ what }: Pick<ForPeople, 'what'>, accepted: readonly string[]): boolean =>
  accepted.some((name) => name !== '' && (what === name || what.endsWith(` ${name}`)))
