import type { Model } from './model.ts'
import type { GeneratedVerdict } from './run-model.ts'

/** Everything that is needed to see one difference again by hand. */
export function describeModel(model: Model, { printed, sent, outcome, reasons }: GeneratedVerdict): string {
  const { app, situation, migration } = model
  return [
    `${app} application, ${situation.name}; ${outcome} ${reasons.join(', ')}`,
    `migration: ${JSON.stringify({ forward: migration.forward, backward: migration.backward })}`,
    `twin:\n${indented(model.twinScript)}`,
    `migrated:\n${indented(model.stageScript)}`,
    `app:  ${printed.sql}  -- ${JSON.stringify(printed.values)}`,
    ...sent.map((text) => `sent: ${text}`),
  ].join('\n')
}

const indented = (script: string): string =>
  script
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n')
