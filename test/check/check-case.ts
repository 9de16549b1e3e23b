import { declarationHash } from '@expand-contract/control'
import { type Migration, renameColumn } from '@expand-contract/core'
import type { ProjectFacts } from '@expand-contract/runner'
import type { KnownMigration } from '../../packages/cli/src/check/known-migration.ts'

/** The migration of most cases. */
export const FULL_NAME = renameColumn({ table: 'users', from: 'name', to: 'full_name', type: 'text', flag: 'f' })

export const NOW = new Date('2026-11-27T06:00:00Z')

/** As a runbook or the database has it. */
export const inPhase = (phase: KnownMigration['phase'], more: Partial<KnownMigration> = {}): KnownMigration => ({
  ...{ id: 'users.full_name', table: { schema: undefined, name: 'users' }, old: ['name'], new: ['full_name'] },
  ...{ phase, declaration: declarationHash(FULL_NAME), soaked: undefined, droppable: undefined },
  source: 'docs/migrations/users.full_name.md',
  ...more,
})

/** A change, and what is found in it: `EC_ONE_STEP_DROP drizzle/1.sql:1:21`, errors first. */
export interface CheckCase {
  /** Files that the change adds. */
  readonly files?: Readonly<Record<string, string>>
  /** As they were before. */
  readonly before?: Readonly<Record<string, string>>
  /** With the change. @defaultValue FULL_NAME */
  readonly declared?: readonly Migration[]
  /** Before it; `unknown` where it could not be loaded. @defaultValue what is declared with it */
  readonly declaredBefore?: readonly Migration[] | 'unknown'
  readonly known?: readonly KnownMigration[]
  /** @defaultValue neither tool is there */
  readonly project?: ProjectFacts
  readonly finds: readonly string[]
}

/** A migration of TypeORM with these statements in `up`. */
export const typeormMigration = (
  up: string,
  down = '',
): string => `import { MigrationInterface, QueryRunner } from 'typeorm'

export class Change1764 implements MigrationInterface {
  public async up(queryRunner: QueryRunner): Promise<void> {
    ${up}
  }

  public async down(queryRunner: QueryRunner): Promise<void> {
    ${down}
  }
}
`
