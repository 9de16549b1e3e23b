import { MigratingColumn } from '@expand-contract/typeorm'
import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm'

@Entity('users')
export class User {
  @PrimaryGeneratedColumn()
  id!: number

  @Column({ type: 'text', unique: true })
  token!: string

  @Column({ type: 'varchar' })
  @MigratingColumn({ to: { name: 'full_name', type: 'text' }, flag: 'users-read-full-name' })
  name!: string
}
