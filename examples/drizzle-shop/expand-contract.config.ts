import { defineConfig } from '@expand-contract/cli'

export default defineConfig({ drizzle: { schema: './src/schema.ts' } })
