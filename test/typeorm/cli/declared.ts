import { MigratingDataSource } from '@expand-contract/typeorm'
import { User } from './declared-user.ts'
import { options } from './options.ts'

export const dataSource = new MigratingDataSource({ ...options, entities: [User] })
