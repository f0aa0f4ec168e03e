import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { apiDocument } from '../../src/api/serve-api.ts'
import * as schemas from '../../src/api/schema/reports.ts'
import type { SchemaNode } from '../../src/api/schema/schema.ts'
import * as reports from '../support/fake-reports.ts'
import { FakeHouse } from '../support/fake-house.ts'

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly operationId: string }>>>>
  readonly components: { readonly schemas: Readonly<Record<string, object>> }
}

const document = apiDocument() as unknown as Document

describe('the OpenAPI document', () => {
  let house: FakeHouse
  beforeAll(async () => {
    house = await FakeHouse.open()
  })
  afterAll(() => house[Symbol.asyncDispose]())

  it('is one of OpenAPI 3.1', async () => {
    const validator = new Validator()
    const { valid, errors } = await validator.validate(structuredClone(JSON.parse(JSON.stringify(document))))
    expect(errors).toBeUndefined()
    expect(valid).toBe(true)
    expect(validator.version).toBe('3.1')
  })

  it('is what the server gives', async () => {
    const answer = await house.app.inject('/api/v1/openapi.json')
    expect(answer.json()).toEqual(JSON.parse(JSON.stringify(document)))
  })

  it('is what docs/api-v1.json has: `npx vitest run openapi -u` writes it anew', async () => {
    await expect(`${JSON.stringify(document, null, 2)}\n`).toMatchFileSnapshot('../../../../docs/api-v1.json')
  })

  it('has every path and action of the API', () => {
    const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map(method => `${method.toUpperCase()} ${path}`),
    )
    expect(operations.sort()).toEqual([
      'DELETE /api/v1/connections/{id}',
      'DELETE /api/v1/players/{id}',
      'DELETE /api/v1/recordings/{id}',
      'DELETE /api/v1/relays/{id}',
      'DELETE /api/v1/streams/{app}/{name}',
      'GET /api/v1/configuration',
      'GET /api/v1/connections',
      'GET /api/v1/connections/{id}',
      'GET /api/v1/events',
      'GET /api/v1/players',
      'GET /api/v1/players/{id}',
      'GET /api/v1/recordings',
      'GET /api/v1/recordings/{id}',
      'GET /api/v1/refusals',
      'GET /api/v1/refusals/{id}',
      'GET /api/v1/relays',
      'GET /api/v1/relays/{id}',
      'GET /api/v1/server',
      'GET /api/v1/streams',
      'GET /api/v1/streams/{app}/{name}',
      'PATCH /api/v1/relays/{id}',
      'POST /api/v1/drain',
      'POST /api/v1/recordings',
      'POST /api/v1/relays',
      'POST /api/v1/reload',
    ])
    const ids = Object.values(document.paths).flatMap(methods => Object.values(methods).map(each => each.operationId))
    expect(new Set(ids).size).toBe(ids.length)
  })
})

describe('schemas and interfaces agree', () => {
  const ajv = new Ajv2020({ strict: false, formats: { 'date-time': true } })
  const full: readonly [string, SchemaNode, object][] = [
    ['Server', schemas.serverReport, reports.server],
    ['Cluster', schemas.clusterReport, reports.cluster],
    ['Connection', schemas.connectionReport, reports.connection],
    ['Stream', schemas.streamReport, reports.stream],
    ['Player', schemas.playerReport, reports.player],
    ['Recording', schemas.recordingReport, reports.recording],
    ['Relay', schemas.relayReport, reports.relay],
    ['Refusal', schemas.refusalReport, reports.refusal],
    [
      'Event',
      schemas.serverEvent,
      reports.event(1, { worker: 0, player: 'p1', code: 'X', refusal: reports.refusal, relay: reports.relay }),
    ],
  ]

  it.each(full)(
    '%s: every property of one with all of them is described, and none is missing',
    (name, schema, value) => {
      expect(ajv.validate(closed(schema), value), ajv.errorsText()).toBe(true)
      expect(Object.keys(schema.properties ?? {}).sort()).toEqual(Object.keys(value).sort())
      expect(document.components.schemas).toHaveProperty(name)
    },
  )

  it.each(full)('%s: what has to be there has to be there', (_name, schema, value) => {
    for (const required of schema.required ?? []) {
      const { [required]: _left, ...rest } = value as Record<string, unknown>
      expect(ajv.validate(closed(schema), rest)).toBe(false)
    }
  })

  it('is what the compiler sees to', async () => {
    const { object, text, count, maybe, oneOf } = await import('../../src/api/schema/schema.ts')
    interface Thing {
      readonly name: string
      readonly size?: number
      readonly kind: 'one' | 'two'
    }
    const right = { name: text(''), size: maybe(count('')), kind: oneOf('', ['one', 'two']) }
    object<Thing>('', '', right)
    // @ts-expect-error a property is missing
    object<Thing>('', '', { name: text(''), size: maybe(count('')) })
    // @ts-expect-error a property is too much
    object<Thing>('', '', { ...right, colour: text('') })
    // @ts-expect-error a property may be absent
    object<Thing>('', '', { ...right, size: count('') })
    // @ts-expect-error a property may not be absent
    object<Thing>('', '', { ...right, name: maybe(text('')) })
    // @ts-expect-error a property is of another type
    object<Thing>('', '', { ...right, name: count('') })
    // @ts-expect-error a value is left out
    object<Thing>('', '', { ...right, kind: oneOf('', ['one']) })
    // @ts-expect-error a value is too much
    const more = object<Thing>('', '', { ...right, kind: oneOf('', ['one', 'two', 'three']) })
    expect(more.required).toEqual(['name', 'kind'])
  })
})

/** The schema with nothing else let in. */
function closed(schema: SchemaNode): object {
  const { properties, items, ...rest } = schema
  return {
    ...rest,
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, inner]) => [name, closed(inner)])),
      additionalProperties: false,
    }),
    ...(items && { items: closed(items) }),
  }
}
