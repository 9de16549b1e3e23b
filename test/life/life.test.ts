import { describe, expect, test } from 'vitest'
import { pgbouncerProgram } from '../support/pgbouncer.ts'
import { newestMajor, postgresMajors } from '../support/postgres.ts'
import { KINDS } from './change-kinds.ts'
import { Life } from './life.ts'
import { allCases, type LifeCase, lifeName, pairwiseCases } from './life-cases.ts'

/** `EC_LIFE=full` runs every combination; else as few of them as have every pair of circumstances. */
const cases = process.env.EC_LIFE === 'full' ? allCases() : pairwiseCases()
const possible = cases.filter(({ route }) => route === 'direct' || pgbouncerProgram() !== undefined)
if (possible.length < cases.length)
  console.log(`PgBouncer is not installed: ${cases.length - possible.length} whole-life tests through it did not run.`)

/** The kinds take turns with the majors. */
const hasItsMajor = ({ kind, major }: LifeCase): boolean =>
  postgresMajors().length === 1 || (KINDS.indexOf(kind) % 2 === 0) === (major === newestMajor())

/** Back from every step is what all do; each kind goes to the end once at least, and then both are compared with the same change by hand. */
const goesToTheEnd = (life: LifeCase): boolean => process.env.EC_LIFE === 'full' || hasItsMajor(life)

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
    await life.acknowledged()
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

    await life.toContract()
    expect(await life.check('contracted', 'new')).toEqual(new Set(['new']))
    await life.writeOneSide('old')
    await life.writeOneSide('new')
    await life.run('hold --yes')
    await life.acknowledged()
    expect(await life.check('held', 'new')).toEqual(new Set(['new']))
    await life.writeOneSide('new')
    await life.run('rollback --yes')
    await life.acknowledged()
    expect(await life.check('back in contract', 'new')).toEqual(new Set(['new']))
    await life.writeOneSide('old')
    await life.run('rollback --yes')
    await life.acknowledged()
    expect(await life.check('back in switch')).toEqual(new Set(['new']))
    await life.writeOneSide('old')
    expect(await life.outOfStep()).toEqual([])

    await life.run('rollback --yes')
    await life.acknowledged()
    expect(await life.check('back in expand')).toEqual(new Set(['old']))
    await life.run('rollback --confirm @')
    await life.check('back at the start')
    await life.checkCatalog('back at the start', { notNullNames: false })
    if (!goesToTheEnd(circumstances)) return

    await life.run('expand --yes')
    await life.run('backfill')
    await life.analyze()
    await life.decide()
    await life.run('verify')
    await life.acknowledged()
    await life.run('switch --yes')
    await life.acknowledged()
    await life.run('verify')
    await life.toContract()
    await life.run('hold --yes')
    await life.run('unhold --yes')
    await life.acknowledged()
    await life.writeOneSide('old')
    await life.run('hold --yes')
    await life.check('held again', 'new')
    if (life.isRestorable) {
      await life.writeLoss()
      await life.toDrop()
      await life.writeOneSide('new')
      await life.run('restore --from @file --confirm @old')
      await life.checkRows('restored')
      await life.removeLoss()
      await life.acknowledged()
      expect(await life.check('restored', 'new')).toEqual(new Set(['new']))
      await life.writeOneSide('old')
      await life.run('hold --yes')
    }
    await life.toDrop()
    expect(await life.check('dropped', 'new')).toEqual(new Set(['new']))
    await life.checkEnd()
  })
})
