import type { PlanComparison } from '@expand-contract/runner'

/** Both plans of each statement that is named, as PostgreSQL writes plans; these lines are as wide as they are. */
export const plansScreen = (plans: PlanComparison | undefined): readonly string[] =>
  (plans?.named ?? []).map(({ fingerprint, kind, count, text, oldPlan, newPlan }) =>
    [
      `${kind} ${fingerprint}, sent ${count} times:`,
      `  ${text}`,
      '  on the old column:',
      indented(oldPlan),
      '  on the new column:',
      indented(newPlan),
    ].join('\n'),
  )

const indented = (plan: string): string => plan.replaceAll(/^/gmu, '    ')
