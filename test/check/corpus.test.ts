import { describe, expect, test } from 'vitest'
import { CHECK_RULES } from '../../packages/cli/src/check/check-rules.ts'
import { lineAndColumn } from '../../packages/cli/src/check/finding.ts'
import { runCheck } from '../../packages/cli/src/check/run-check.ts'
import { BAD_CHANGES } from './bad-changes.ts'
import { type CheckCase, FULL_NAME, NOW } from './check-case.ts'
import { GOOD_CHANGES } from './good-changes.ts'

async function findingsOf({
  files = {},
  before = {},
  declared = [FULL_NAME],
  declaredBefore,
  known = [],
  project = {},
}: CheckCase) {
  const { findings } = await runCheck({
    change: {
      ...{ root: '/shop', base: 'a', deleted: [], untouched: [] },
      files: Object.entries(files).map(([path, text]) => ({ path, text, before: before[path] })),
    },
    ...{ declared, known, project, declarations: '/shop/src/migrations.ts', now: NOW },
    before: declaredBefore === 'unknown' ? undefined : (declaredBefore ?? declared),
  })
  return findings
}

const short = ({ rule, message, place }: Awaited<ReturnType<typeof findingsOf>>[number]): string => {
  const { line, column } = lineAndColumn(place.text, place.start)
  return `${rule} ${place.file}:${line}:${column}: ${message}`
}

test.each(Object.entries(GOOD_CHANGES))('good: %s', async (_name, change) => {
  expect((await findingsOf(change)).map(short)).toEqual(change.finds)
})

test.each(Object.entries(BAD_CHANGES))('bad: %s', async (_name, change) => {
  expect((await findingsOf(change)).map(short)).toEqual(change.finds)
})

describe('the corpus', () => {
  test('has a change for every rule', () => {
    const found = Object.values(BAD_CHANGES).flatMap(({ finds }) => finds.map((each) => each.split(' ')[0]))
    expect([...new Set(found)].sort()).toEqual(Object.keys(CHECK_RULES).sort())
  })

  test('says of every finding what to do', async () => {
    for (const change of Object.values(BAD_CHANGES))
      for (const { help, message } of await findingsOf(change))
        expect([message, help.length > 10]).toEqual([message, true])
  })
})
