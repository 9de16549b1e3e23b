import { FlagSource, fixedPhases } from '@expand-contract/core'

export const flags: FlagSource = { isEnabled: (_flag, { userId }) => userId === '42' }
export const phases = fixedPhases({ 'users.full_name': 'switch' })
