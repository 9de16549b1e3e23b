import { describe, expect, test } from 'vitest'
import { unleashContext } from './unleash-context.ts'

describe('the context of a flag', () => {
  test('keeps the fields that Unleash knows, and has everything else as text under properties', () => {
    expect(
      unleashContext({
        userId: '42',
        sessionId: 's1',
        remoteAddress: '10.0.0.1',
        tenantId: 7,
        beta: true,
        signedUp: new Date('2026-01-02T03:04:05.678Z'),
        plan: 'pro',
      }),
    ).toEqual({
      userId: '42',
      sessionId: 's1',
      remoteAddress: '10.0.0.1',
      properties: { tenantId: '7', beta: 'true', signedUp: '2026-01-02T03:04:05.678Z', plan: 'pro' },
    })
  })

  test('leaves the fields of the client to the client', () => {
    const context = unleashContext({ appName: 'mine', environment: 'mine', currentTime: new Date(0) })
    expect(Object.keys(context)).toEqual(['properties'])
  })

  test('has nothing for what has no value', () => {
    expect(unleashContext({})).toEqual({})
    expect(unleashContext({ userId: '1', tenantId: undefined, since: new Date(Number.NaN) })).toEqual({ userId: '1' })
    expect(unleashContext(JSON.parse('{"userId":null,"tenantId":null}'))).toEqual({})
  })

  test('makes text of a userId that a program without types gives as a number', () => {
    expect(unleashContext(JSON.parse('{"userId":42}'))).toEqual({ userId: '42' })
  })
})
