import { MigratingColumn } from '@expand-contract/typeorm'
import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm'

@Entity('users')
export class User {
  @PrimaryGeneratedColumn()
  id!: number

  @Index()
  @Column({ type: 'varchar', length: 100, default: 'nobody' })
  @MigratingColumn({ to: { name: 'full_name', type: 'text' } })
  name!: string
}
