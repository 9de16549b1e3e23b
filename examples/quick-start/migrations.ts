// For the commands: the declaration of quick-start.ts. A program of more than one file has it here alone.
import { renameColumn } from '@expand-contract/core'

export const fullName = renameColumn({ table: 'users', from: 'name', to: 'full_name', flag: 'users-read-full-name' })
