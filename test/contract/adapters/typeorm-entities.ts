import { MigratingColumn } from '@expand-contract/typeorm'
import { Column, Entity, JoinColumn, ManyToOne, PrimaryGeneratedColumn } from 'typeorm'
import type { Declared } from '../contract-adapter.ts'
import { AMOUNT_BACKWARD, AMOUNT_FLAG, AMOUNT_FORWARD, NAME_FLAG } from '../contract-schema.ts'

// The key as contract-schema.ts has it, so that TypeORM finds nothing to do about it.
abstract class PersonKey {
  @PrimaryGeneratedColumn('identity', { generatedIdentity: 'BY DEFAULT', primaryKeyConstraintName: 'people_pkey' })
  id!: number
}

@Entity('people')
class PersonBefore extends PersonKey {
  @Column({ type: 'varchar', length: 40 })
  name!: string

  @Column({ type: 'int', default: 0 })
  cents!: number
}

@Entity('people')
export class PersonEntity extends PersonKey {
  @Column({ type: 'varchar', length: 40 })
  @MigratingColumn({ to: { name: 'full_name', type: 'text' }, flag: NAME_FLAG })
  name!: string

  @Column({ type: 'int', default: 0 })
  @MigratingColumn({
    to: { name: 'amount', type: 'numeric', precision: 12, scale: 2 },
    forward: AMOUNT_FORWARD,
    backward: AMOUNT_BACKWARD,
    flag: AMOUNT_FLAG,
  })
  cents!: number
}

@Entity('people')
class PersonAfter extends PersonKey {
  @Column({ name: 'full_name', type: 'text' })
  name!: string

  @Column({ type: 'numeric', precision: 12, scale: 2, default: 0 })
  amount!: string
}

@Entity('pets')
export class PetEntity {
  @PrimaryGeneratedColumn('identity', { generatedIdentity: 'BY DEFAULT', primaryKeyConstraintName: 'pets_pkey' })
  id!: number

  @Column({ type: 'text' })
  name!: string

  @ManyToOne(() => PersonEntity, { createForeignKeyConstraints: false, nullable: false })
  @JoinColumn({ name: 'owner_id' })
  owner!: PersonEntity
}

export const DECLARED_ENTITIES = {
  before: [PersonBefore],
  migrating: [PersonEntity, PetEntity],
  after: [PersonAfter],
} as const satisfies Readonly<Record<Declared, unknown>>
