// The application, as its own process. What a user of expand-contract writes is the first half of this file, and
// migrations.ts; the queries in requests.ts name `name` and `quantity` as they always did.
import { databasePhases, joinFleet } from '@expand-contract/control'
import { createRuntime } from '@expand-contract/core'
import { instrumentedPool } from '@expand-contract/pg'
import { unleashFlags } from '@expand-contract/unleash'
import { InMemStorageProvider, Unleash } from 'unleash-client'
import type { Figures } from './figures.ts'
import { Ledger, type Written } from './ledger.ts'
import { Metrics } from './metrics.ts'
import { migrations } from './migrations.ts'
import { parentProcess } from './parent-process.ts'
import { startTraffic } from './traffic.ts'

const CONNECTIONS = 5
/** More requests at a time than connections, so that some wait for one. */
const REQUESTS = 8

const parent = parentProcess<AppOrder, AppReport>()
const { instance, place, databaseUrl, unleashUrl, unleashToken } = parent.arguments<AppSettings>()
const metrics = new Metrics()
const ledger = new Ledger()

const unleash = new Unleash({
  url: unleashUrl,
  appName: 'shop',
  customHeaders: { Authorization: unleashToken },
  refreshInterval: 1_000,
  storageProvider: new InMemStorageProvider(),
})
const phases = databasePhases() // none is recorded yet: no flag counts
const runtime = await createRuntime({ migrations, flags: unleashFlags(unleash), phases, observer: metrics.observer })
const pool = instrumentedPool(runtime, { connectionString: databaseUrl, max: CONNECTIONS })
// Five times as often as by default, since this audience waits for phase changes.
const member = joinFleet(runtime, pool, { application: 'shop', version: '1.0.0', instance, everyMs: 1_000 })

// What follows is the demo's own: the traffic, and what the process that directs the show asks for.
const traffic = startTraffic({ pool, runtime, metrics, ledger, place, workers: REQUESTS })
void parent.send({ kind: 'ready' })

parent.onOrder(async ({ kind }) => {
  if (kind === 'stop') {
    await traffic.stop()
    await member.leave()
    await pool.end()
    await runtime.close()
    unleash.destroy()
    await parent.send({ kind: 'written', written: ledger.entries() })
  }
  await parent.send({ kind: 'figures', figures: metrics.take() })
  if (kind === 'stop') parent.leave()
})

export interface AppSettings {
  /** The name of this process in the fleet. */
  readonly instance: string
  /** Which of the processes it is, from 0. */
  readonly place: number
  readonly databaseUrl: string
  readonly unleashUrl: string
  readonly unleashToken: string
}

export type AppOrder = { readonly kind: 'figures' | 'stop' }

export type AppReport =
  | { readonly kind: 'ready' }
  | { readonly kind: 'written'; readonly written: Written }
  | { readonly kind: 'figures'; readonly figures: Figures }
