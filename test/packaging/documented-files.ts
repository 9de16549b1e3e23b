import { read } from '../architecture/workspace.ts'

/** The files that a page prints, each by the name in its first line: `// esbuild.mjs`. */
export function documentedFiles(page: string): ReadonlyMap<string, string> {
  const blocks = [...read(page).matchAll(/^```[jt]s\n\/\/ (?<name>\S+)\n(?<text>[\s\S]*?)^```/gmu)]
  return new Map(blocks.map(({ groups }) => [groups?.name ?? '', groups?.text ?? '']))
}
