import { lockedTransaction, type RunnerClient } from '@expand-contract/runner'
import type { ParsedConfig } from '../config/parse-config.ts'

/** DDL beside the application, under a short lock timeout, tried again. */
export const runDdl =
  (client: RunnerClient, { ddl }: ParsedConfig, about: { readonly name: string; readonly migration: string }) =>
  (sql: string): Promise<void> =>
    lockedTransaction(client, {
      ...{ ...about, ...ddl, tables: [], exclusive: false, onEvent: () => undefined },
      work: async () => void (await client.query(sql)),
    })
