import type { DataSource } from 'typeorm'
import type { ShopEntities } from '../shop/entities.ts'
import type { AppSide, FieldName } from '../shop/fields.ts'

/** What a step works on: the twin, or the subject, in which everything migrates. It cannot tell which. */
export interface Shop {
  readonly source: DataSource
  readonly entities: ShopEntities
  readonly app: AppSide
  /** The column of a property as the entities call it, quoted. For SQL that a user writes by hand. */
  column(field: FieldName): string
}

/** One thing that a user does with TypeORM. Its result is compared with the twin's, and so is what TypeORM sent. */
export interface Step {
  readonly name: string
  /** It is to be refused by the database or by TypeORM; the error is what is compared. */
  readonly fails: boolean
  /** The first version of TypeORM that has what it uses. */
  readonly since?: string
  /** The first version that has it no more. */
  readonly until?: string
  /** It waits for several at once, so what TypeORM sends has no order. */
  readonly sentInAnyOrder?: true
  run(shop: Shop): Promise<unknown>
}

export const step = (name: string, run: Step['run']): Step => ({ name, run, fails: false })

export const until = (version: string, earlier: Step): Step => ({ ...earlier, until: version })

/** A step that uses what older versions of TypeORM do not have. */
export const since = (version: string, later: Step): Step => ({ ...later, since: version })

export const sideBySide = (name: string, run: Step['run']): Step => ({ ...step(name, run), sentInAnyOrder: true })

export const failingStep = (name: string, run: Step['run']): Step => ({ name, run, fails: true })
