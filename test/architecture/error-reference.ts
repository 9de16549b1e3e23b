import { REASONS } from '../../packages/sql/src/resolve/reasons.ts'
import { errorCatalogues } from './error-catalogues.ts'

export const ERROR_REFERENCE = 'docs/errors.md'

const INTRODUCTION = `# Errors

<!-- Generated from the error catalogues by \`pnpm docs:errors\`. Do not edit. -->

Every error of expand-contract is an \`ExpandContractError\` with a permanent \`code\`. Its message says what happened, why, and
what to do, with your own names filled in; parameter values are never part of it. Decide by \`error.code\`, and tell ours from
others with \`ExpandContractError.isInstance(error)\`, which also knows errors of another copy of the package. Errors of
PostgreSQL stay what they are.
`

const REASONS_INTRODUCTION = `## Why a statement was kept on the old side, or refused

A statement that cannot be proven is never sent with a guess: a read stays on the old column, a write is left to the sync
trigger where one is installed, and refused before it is sent where none is. The observer's \`onStatement\` and the refusal
carry these codes.
`

/** The reference page of all codes. */
export async function errorReference(): Promise<string> {
  const sections = (await errorCatalogues()).map(({ folder, errors }) => {
    const rows = Object.entries(errors).map(([code, { what }]) => [`\`${code}\``, what])
    return `## @expand-contract/${folder}\n\n${table(['code', 'what happened'], rows)}`
  })
  const reasons = Object.entries(REASONS).map(([code, { what, remedy }]) => [`\`${code}\``, what, remedy])
  return [INTRODUCTION, ...sections, REASONS_INTRODUCTION, table(['code', 'why', 'what to do'], reasons)].join('\n')
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`
  return [line(head), `|${'---|'.repeat(head.length)}\n`, ...rows.map(line)].join('')
}
