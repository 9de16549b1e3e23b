import { MigratingColumn } from '@expand-contract/typeorm'
import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm'

@Entity('users')
export class User {
  @PrimaryGeneratedColumn()
  id: number

  @Column({ type: 'text' })
  @MigratingColumn({ to: { name: 'full_name', type: 'text' }, flag: 'users-full-name' })
  name: string
}
