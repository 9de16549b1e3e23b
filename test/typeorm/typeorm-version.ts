import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'vitest'

/** The copy of TypeORM that `typeorm` stands for in these tests, by its name in test/package.json; see vitest.config.ts. */
const copy = process.env.EC_TYPEORM_COPY ?? 'typeorm'

export const typeormFolder = join(import.meta.dirname, '../node_modules', copy)

const { version } = JSON.parse(readFileSync(join(typeormFolder, 'package.json'), 'utf8')) as { version: string }

export const typeormVersion = version

/** The newest is run in every situation; the older ones, unless all is asked for, in those that differ most. */
export const everyTypeormSituation = copy === 'typeorm' || process.env.EC_TYPEORM === 'full'

/** Skips a test of what only a newer TypeORM has. */
export function needsTypeorm(least: string, context: TestContext): void {
  if (!typeormIsSince(least)) skipFor(`it needs TypeORM ${least}`, context)
}

export function skipFor(why: string, { skip, task }: TestContext): void {
  const reason = `${why}, and this is ${version}`
  console.log(`"${task.name}" is skipped: ${reason}`)
  skip(reason)
}

export const typeormIsSince = (least: string): boolean =>
  version.localeCompare(least, 'en', { numeric: true, sensitivity: 'base' }) >= 0
