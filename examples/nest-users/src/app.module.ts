import { fixedPhases } from '@expand-contract/core'
import { MigratingDataSource, type MigratingDataSourceOptions } from '@expand-contract/typeorm'
import { Module } from '@nestjs/common'
import { APP_INTERCEPTOR } from '@nestjs/core'
import { TypeOrmModule } from '@nestjs/typeorm'
import { FlagsModule, flags } from './flags.module.ts'
import { RequestContext } from './request-context.interceptor.ts'
import { User } from './user.entity.ts'
import { UsersController } from './users.controller.ts'

const { DATABASE_URL: url, READ_SWITCH } = process.env

/** While both columns exist the old one is read; `open` is for the deploy after the backfill was verified. */
const phases = fixedPhases({ 'users.full_name': READ_SWITCH === 'open' ? 'switch' : 'expand' })

@Module({
  imports: [
    FlagsModule,
    TypeOrmModule.forRootAsync({
      useFactory: () => ({ type: 'postgres' as const, ...(url !== undefined && { url }), entities: [User] }),
      dataSourceFactory: async (options) =>
        new MigratingDataSource(options as MigratingDataSourceOptions, { flags, phases }),
    }),
    TypeOrmModule.forFeature([User]),
  ],
  controllers: [UsersController],
  providers: [{ provide: APP_INTERCEPTOR, useClass: RequestContext }],
})
export class AppModule {}
