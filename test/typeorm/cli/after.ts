import { Column, DataSource, Entity, Index, PrimaryGeneratedColumn } from 'typeorm'
import { options } from './options.ts'

@Entity('users')
class User {
  @PrimaryGeneratedColumn()
  id!: number

  @Index('users_full_name')
  @Column({ name: 'full_name', type: 'text', default: 'nobody' })
  name!: string
}

export const dataSource = new DataSource({ ...options, entities: [User] })
