import { databasePhases } from '@expand-contract/control'
import { FlagSource } from '@expand-contract/core'

export const flags: FlagSource = { isEnabled: (_flag, { userId }) => userId === '42' }
export const phases = databasePhases()
