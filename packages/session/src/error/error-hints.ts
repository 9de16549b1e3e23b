import type { Plan } from '@expand-contract/sql'

/** What to do about an error that PostgreSQL raises for what was sent, and would not raise for what the application wrote. */
export function hintFor(code: string | undefined, text: string, plan: Plan): string | undefined {
  if (code === '42501' && drawsFromSequence(plan.text) && !drawsFromSequence(text)) {
    const ids = plan.touches.map(({ migration }) => migration.id).join(', ')
    return `The identity column migrates (${ids}), so its value is drawn once for both columns, for which PostgreSQL asks for a privilege: GRANT USAGE ON the sequence to the role.`
  }
  if (code === '42704' && /\bon\s+constraint\b/iu.test(text)) {
    const gone = plan.touches.filter(
      ({ physical, migration }) => physical === (migration.app === 'old' ? 'new' : 'old'),
    )
    if (gone.length > 0)
      return `If it was a constraint of a column that is not there any more, declare its counterpart under \`constraints\` of ${gone.map(({ migration }) => migration.id).join(' or ')}.`
  }
  return undefined
}

const drawsFromSequence = (text: string): boolean => /\b(?:nextval|currval)\s*\(/iu.test(text)
