import { FleetMember, joinFleet } from '@expand-contract/control'
import { MigratingDataSource } from '@expand-contract/typeorm'
import { Injectable, OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common'
import { DataSource } from 'typeorm'

/** Lets phase changes wait for this process. Nest destroys modules before the data source, which it reports through. */
@Injectable()
export class FleetService implements OnApplicationBootstrap, OnModuleDestroy {
  private member?: FleetMember

  constructor(private readonly dataSource: DataSource) {}

  onApplicationBootstrap(): void {
    const { runtime } = this.dataSource as MigratingDataSource
    const client = {
      query: async (text: string, values?: string[]) => ({
        rows: await this.dataSource.query<unknown[]>(text, values),
      }),
    }
    this.member = joinFleet(runtime, client, { application: 'users' })
  }

  async onModuleDestroy(): Promise<void> {
    await this.member?.leave()
  }
}
