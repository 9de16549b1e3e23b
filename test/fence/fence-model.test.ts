import { expect, test } from 'vitest'
import { explore } from './explore.ts'
import { FLEETS, MUTATIONS, PROTOCOLS } from './fence-cases.ts'
import { fenceModel } from './fence-model.ts'

test.for(PROTOCOLS.flatMap((protocol) => FLEETS.map((fleet) => ({ ...protocol, fleet }))))(
  'the protocol $name with $fleet.name: in every interleaving a column that is gone is named by what was planned under a lease that is over, and by nothing else',
  async ({ protocol, fleet }) => {
    const { states, traces } = explore(await fenceModel(protocol, fleet.kinds))
    expect(states).toBeGreaterThan(1_000)
    expect([...traces.keys()].filter((outcome) => outcome !== 'admitted')).toEqual([])
  },
)

test.for(MUTATIONS)('the model finds what goes wrong where $name', async ({ protocol, kinds, outcome }) => {
  const { traces } = explore(await fenceModel(protocol, kinds))
  expect(traces.get(outcome), [...traces.keys()].join()).toBeDefined()
})
