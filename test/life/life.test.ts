import { describe, expect, test } from 'vitest'
import { pgbouncerProgram } from '../support/pgbouncer.ts'
import { Life } from './life.ts'
import { allCases, lifeName, pairwiseCases } from './life-cases.ts'

/** `EC_LIFE=full` runs every combination; else as few of them as have every pair of circumstances. */
const cases = process.env.EC_LIFE === 'full' ? allCases() : pairwiseCases()
const possible = cases.filter(({ route }) => route === 'direct' || pgbouncerProgram() !== undefined)
if (possible.length < cases.length)
  console.log(`PgBouncer is not installed: ${cases.length - possible.length} whole-life tests through it did not run.`)

describe.concurrent('a whole life', () => {
  test.each(possible.map((life, nr) => [lifeName(life), life, nr] as const))('%s', async (_, circumstances, nr) => {
    await using life = await Life.begin(circumstances, nr)
    await life.check('before anything')
    await life.checkCatalog('before anything')

    await life.run('expand --yes')
    await life.acknowledged()
    expect(await life.check('expanded')).toEqual(new Set(['old']))
    await life.run('backfill')
    await life.run('rollback --confirm @')
    await life.check('rolled back')
    await life.checkCatalog('rolled back')

    await life.run('expand --yes')
    await life.acknowledged()
    await life.writeOneSide('old')
    await life.writeOneSide('new')
    await life.run('backfill')
    expect(await life.outOfStep()).toEqual([])
    expect(await life.check('filled')).toEqual(new Set(['old']))
    await life.analyze()
    await life.decide()
    await life.run('verify')
    await life.run('switch --yes')
    await life.acknowledged()
    expect(await life.check('switched, the flags are off')).toEqual(new Set(['old']))
    life.setFlags(true)
    expect(await life.check('the flags are on')).toEqual(new Set(['new']))
    await life.writeOneSide('old')
    await life.writeOneSide('new')
    await life.check('beside processes that know one side')
    expect(await life.outOfStep()).toEqual([])
    await life.run('verify')

    await life.run('rollback --yes')
    await life.acknowledged()
    expect(await life.check('back in expand')).toEqual(new Set(['old']))
    await life.run('rollback --confirm @')
    await life.check('back at the start')
    await life.checkCatalog('back at the start')
  })
})
