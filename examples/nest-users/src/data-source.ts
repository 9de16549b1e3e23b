import { MigratingDataSource } from '@expand-contract/typeorm'
import { User } from './user.entity.ts'

/** For the commands, which read the declarations of the entities from it and do not connect through it. */
export const dataSource = new MigratingDataSource({ type: 'postgres', entities: [User] }, {})
