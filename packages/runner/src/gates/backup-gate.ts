import { type BackupRecord, readBackups, readEvents } from '@expand-contract/control'
import { shellWord } from '@expand-contract/core'
import { readShape } from '../rows/read-shape.ts'
import { oldComesBack } from '../verify/differences.ts'
import type { Gate, GateFacts } from './gate.ts'
import { countText } from './span-text.ts'

/** What was found of the file of a backup: its SHA-256, or why there is none, as `is not there`. */
export type BackupLook = { readonly sha256: string } | { readonly missing: string }

export interface BackupPlace {
  /** Looks for a file by the name that is recorded, or that is given. */
  readonly look: (name: string) => Promise<BackupLook>
  /** Where the file is by now. @defaultValue where it was written */
  readonly given?: string | undefined
}

type Asked = Pick<GateFacts, 'control'> & { readonly id: string }

/** From what epoch on a backup is of this life of the migration, and from what on all is in it that only the old column tells. */
async function epochsOf({ control, id }: Asked): Promise<{ readonly life: number; readonly contracted: number }> {
  const events = await readEvents(control, { migration: id, kind: 'phase', limit: 1_000 })
  const last = (operation: string): number =>
    Number(events.findLast(({ figures }) => figures.operation === operation)?.figures.epoch ?? Number.NaN)
  const contracted = last('contract')
  return { life: last('expand') || 0, contracted: Number.isNaN(contracted) ? Number.POSITIVE_INFINITY : contracted }
}

/**
 * Backups that were restored and compared, the newest first. One from before `contract` does not count: up to it the old column has the say, so what was
 * written since is not in it, and a mapping need not have a way back for it. Behind it the old column follows the new one, from which a restore makes the same.
 */
async function countingBackups({ control, id }: Asked): Promise<readonly BackupRecord[]> {
  const { contracted } = await epochsOf({ control, id })
  const backups = await readBackups(control, { migration: id, limit: 1_000 })
  return backups.filter(({ equal, epoch }) => equal === true && epoch >= contracted)
}

/** The newest of them. */
export const countingBackup = async (asked: Asked): Promise<BackupRecord | undefined> =>
  (await countingBackups(asked))[0]

export interface DropBackup {
  /** The one that counts, also where its file is missing. */
  readonly backup: BackupRecord | undefined
  /** Every old value comes back from the new column as well, so that a row that was changed since loses nothing. */
  readonly lossless: boolean
  readonly gate: Gate
}

/** The backup that a drop would rest on, and whether its file is still what was restored and compared. Nothing is changed. */
export async function readDropBackup(facts: GateFacts, place?: BackupPlace): Promise<DropBackup> {
  const { control, migration } = facts
  const { id } = migration
  const { lossless, bypassed } = await wayBackOf(facts)
  const no = (detail: string, backup?: BackupRecord): DropBackup => ({
    ...{ backup, lossless },
    gate: { id: 'backup', ok: false, detail, remedy: `backup ${shellWord(id)}` },
  })
  const counting = await countingBackups({ control, id })
  const given = place?.given === undefined ? undefined : await place.look(place.given)
  const [newest] = counting
  const backup =
    given === undefined ? newest : counting.find(({ sha256 }) => 'sha256' in given && sha256 === given.sha256)
  if (given !== undefined && backup === undefined)
    return no(`${place?.given} ${'missing' in given ? given.missing : 'is none that counts, by its checksum'}`)
  if (backup === undefined) return no(await whyNone(facts))
  // Where old values come back, the new column tells what was written.
  const past = (lossless ? 0 : bypassed) - Number(backup.figures.bypassed ?? 0)
  if (past > 0)
    return no(
      `somebody has written past the application since the last one, ${past} ${past === 1 ? 'time' : 'times'}: the mapping has no way back for what the old column has of it`,
      backup,
    )
  const name = place?.given ?? backup.path
  const compared = `${countText(backup.rows)} rows, restored and compared: equal${lossless ? '' : keylessText(backup)}`
  if (name === undefined || place === undefined)
    return { backup, lossless, gate: { id: 'backup', ok: true, detail: `${name ?? backup.evidence}, ${compared}` } }
  const look = given ?? (await place.look(name))
  if ('sha256' in look && look.sha256 === backup.sha256)
    return {
      ...{ backup, lossless },
      gate: { id: 'backup', ok: true, detail: `${name}, ${compared}; it is there, with the same checksum` },
    }
  const where = `${name}, by ${backup.who},`
  return {
    ...{ backup, lossless },
    gate: {
      ...{ id: 'backup', ok: false, remedy: `backup ${shellWord(id)}` },
      detail:
        'missing' in look
          ? `${where} ${look.missing} on this machine`
          : `${where} is not what was compared: it has another checksum by now`,
      more: [
        `bring it here, or say where it is: expand-contract drop ${shellWord(id)} --backup <file>; or take another one:`,
      ],
    },
  }
}

/** What a backup of rows that no key tells cannot bring back. */
const keylessText = ({ figures: { uncertain } }: BackupRecord): string =>
  uncertain === undefined
    ? ''
    : `; the table has no key: ${countText(Number(uncertain))} of them are told by all that they hold alone, and have what the mapping makes once they were changed`

async function whyNone({ control, migration: { id } }: GateFacts): Promise<string> {
  const [last] = await readBackups(control, { migration: id, limit: 1 })
  const { life } = await epochsOf({ control, id })
  if (last === undefined) return 'none was taken'
  if (last.equal === false) return 'the last one was restored and is not equal'
  if (last.equal !== true) return 'the last one was not restored and compared'
  if (last.epoch < life) return 'the last one is of an earlier life of the migration'
  return 'the last one is from before `contract`: what was written up to then is not in it'
}

/** Whether old values come back, and how often somebody has written past the application. */
async function wayBackOf({
  client,
  migration,
  control,
}: GateFacts): Promise<{ readonly lossless: boolean; readonly bypassed: number }> {
  const { shape, trigger } = await readShape(client, migration, control.schema)
  return { lossless: oldComesBack(shape), bypassed: Number(trigger?.bypassed ?? 0) }
}
