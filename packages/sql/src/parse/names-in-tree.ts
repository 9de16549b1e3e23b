import type { Node } from 'libpg-query'

/** Fields of nodes that hold names. `sval` is that of a String: what a literal holds is left out. */
const NAMES = new Set(['relname', 'colname', 'name', 'newname', 'sval'])

/** Every name in a statement, of whatever: tables, columns, functions, constraints. The text of a DO block is one of them. */
export function namesInTree(root: Node): ReadonlySet<string> {
  const names = new Set<string>()
  const left: unknown[] = [root]
  while (left.length > 0) {
    const node = left.pop()
    if (typeof node !== 'object' || node === null) continue
    for (const [key, value] of Object.entries(node))
      if (typeof value !== 'string') {
        if (key !== 'A_Const') left.push(value)
      } else if (NAMES.has(key)) names.add(value)
  }
  return names
}
