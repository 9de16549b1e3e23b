import { describe, expect, it } from 'vitest'
import type { CatalogPhases } from './catalog-phases.ts'
import type { Pins } from './decision.ts'
import { fixedFlags, fixedPhases } from './fixed-sources.ts'
import type { FlagContext } from './flag-context.ts'
import type { FlagSource } from './flag-source.ts'
import type { DecisionEvent, WarningEvent } from './observer.ts'
import type { Phase } from './phase.ts'
import { renameColumn } from './rename-column.ts'
import { createRuntime, type Runtime, type RuntimeOptions } from './runtime.ts'

const flag = 'users-full-name'
const fullName = renameColumn({ table: 'users', from: 'name', to: 'full_name', flag })
const email = renameColumn({ table: 'users', from: 'mail', to: 'email' })

/** In the phase `switch`, unless a test says otherwise. */
const start = (options: Partial<RuntimeOptions> = {}): Promise<Runtime> =>
  createRuntime({ migrations: [fullName, email], phases: fixedPhases({ [fullName.id]: 'switch' }), ...options })

const read = (runtime: Runtime, transaction?: Pins, migration = fullName): string =>
  runtime.decide({ migration, physical: 'both', scope: runtime.scope(), transaction }).read

describe('decide', () => {
  it.each(['a source that knows none', 'no source'])('follows the columns without a phase, by %s', async (where) => {
    const flags = fixedFlags()
    const phases = where === 'no source' ? {} : { phases: fixedPhases() }
    const runtime = await createRuntime({ migrations: [fullName], flags, ...phases })
    const decide = (physical: 'old' | 'both' | 'new') =>
      runtime.decide({ migration: fullName, physical, scope: undefined, transaction: undefined })
    expect(decide('old')).toEqual({ read: 'old', write: 'old' })
    expect(decide('both')).toEqual({ read: 'old', write: 'both' })
    flags.set(flag, true)
    expect(decide('old')).toEqual({ read: 'old', write: 'old' })
    expect(decide('both')).toEqual({ read: 'old', write: 'both' })
    expect(decide('new')).toEqual({ read: 'new', write: 'new' })
  })

  it('tells once that no flag counts without a phase, where it has one and both columns exist', async () => {
    const warnings: WarningEvent[] = []
    const observer = { onWarning: (event: WarningEvent) => void warnings.push(event) }
    const runtime = await createRuntime({
      migrations: [fullName, email],
      flags: fixedFlags({ [flag]: true }),
      observer,
    })
    runtime.decide({ migration: fullName, physical: 'old', scope: undefined, transaction: undefined })
    read(runtime, undefined, email)
    expect(warnings).toEqual([])
    read(runtime)
    read(runtime)
    expect(warnings).toEqual([
      { code: 'phase-unknown', migration: fullName.id, message: expect.stringContaining('record the phase "switch"') },
    ])
  })

  it('refuses a phase that there is not', async () => {
    const runtime = await start({ phases: { phaseOf: () => 'swich' as Phase } })
    for (const physical of ['old', 'both', 'new'] as const)
      expect(() => runtime.decide({ migration: fullName, physical, scope: undefined, transaction: undefined })).toThrow(
        /EC_PHASE: The migration "users.full_name" cannot be in the phase "swich"/u,
      )
  })

  it('clamps the flag by the phase', async () => {
    const phases = fixedPhases()
    const runtime = await start({ flags: fixedFlags({ [flag]: true }), phases })
    const sides = (['off', 'expand', 'switch', 'contract'] as const satisfies readonly Phase[]).map((phase) => {
      phases.set(fullName.id, phase)
      return runtime.decide({ migration: fullName, physical: 'both', scope: undefined, transaction: undefined })
    })
    expect(sides).toEqual([
      { read: 'old', write: 'old' },
      { read: 'old', write: 'both' },
      { read: 'new', write: 'both' },
      { read: 'new', write: 'new' },
    ])
  })

  it('does not ask the flag where the phase decides, nor for a migration without one', async () => {
    const asked: string[] = []
    const flags: FlagSource = {
      isEnabled(name) {
        asked.push(name)
        return true
      },
    }
    const runtime = await start({ flags, phases: fixedPhases({ [fullName.id]: 'expand' }) })
    expect(read(runtime)).toBe('old')
    expect(read(runtime, undefined, email)).toBe('old')
    expect(asked).toEqual([])
  })

  it('hands the context of the request to the flag, and an empty one outside of it', async () => {
    const contexts: FlagContext[] = []
    const runtime = await start({
      flags: {
        isEnabled(_, context) {
          contexts.push(context)
          return context.userId === '42'
        },
      },
    })
    expect(runtime.withContext({ userId: '42', tenant: 'a' }, () => read(runtime))).toBe('new')
    expect(read(runtime)).toBe('old')
    expect(contexts).toEqual([{ userId: '42', tenant: 'a' }, {}])
  })
})

describe('pins', () => {
  it('keep a request on the side it began with, while the flag flips', async () => {
    const flags = fixedFlags()
    const runtime = await start({ flags })
    runtime.withContext({}, () => {
      expect(read(runtime)).toBe('old')
      flags.set(flag, true)
      expect(read(runtime)).toBe('old')
    })
    runtime.withContext({}, () => {
      expect(read(runtime)).toBe('new')
      flags.set(flag, false)
      expect(read(runtime)).toBe('new')
    })
    expect(read(runtime)).toBe('old')
  })

  it('keep a transaction on the side it began with, and the request it is in with it', async () => {
    const flags = fixedFlags()
    const runtime = await start({ flags })
    const transaction: Pins = new Map()
    expect(read(runtime, transaction)).toBe('old')
    flags.set(flag, true)
    expect(read(runtime, transaction)).toBe('old')
    runtime.withContext({ userId: '42' }, () => {
      expect(read(runtime, transaction)).toBe('old')
      expect(read(runtime)).toBe('old')
    })
    expect(read(runtime)).toBe('new')
  })

  it('carry the side of a request into the transactions it begins', async () => {
    const flags = fixedFlags()
    const runtime = await start({ flags })
    runtime.withContext({}, () => {
      expect(read(runtime)).toBe('old')
      flags.set(flag, true)
      const transaction: Pins = new Map()
      expect(read(runtime, transaction)).toBe('old')
      expect(transaction.get(fullName.id)).toBe('old')
    })
  })

  it('are kept by a nested call with the same context, and not shared with another', async () => {
    const flags = fixedFlags()
    const runtime = await start({ flags })
    const context = { userId: '42' }
    runtime.withContext(context, () => {
      expect(read(runtime)).toBe('old')
      flags.set(flag, true)
      expect(runtime.withContext(context, () => read(runtime))).toBe('old')
      expect(runtime.withContext({ userId: '43' }, () => read(runtime))).toBe('new')
      expect(read(runtime)).toBe('old')
    })
  })

  it('are kept per migration', async () => {
    const other = renameColumn({ table: 'users', from: 'mail', to: 'email', flag: 'users-email' })
    const flags = fixedFlags({ [flag]: true })
    const phases = fixedPhases({ [fullName.id]: 'switch', [other.id]: 'switch' })
    const runtime = await start({ migrations: [fullName, other], flags, phases })
    runtime.withContext({}, () => {
      expect(read(runtime)).toBe('new')
      flags.set('users-email', true)
      expect(read(runtime, undefined, other)).toBe('new')
    })
  })

  it('let a transaction finish on its side when the phase moves under it, and its writes reach both', async () => {
    const phases = fixedPhases({ [fullName.id]: 'switch' })
    const runtime = await start({ flags: fixedFlags(), phases })
    const transaction: Pins = new Map()
    const decide = (physical: 'old' | 'both' | 'new' = 'both') =>
      runtime.decide({ migration: fullName, physical, scope: undefined, transaction })
    expect(decide()).toEqual({ read: 'old', write: 'both' })
    phases.set(fullName.id, 'contract')
    expect(decide()).toEqual({ read: 'old', write: 'both' })
    expect(decide('new')).toEqual({ read: 'new', write: 'new' })
  })

  it('let a transaction that reads new finish when the phase goes back to off', async () => {
    const phases = fixedPhases({ [fullName.id]: 'switch' })
    const runtime = await start({ flags: fixedFlags({ [flag]: true }), phases })
    const transaction: Pins = new Map()
    const decide = () => runtime.decide({ migration: fullName, physical: 'both', scope: undefined, transaction })
    expect(decide()).toEqual({ read: 'new', write: 'both' })
    phases.set(fullName.id, 'off')
    expect(decide()).toEqual({ read: 'new', write: 'both' })
  })

  it.each([
    ['contract', false, 'new'],
    ['off', true, 'old'],
  ] as const)(
    'do not keep a request on its side behind %s, which its process says that it follows',
    async (phase, flagged, after) => {
      const phases = fixedPhases({ [fullName.id]: 'switch' })
      const runtime = await start({ flags: fixedFlags({ [flag]: flagged }), phases })
      runtime.withContext({}, () => {
        const before = after === 'new' ? 'old' : 'new'
        expect(read(runtime)).toBe(before)
        phases.set(fullName.id, phase)
        expect(read(runtime)).toBe(after)
        phases.set(fullName.id, 'switch')
        expect(read(runtime)).toBe(after)
      })
    },
  )

  it('are decided once per request, which the observer sees once', async () => {
    const events: DecisionEvent[] = []
    const runtime = await start({
      flags: fixedFlags({ [flag]: true }),
      observer: { onDecision: (event) => events.push(event) },
    })
    runtime.withContext({ userId: '42' }, () => {
      read(runtime)
      read(runtime)
      read(runtime, new Map())
    })
    expect(events).toEqual([
      { migration: fullName.id, phase: 'switch', physical: 'both', read: 'new', context: { userId: '42' } },
    ])
  })
})

describe('flags that fail', () => {
  const warned = async (flags: FlagSource): Promise<WarningEvent[]> => {
    const warnings: WarningEvent[] = []
    const runtime = await start({ flags, observer: { onWarning: (event) => warnings.push(event) } })
    expect(read(runtime)).toBe('old')
    return warnings
  }

  it('read old when they throw, and the observer hears of it', async () => {
    const cause = new Error('flag service')
    const isEnabled = (): never => {
      throw cause
    }
    expect(await warned({ isEnabled })).toEqual([
      { code: 'flag-failed', migration: fullName.id, cause, message: expect.stringContaining(`The flag "${flag}"`) },
    ])
  })

  it('read old when they answer with a promise, which would always be true', async () => {
    const isEnabled = (async () => true) as unknown as FlagSource['isEnabled']
    expect(await warned({ isEnabled })).toEqual([
      { code: 'flag-not-boolean', migration: fullName.id, message: expect.stringContaining('is object instead of') },
    ])
  })

  it('read old when that promise is rejected, which nobody else would hear of', async () => {
    const isEnabled = (async () => {
      throw new Error('flag service')
    }) as unknown as FlagSource['isEnabled']
    expect(await warned({ isEnabled })).toMatchObject([{ code: 'flag-not-boolean' }])
  })

  it('read old without an observer, and with one that throws', async () => {
    const fail = (): never => {
      throw new Error('no')
    }
    for (const observer of [undefined, { onWarning: fail, onDecision: fail }]) {
      const runtime = await start({ flags: { isEnabled: fail }, ...(observer && { observer }) })
      expect(read(runtime)).toBe('old')
    }
  })

  it('read old where there is no flag source', async () => {
    expect(read(await start())).toBe('old')
  })
})

describe('createRuntime', () => {
  it('refuses migrations that cannot be under way together', async () => {
    await expect(start({ migrations: [fullName, fullName] })).rejects.toMatchObject({ code: 'EC_DUPLICATE_ID' })
  })

  it('starts flags and phases with what is declared, and waits for them', async () => {
    const log: unknown[] = []
    const later = async (entry: unknown): Promise<void> => {
      await new Promise((resolve) => setTimeout(resolve, 1))
      log.push(entry)
    }
    await start({
      flags: { isEnabled: () => false, start: (flags) => later(flags) },
      phases: { phaseOf: () => undefined, start: (ids) => later(ids) },
    })
    expect(log).toEqual([[flag], [fullName.id, email.id]])
  })

  it('stops both once, however often it is closed', async () => {
    const log: string[] = []
    const runtime = await start({
      flags: { isEnabled: () => false, stop: () => void log.push('flags') },
      phases: { phaseOf: () => undefined, stop: async () => void log.push('phases') },
    })
    await Promise.all([runtime.close(), runtime.close()])
    await runtime.close()
    expect(log).toEqual(['flags', 'phases'])
    expect(read(runtime)).toBe('old')
  })

  it('stops phases when flags cannot be stopped, and says so', async () => {
    const log: string[] = []
    const stop = (): never => {
      throw new Error('flags')
    }
    const runtime = await start({
      flags: { isEnabled: () => false, stop },
      phases: { phaseOf: () => undefined, stop: () => void log.push('phases') },
    })
    await expect(runtime.close()).rejects.toThrow('flags')
    expect(log).toEqual(['phases'])
  })

  it('stops what has started when the rest refuses to', async () => {
    const log: string[] = []
    const refuse = (): never => {
      throw new Error('no such table')
    }
    const options: Partial<RuntimeOptions> = {
      flags: { isEnabled: () => false, stop: () => void log.push('flags') },
      phases: { phaseOf: () => undefined, start: refuse, stop: () => void log.push('phases') },
    }
    await expect(start(options)).rejects.toThrow('no such table')
    expect(log).toEqual(['flags'])
  })

  it('is frozen', async () => {
    const runtime = await start()
    expect(Object.isFrozen(runtime)).toBe(true)
    expect(Object.isFrozen(runtime.migrations)).toBe(true)
    expect(Object.isFrozen(runtime.observer)).toBe(true)
  })
})

describe('a request whose phases come with the catalog', () => {
  const at = (phase: string | undefined, epoch: number, installation = 'here'): CatalogPhases => ({
    ...{ state: 'readable', installation },
    recorded: new Map(phase === undefined ? [] : [[fullName.id, { phase, epoch }]]),
  })
  const reading = async (...steps: readonly CatalogPhases[]): Promise<readonly string[]> => {
    const phases = { phaseOf: () => undefined, inCatalog: { schema: 'expand_contract' } }
    const runtime = await start({ flags: fixedFlags({ [flag]: true }), phases })
    const one = (known: CatalogPhases) =>
      runtime.decide({
        ...{ migration: fullName, physical: 'both', scope: runtime.scope(), transaction: undefined, phases: known },
      }).read
    return runtime.withContext({}, () => steps.map(one))
  }

  it.each<[string, readonly CatalogPhases[], readonly string[]]>([
    ['keeps its side behind a rollback', [at('switch', 6), at('expand', 7), at('expand', 8)], ['new', 'new', 'new']],
    ['keeps it behind a repair', [at('switch', 6), at('switch', 7), at('expand', 8)], ['new', 'new', 'new']],
    [
      'reads what is filled in an older snapshot, and goes on',
      [at('switch', 6), at('expand', 5), at('switch', 6)],
      ['new', 'old', 'new'],
    ],
    [
      'follows the phase to off, and stays there',
      [at('switch', 6), at('expand', 7), at('off', 8), at('switch', 12)],
      ['new', 'new', 'old', 'old'],
    ],
    ['does not read the column that came after the one it read', [at('switch', 6), at('expand', 9)], ['new', 'old']],
    [
      'nor that of a life that it has not seen begin',
      [at('switch', 6), at('expand', 7), at('expand', 9)],
      ['new', 'new', 'old'],
    ],
    [
      'reads of another database what is filled there',
      [at('switch', 6), at('expand', 6, 'there'), at('switch', 6)],
      ['new', 'old', 'new'],
    ],
    [
      'and there, too, where nothing is recorded',
      [at('switch', 6), at(undefined, 0), at('switch', 6)],
      ['new', 'old', 'new'],
    ],
    [
      'reads the same side of two databases in which the flag decides',
      [at('switch', 6), at('switch', 2, 'there')],
      ['new', 'new'],
    ],
  ])('%s', async (_name, steps, expected) => {
    expect(await reading(...steps)).toEqual(expected)
  })
})
