import { cliError } from '../cli-error.ts'

type Options = Readonly<Record<string, unknown>>

/** What `--accept` names: `gate:thing`. Fingerprints may stand behind one another with commas; a name of the database may have one. */
function accepted({ accept }: Options): readonly string[] {
  const given = Array.isArray(accept) ? accept.map(String) : []
  return given.flatMap((each) => (/^\s*plans:/u.test(each) ? each.split(',') : [each]))
}

/** Fingerprints of statements that may be dearer. @throws EC_USAGE */
export function acceptedPlans(options: Options): readonly string[] {
  return accepted(options).flatMap((each) => {
    if (/^parity:./u.test(each)) return []
    const fingerprint = /^\s*plans:([\da-f]{16})\s*$/u.exec(each)?.[1]
    if (fingerprint !== undefined) return [fingerprint]
    throw cliError('EC_USAGE', {
      message: `--accept is ${JSON.stringify(each)}.`,
      hint: 'It takes plans:<fingerprint> or parity:<name>, as the gate prints it.',
    })
  })
}

/** Names of what the new column goes without. */
export const acceptedParity = (options: Options): readonly string[] =>
  accepted(options).flatMap((each) => (/^parity:./u.test(each) ? [each.slice('parity:'.length)] : []))
