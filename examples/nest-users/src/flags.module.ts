import { unleashFlags } from '@expand-contract/unleash'
import { Module, type OnApplicationShutdown } from '@nestjs/common'
import { Unleash } from 'unleash-client'

const { UNLEASH_URL: url = 'http://localhost:4242/api', UNLEASH_TOKEN: Authorization = '' } = process.env

export const unleash = new Unleash({ appName: 'users', url, customHeaders: { Authorization } })

export const flags = unleashFlags(unleash)

/** The DataSource stops what it has started; the client is the application's own. */
@Module({})
export class FlagsModule implements OnApplicationShutdown {
  onApplicationShutdown(): void {
    unleash.destroy()
  }
}
