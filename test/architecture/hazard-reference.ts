import { HAZARDS } from '@expand-contract/runner'

export const HAZARD_REFERENCE = 'docs/hazards.md'

const INTRODUCTION = `# Hazards

<!-- Generated from the hazards of packages/runner by \`pnpm docs:hazards\`. Do not edit. -->

What [\`expand-contract doctor\`](operations/doctor.md) looks for. A code is permanent: it is never given to another hazard. Each finding names what was found, why
it matters, and a remedy to paste.

Errors keep \`expand\` from beginning, warnings do not. *Stops* says which step would fail. *Override* marks errors that an operator who knows better may go on with:
\`--override doctor:D11 --reason "..."\`; behind the others statements of the application would fail. Those marked *expand* are put right by \`expand\` itself.
`

/** The reference page of all hazards. */
export function hazardReference(): string {
  const section = (about: 'server' | 'migration', title: string): string => {
    const rows = HAZARDS.filter((hazard) => hazard.about === about).map(
      ({ code, level, title: what, stops, overridable, mendedByExpand, refusal }) =>
        `| \`${code}\` | ${level} | ${what}${refusal === undefined ? '' : ` ([${refusal}](errors.md))`} | ${stops ?? ''} | ${overridable ? 'override' : mendedByExpand ? 'expand' : ''} |`,
    )
    return [`## ${title}`, '', '| code | level | hazard | stops | |', '|---|---|---|---|---|', ...rows, ''].join('\n')
  }
  return [INTRODUCTION, section('server', 'Of a server'), section('migration', 'Of a migration')].join('\n')
}
