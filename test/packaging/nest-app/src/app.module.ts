import { MigratingDataSource, MigratingDataSourceOptions } from '@expand-contract/typeorm'
import { MiddlewareConsumer, Module, NestModule } from '@nestjs/common'
import { TypeOrmModule } from '@nestjs/typeorm'
import { NextFunction, Request, Response } from 'express'
import { DataSource } from 'typeorm'
import { FleetService } from './fleet.service'
import { flags, phases } from './migrations'
import { User } from './user.entity'
import { UsersController } from './users.controller'
import { UsersService } from './users.service'

@Module({
  imports: [
    TypeOrmModule.forRootAsync({
      useFactory: () => ({
        type: 'postgres',
        url: process.env.DATABASE_URL,
        autoLoadEntities: true,
        synchronize: true,
      }),
      dataSourceFactory: async (options) =>
        new MigratingDataSource(options as MigratingDataSourceOptions, { flags, phases }),
    }),
    TypeOrmModule.forFeature([User]),
  ],
  controllers: [UsersController],
  providers: [UsersService, FleetService],
})
export class AppModule implements NestModule {
  constructor(private readonly dataSource: DataSource) {}

  configure(consumer: MiddlewareConsumer): void {
    const { runtime } = this.dataSource as MigratingDataSource
    consumer
      .apply((request: Request, _response: Response, next: NextFunction) =>
        runtime.withContext({ userId: request.get('x-user') }, next),
      )
      .forRoutes('*')
  }
}
