import 'reflect-metadata'
import type { INestApplication } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { AppModule } from './app.module.ts'

export async function createApplication(): Promise<INestApplication> {
  const app = await NestFactory.create(AppModule, { logger: ['error', 'warn'] })
  // Without it Nest calls no onApplicationShutdown when the process is told to end.
  app.enableShutdownHooks()
  return app
}
