import { appendEvent, openControl } from '@expand-contract/control'
import { ExpandContractError, type Migration } from '@expand-contract/core'
import { type Parity, readParity, runParity } from '@expand-contract/runner'
import type { CommandContext } from '../command-context.ts'
import type { OpenDatabase } from '../database.ts'
import { durationText } from '../output/duration.ts'
import { hanging } from '../screens/layout.ts'
import type { ScreenOptions } from '../screens/screen.ts'
import { VERSION } from '../version.ts'
import { withLease } from './operator-lease.ts'
import { runnerProgress } from './runner-progress.ts'

export interface ParityPart {
  readonly migration: Migration
  /** The operator's, where it is held. @defaultValue it is taken for this part */
  readonly lease?: string
}

export interface ParityEnd {
  readonly result: Readonly<Record<string, unknown>>
  readonly lines: (screen: ScreenOptions) => readonly string[]
}

/** Others do it, or have to: the rows are filled all the same. */
const LEFT_TO_OTHERS: ReadonlySet<string> = new Set(['EC_OPERATOR', 'EC_PRIVILEGE'])

/** Behind the backfill: indexes, constraints and statistics of the new column; undefined where there is nothing to tell. */
export async function parityPart(
  context: CommandContext,
  database: OpenDatabase,
  { migration, lease }: ParityPart,
): Promise<ParityEnd | undefined> {
  const config = await context.config()
  const place = { controlSchema: config.schema }
  const before = await readParity(database.client, migration, place)
  if (before.missing.length === 0) {
    const lines = peopleLines(before)
    return lines.length === 0 ? undefined : { result: {}, lines: () => lines }
  }
  const { who, io, stop, command } = context
  const actions = [...before.withColumns, ...before.afterBackfill]
  const { onEvent } = runnerProgress(context, {
    ...{ verb: 'Parity of', migration, database: database.facts, actions, ...config.ddl },
  })
  const beside = await database.connect()
  const control = openControl(await database.connect(), config)
  const started = performance.now()
  const run = () =>
    runParity(database.client, migration, {
      ...{ ...place, ...config.ddl, operation: command, beside, signal: stop.signal, onEvent },
    })
  try {
    const { actions: done, parity } =
      lease === undefined ? await withLease(context, control, { migration: migration.id, work: run }) : await run()
    const ms = Math.round(performance.now() - started)
    const figures = { statements: done.length, met: parity.met, ms }
    const by = { migration: migration.id, who, host: io.host, version: VERSION }
    await appendEvent(control, { ...by, kind: 'parity', figures })
    const text = `[ok] The new column has what the old one has: ${done.length} ${done.length === 1 ? 'statement' : 'statements'} in ${durationText(ms)}.`
    return { result: figures, lines: () => [text, ...peopleLines(parity)] }
  } catch (error) {
    if (!ExpandContractError.isInstance(error) || !LEFT_TO_OTHERS.has(error.code)) throw error
    const text = `missing on the new column: ${before.missing.join('; ')}. ${error.message}`
    return { result: { missing: before.missing }, lines: ({ width }) => [hanging('[! ] ', text, width)] }
  }
}

/** What a person has to decide on before reads move. */
const peopleLines = ({ forPeople }: Parity): readonly string[] =>
  forPeople
    .filter(({ before }) => before === 'switch')
    .flatMap(({ what, why, sql }) => [
      `[! ] ${what} is yours to decide: ${why}`,
      ...sql.split('\n').map((line) => `       ${line}`),
    ])
