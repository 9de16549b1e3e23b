import type { KnownCatalog, Runtime } from '@expand-contract/core'

/** What the control schema said last. */
export interface ControlState {
  readonly installation: string
  readonly epochs: Readonly<Record<string, number>>
}

/**
 * The epoch that this process follows, by migration: no statement that it begins from now on relies on an older one. That is the
 * lowest one of the catalogs which statements may still be sent on; when their leases are all over, the next statement
 * reads them again, so it is the one in force. Nothing is acknowledged by a process that has not yet read the phases of this database,
 * or is barred from them.
 */
export class Acknowledgement {
  readonly #runtime: Runtime
  readonly #schema: string
  #hasRead = false

  constructor(runtime: Runtime, schema: string) {
    this.#runtime = runtime
    this.#schema = schema
  }

  of(state: ControlState | undefined, now: number): Readonly<Record<string, number>> {
    if (state === undefined || this.#runtime.phasesInCatalog?.schema !== this.#schema) return {}
    const known = this.#runtime.catalogReaders.flatMap((reader) => reader.known())
    this.#hasRead ||= known.some(({ phases }) => phases?.installation === state.installation)
    if (!this.#hasRead) return {}
    // Of another database is only what says so: one that may not be read, or is not there yet, may be a replica of this one.
    const inUse = known.filter(
      ({ phases, until }) => until > now && (phases?.installation ?? state.installation) === state.installation,
    )
    const epochs = this.#runtime.migrations.flatMap(({ id }) => {
      const current = state.epochs[id]
      const epoch = current === undefined ? 0 : lowest(inUse, id, current)
      return epoch > 0 ? [[id, epoch] as const] : []
    })
    return Object.fromEntries(epochs)
  }
}

const lowest = (catalogs: readonly KnownCatalog[], id: string, current: number): number =>
  catalogs.length === 0 ? current : Math.min(...catalogs.map(({ phases }) => phases?.recorded.get(id)?.epoch ?? 0))
