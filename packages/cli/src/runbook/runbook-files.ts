import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { plotSvg } from '../measure/plot.ts'
import { runbookDocument } from './document.ts'
import { runbookName } from './file-name.ts'
import type { FrontMatter } from './front-matter.ts'
import type { RunbookFacts } from './runbook-facts.ts'
import { measuredStages, runbookSection, tableText } from './runbook-section.ts'

export interface RunbookFile {
  readonly path: string
  /** As it is to be. */
  readonly text: string
  /** As it is; undefined: it is not there. */
  readonly before: string | undefined
}

/**
 * The page, and what stands beside it.
 * @throws EC_RUNBOOK
 */
export async function runbookFiles(
  facts: RunbookFacts,
  folder: string,
): Promise<readonly [RunbookFile, ...(readonly RunbookFile[])]> {
  const path = join(folder, `${runbookName(facts.record.id)}.md`)
  const before = await existing(path)
  const { hosts } = facts
  const text = runbookDocument({ head: headOf(facts), section: runbookSection(facts), hosts }, before, path)
  const stages = measuredStages(facts)
  if (stages.length === 0) return [{ path, text, before }]
  const plot = path.replace(/md$/u, 'svg')
  return [
    { path, text, before },
    { path: plot, text: plotSvg(tableText(facts), stages), before: await existing(plot) },
  ]
}

async function existing(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (Object(error).code === 'ENOENT') return undefined
    throw error
  }
}

/** What `check` reads where it has no database. */
function headOf({ record, soaked, droppable }: RunbookFacts): FrontMatter {
  const { id, phase, epoch, changedAt, declaration, declarationHash } = record
  const { schema, name } = declaration.table
  return {
    ...{ id, phase, since: changedAt, epoch, declaration: declarationHash },
    table: [...(schema === null ? [] : [schema]), name].map(nameText).join('.'),
    ...{ old: Object.keys(declaration.old), new: Object.keys(declaration.new) },
    ...{ soaked, droppable },
  }
}

/** As a declaration names it: quoted where it is no plain name. */
const nameText = (name: string): string => (/^[^".\s]+$/u.test(name) ? name : `"${name.replaceAll('"', '""')}"`)
