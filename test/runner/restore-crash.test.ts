import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { changeColumnType } from '@expand-contract/core'
import { describe, expect, test } from 'vitest'
import { postgresMajors } from '../support/postgres.ts'
import { BackupLife } from './backup-life.ts'

const lossy = changeColumnType({
  ...{ table: 'things', from: 'label', to: 'tidy', fromType: 'text', type: 'varchar(40)' },
  ...{ forward: "nullif(btrim(label), 'none')", backward: "tidy || ''" },
})

/** Runs it until so many signs of life have come, and kills it; resolves to its last word. */
async function runAndKill(url: string, path: string, signs: number): Promise<unknown> {
  const child = fork(join(import.meta.dirname, 'restore-process.ts'), [url, path], {
    execArgv: ['--conditions=@expand-contract/source'],
  })
  let [seen, last]: [number, unknown] = [0, undefined]
  child.on('message', (message) => {
    last = message
    if (message === 'batch' && ++seen === signs) child.kill('SIGKILL')
  })
  // Its last word may come behind its exit.
  await once(child, 'close')
  return last
}

describe.each(postgresMajors())('PostgreSQL %i: a restore that is killed', (major) => {
  test('goes on where it stood, beside writers that move rows between partitions', async () => {
    await using life = await BackupLife.open(
      major,
      `create table things (id int not null, part int not null default 0, label text, primary key (id, part)) partition by list (part);
       create table things_0 partition of things for values in (0); create table things_1 partition of things for values in (1);
       insert into things select n, n % 2, ' thing ' || n || ' ' from generate_series(1, 6000) n`,
    )
    const { client } = life
    await life.switched(lossy)
    await life.stage(lossy, 'contract')
    const { path } = await life.backup(lossy)
    await life.stage(lossy, 'hold', 'drop')
    const labels = () => life.rows('select id, part, label, tidy from things order by id')
    for (const [index, signs] of [1, 4, 9].entries()) {
      await runAndKill(life.db.database.url, path, signs)
      if (index > 0) await client.query('update things set part = 1 - part where id = $1', [index])
    }
    expect(await runAndKill(life.db.database.url, path, Number.POSITIVE_INFINITY)).toBe('done')
    for (const { id, label, tidy } of await labels()) {
      expect(tidy).toBe(`thing ${id}`)
      // A key that has moved before it was restored is another row: the mapping makes its value.
      const exact = ` thing ${id} `
      expect(Number(id) <= 2 ? [exact, tidy] : [exact]).toContain(label)
    }
    expect(await life.phase(lossy)).toBe('contract')
    expect(await life.rows(`select relname from pg_class where relname like '~restore%'`)).toEqual([])
  })
})
