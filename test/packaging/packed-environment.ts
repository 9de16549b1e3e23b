import type { PostgresServer } from '../support/postgres-server.ts'
import { selectedMajors, startPostgres } from '../support/start-postgres.ts'
import { createScratchProject, type ScratchProject } from './scratch-project.ts'

/** What the tests of the packed packages share: one installation, one server. */
export interface PackedEnvironment extends AsyncDisposable {
  readonly project: ScratchProject
  readonly server: PostgresServer
}

export async function startPackedEnvironment(): Promise<PackedEnvironment> {
  const [major = 18] = (await selectedMajors()).slice(-1)
  const server = await startPostgres({ major })
  try {
    const project = await createScratchProject()
    return {
      project,
      server,
      async [Symbol.asyncDispose]() {
        await server.stop()
        await project[Symbol.asyncDispose]()
      },
    }
  } catch (error) {
    await server.stop()
    throw error
  }
}
