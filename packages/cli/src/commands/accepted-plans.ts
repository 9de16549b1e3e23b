import { cliError } from '../cli-error.ts'
import { textOption } from '../command-option.ts'

/** Fingerprints of `--accept plans:<fingerprint>,plans:<fingerprint>`. @throws EC_USAGE */
export function acceptedPlans(options: Readonly<Record<string, unknown>>): readonly string[] {
  const given = textOption(options, 'accept')
  if (given === undefined) return []
  return given.split(',').map((each) => {
    const fingerprint = /^\s*plans:([\da-f]{16})\s*$/u.exec(each)?.[1]
    if (fingerprint !== undefined) return fingerprint
    throw cliError('EC_USAGE', {
      message: `--accept is ${JSON.stringify(given)}.`,
      hint: 'It takes plans:<fingerprint>, as the gate prints it; several with commas between them.',
    })
  })
}
