import { processWide } from './process-wide.ts'

/** What a driver package wants done before there are statements, such as loading a parser. */
export type Preparation = () => Promise<unknown>

const preparations = processWide('preparations/1', () => new Map<string, Preparation>())

/**
 * Has work done by `createRuntime`, which the application awaits, instead of by the first statement. A driver package says
 * so when it is imported; `name` is its own. What goes wrong there is told when it is needed.
 */
export function prepareWithRuntime(name: string, work: Preparation): void {
  preparations.set(name, work)
}

export async function prepare(): Promise<void> {
  await Promise.allSettled([...preparations.values()].map(async (work) => work()))
}
