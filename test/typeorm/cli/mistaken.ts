import { DataSource } from 'typeorm'
import { User } from './declared-user.ts'
import { options } from './options.ts'

export const dataSource = new DataSource({ ...options, entities: [User] })
