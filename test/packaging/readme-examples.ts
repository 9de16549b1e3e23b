import { publicPackages, read } from '../architecture/workspace.ts'

/** The examples of every README, by the name of the file that each becomes; parts of files are marked as `typescript`. */
export function readmeExamples(): ReadonlyMap<string, string> {
  const readmes = ['README.md', ...publicPackages.map(({ folder }) => `packages/${folder}/README.md`)]
  const blocks = readmes.flatMap((readme) =>
    [...read(readme).matchAll(/^```ts\n([\s\S]*?)^```/gmu)].map(([, text = '']) => ({ readme, text })),
  )
  const files = blocks.map(({ readme, text }, index) => [fileName(readme, index), text] as const)
  return new Map([...files, ['readers-own.d.ts', READERS_OWN]])
}

const fileName = (readme: string, index: number): string =>
  `${readme.replaceAll(/\W+/gu, '-').toLowerCase()}-${index}.mts`

/** What an example leaves to its reader. */
const READERS_OWN = `
declare const connectionString: string
declare const token: string
declare const flags: import('@expand-contract/core').FlagSource
declare const runtime: import('@expand-contract/core').Runtime
declare const pool: import('pg').Pool
declare const request: unknown
declare function handle(request: unknown): Promise<void>
`
