import { defineConfig } from 'drizzle-kit'

export default defineConfig({ dialect: 'postgresql', schema: './src/drizzle-kit-schema.ts', out: './migrations' })
