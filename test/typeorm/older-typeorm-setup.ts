import type { TestProject } from 'vitest/node'
import { provideServers } from '../support/postgres-global-setup.ts'
import { selectedMajors } from '../support/start-postgres.ts'

/** Set-up of a project of an older TypeORM: on the newest PostgreSQL alone, unless EC_TYPEORM asks for all. Says what runs. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const majors = await selectedMajors()
  const all = process.env.EC_TYPEORM === 'full'
  const run = all ? majors : majors.slice(-1)
  console.log(
    `${project.name}: on PostgreSQL ${run.join(', ')}${all ? '' : `; some situations and files are left out, which EC_TYPEORM=full runs as well`}`,
  )
  return provideServers(project, run)
}
