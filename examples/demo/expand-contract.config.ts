import { defineConfig } from '@expand-contract/cli'

export default defineConfig({ migrations: './src/migrations.ts', ddl: { giveUpAfter: '1m' } })
