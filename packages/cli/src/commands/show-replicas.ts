import type { Replication } from '@expand-contract/runner'
import type { CommandContext } from '../command-context.ts'

/** Shows which replicas are waited for. */
export const showReplicas =
  ({ output, command }: CommandContext, migration: string) =>
  ({ replicas }: Replication): void => {
    const behind = replicas.filter(({ replayed }) => !replayed)
    const names = behind.map(({ name, behindBytes }) => `${name} ${behindBytes ?? 'unknown'} bytes behind`)
    output.progress({
      json: { type: 'wait', migration, replicas: behind },
      block: `[..] waiting for ${behind.length} of ${replicas.length} replicas: ${names.join(', ')}`,
      line: `${command} ${migration} waiting replicas=${behind.map(({ name }) => JSON.stringify(name)).join(',')}`,
    })
  }
