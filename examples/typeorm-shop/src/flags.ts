import { unleashFlags } from '@expand-contract/unleash'
import { Unleash } from 'unleash-client'

const { UNLEASH_URL: url, UNLEASH_TOKEN: Authorization = '' } = process.env

/** Without a server every flag is false, which is what the TypeORM CLI needs. */
export const unleash =
  url === undefined ? undefined : new Unleash({ appName: 'shop', url, customHeaders: { Authorization } })

export const flags = unleash && unleashFlags(unleash)
