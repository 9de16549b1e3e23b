import { statfs } from 'node:fs/promises'
import type { Migration } from '@expand-contract/core'
import { type Confirmation, type DoctorReport, doctor } from '@expand-contract/runner'
import type pg from 'pg'
import type { CommandContext } from '../command-context.ts'
import type { OpenDatabase } from '../database.ts'
import { readProject } from './read-project.ts'

export interface RunDoctor {
  /** All rows instead of the first thousand of each table. */
  readonly full?: boolean
  readonly confirmed?: readonly Confirmation[]
}

/** Doctor with what this process can tell besides: the project's tools, the way to the server, the room on its disk where that is here. */
export async function runDoctor(
  context: CommandContext,
  { client, connect }: OpenDatabase,
  migrations: readonly Migration[],
  { full = false, confirmed = [] }: RunDoctor = {},
): Promise<DoctorReport> {
  const config = await context.config()
  const project = await readProject(config, (text) => context.output.note(text))
  const backendPid = processOf(client)
  return doctor(client, migrations, {
    ...{ controlSchema: config.schema, confirmed, project, connect, freeBytes },
    ...(full && { rows: Number.POSITIVE_INFINITY }),
    ...(backendPid !== undefined && { backendPid }),
  })
}

/** What the server, or a pooler before it, has said at the start. */
function processOf(client: pg.Client): number | undefined {
  const pid: unknown = Reflect.get(client, 'processID')
  return typeof pid === 'number' ? pid : undefined
}

async function freeBytes(folder: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await statfs(folder)
    return bavail * bsize
  } catch {
    return undefined
  }
}
