import type { ExpandContractError, Migration, MigrationFinding } from '@expand-contract/core'
import type { UserTrigger } from '../backfill/user-triggers.ts'
import type { MigrationFacts, TableFacts } from '../facts.ts'
import type { SyncShape } from '../sql/sync-shape.ts'
import type { SyncTriggerProblem } from '../sync-trigger-problems.ts'

/** Something that names the old column by the catalog (`pg_depend`), so that dropping the column fails or takes it along. */
export interface DependentFacts {
  readonly kind: 'view' | 'materialized view' | 'policy' | 'generated column' | 'function' | 'trigger'
  /** Qualified and quoted; of a policy or a trigger the name alone. */
  readonly name: string
  /** The table that it is on, quoted. */
  readonly relation: string
  /** The query of a view. */
  readonly definition: string | null
}

/** A function whose text names the table, or that runs as a trigger of it. */
export interface FunctionFacts {
  readonly name: string
  readonly language: string
  readonly source: string
  /** CREATE OR REPLACE FUNCTION, as PostgreSQL prints it. */
  readonly definition: string | null
  /** It returns rows of the table's own type. */
  readonly returnsRow: boolean
  /** It returns columns of its own: RETURNS TABLE, OUT. */
  readonly returnsColumns: boolean
}

/** A trigger of the application, with the text of its function. */
export interface TriggerFacts {
  readonly name: string
  readonly relation: string
  readonly function: string
  readonly language: string
  readonly source: string
  readonly after: boolean
}

export interface ConstraintFacts {
  readonly name: string
  readonly relation: string
  readonly kind: 'c' | 'u' | 'p' | 'f'
  readonly columns: readonly string[]
  readonly validated: boolean
  readonly deferrable: boolean
  readonly deferred: boolean
  /** Of a check. */
  readonly expression: string | null
}

export interface MemberDetails {
  /** Quoted with its schema. */
  readonly relation: string
  readonly kind: string
  readonly persistence: string
  /** Live columns in their order. */
  readonly columns: readonly string[]
  /** A unique index over columns that are NOT NULL, checked at once and for all rows. */
  readonly keyed: boolean
  readonly rowSecurity: boolean
  readonly maySelect: boolean
  readonly mayUpdate: boolean
  /** Transactions since its rows were frozen, and after how many PostgreSQL freezes them by force; null where it has no rows of its own. */
  readonly age: number | null
  readonly freezeMaxAge: number
}

/** What surrounds a table, by the catalog alone. */
export interface Surroundings {
  readonly members: readonly MemberDetails[]
  readonly dependents: readonly DependentFacts[]
  readonly functions: readonly FunctionFacts[]
  readonly triggers: readonly TriggerFacts[]
  readonly constraints: readonly ConstraintFacts[]
  /** Foreign keys of other tables to the old column. */
  readonly referencing: readonly { readonly name: string; readonly relation: string; readonly definition: string }[]
  /** Privileges that a role has on the old column and not on the table. */
  readonly columnGrants: readonly {
    readonly role: string
    readonly privilege: string
    readonly onNew: boolean
    readonly readsAll: boolean
  }[]
  readonly listed: readonly { readonly publication: string; readonly columns: readonly string[] }[]
  readonly subscriptions: readonly string[]
  /** Tables with the same columns that are no members. */
  readonly alike: readonly string[]
  /** Schemas that have a table of the same name. */
  readonly namesakes: readonly string[]
  /** Sequences that belong to the old column. */
  readonly sequences: readonly string[]
  /** Workers that vacuum a member against wraparound. */
  readonly wraparound: readonly number[]
}

/** What rows say, as far as they were looked at. */
export interface RowFacts {
  /** Rows that violate a check that is NOT VALID, by its name. */
  readonly violating: readonly { readonly constraint: string; readonly relation: string; readonly rows: number }[]
  /** Settings of a session under which a mapping has another value for some row. */
  readonly mappingDependsOn: readonly string[]
  /** The same of the defaults of the old column. */
  readonly defaultDependsOn: readonly string[]
  /** The default of the new column is another value than the mapping of that of the old one. */
  readonly defaultsPart: boolean
}

/** What tools of the project would do, as far as their configuration tells. */
export interface ProjectFacts {
  /** The tables that drizzle-kit is given. */
  readonly drizzleKit?: {
    readonly file: string
    readonly tables: readonly {
      readonly schema: string | undefined
      readonly name: string
      readonly columns: readonly string[]
    }[]
  }
  readonly typeorm?: { readonly file: string; readonly synchronize: boolean }
}

/** What doctor knows of one migration. */
export interface TableDoctorFacts {
  readonly migration: Migration
  readonly facts: MigrationFacts
  /** undefined: there is no table, or nothing tells the types. */
  readonly table: TableFacts | undefined
  readonly shape: SyncShape | undefined
  /** Both sides exist. */
  readonly expanded: boolean
  readonly refusals: readonly ExpandContractError[]
  /** What an application finds when it starts (`checkMigrations`). */
  readonly checked: readonly MigrationFinding[]
  readonly syncProblems: readonly SyncTriggerProblem[]
  /** Triggers and rules that an UPDATE of a row fires, where the backfill has no way to keep them out. */
  readonly firing: { readonly message: string; readonly triggers: readonly UserTrigger[] } | undefined
  readonly surroundings: Surroundings | undefined
  readonly rows: RowFacts
  readonly project: ProjectFacts
}
