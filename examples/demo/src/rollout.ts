import type { UnleashServer } from '@expand-contract/test/support/unleash'
import { flags } from './migrations.ts'

/** What an operator does in Unleash's web page, here for the flags of both migrations at once. */
export interface Rollout {
  createFlags(): Promise<void>
  /** On for a share of the users, each of whom stays on one side. */
  toUsers(percent: number): Promise<void>
  /** On for all, also for work that belongs to no user. */
  toAll(): Promise<void>
  switchOn(): Promise<void>
  switchOff(): Promise<void>
}

export function rollout(unleash: UnleashServer): Rollout {
  const each = async (act: (flag: string) => Promise<void>): Promise<void> => void (await Promise.all(flags.map(act)))
  return {
    createFlags: () => each((flag) => unleash.createFlag(flag)),
    toUsers: (percent) =>
      each((flag) => {
        const parameters = { rollout: String(percent), stickiness: 'userId', groupId: flag }
        return unleash.setStrategies(flag, [{ name: 'flexibleRollout', parameters }])
      }),
    toAll: () => each((flag) => unleash.setStrategies(flag, [{ name: 'default' }])),
    switchOn: () => each((flag) => unleash.enable(flag)),
    switchOff: () => each((flag) => unleash.disable(flag)),
  }
}
