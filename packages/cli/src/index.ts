export type { CommandResult, Gate, NextStep } from './command.ts'
export { type Config, type Connection, defineConfig } from './config/config.ts'
export { CLI_ERRORS, type CliErrorCode } from './error-catalogue.ts'
export { type Ending, EXIT_CODES } from './exit-codes.ts'
