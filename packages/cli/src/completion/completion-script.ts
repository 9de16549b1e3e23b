import { cliError } from '../cli-error.ts'
import { bashScript } from './bash-script.ts'
import { SHELLS } from './completion-words.ts'
import { fishScript } from './fish-script.ts'
import { powershellScript } from './powershell-script.ts'
import { zshScript } from './zsh-script.ts'

/**
 * All words stand in the script, so that a keystroke starts no process of Node, finds nothing on the PATH and loads no configuration. A
 * library such as @bomb.sh/tab asks the program by its name at each: 0.3 s, and nothing where it is run by npx. Ids are those of the runbooks
 * in docs/migrations.
 */
const SCRIPTS: Readonly<Record<(typeof SHELLS)[number], () => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
  powershell: powershellScript,
}

/** @throws EC_USAGE */
export function completionScript(shell: string): string {
  const known = SHELLS.find((each) => each === shell)
  if (known !== undefined) return SCRIPTS[known]()
  throw cliError('EC_USAGE', {
    message: `There is no completion for ${JSON.stringify(shell)}.`,
    hint: `There is for ${SHELLS.join(', ')}.`,
  })
}
