import { defineConfig } from '@expand-contract/cli'

export default defineConfig({ migrations: './migrations.ts' })
