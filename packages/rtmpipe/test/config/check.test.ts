import fc from 'fast-check'
import { Check } from 'typebox/schema'
import { describe, expect, it } from 'vitest'
import { check } from '../../src/config/check.ts'
import { checkSettings } from '../../src/config/check-settings.ts'
import { fileSchema as fileSchemaOf } from '../../src/config/file-schema.ts'
import { pathText, type Settings } from '../../src/config/path.ts'
import { schema } from '../../src/sections/index.ts'
import type { SchemaNode } from '../../src/config/schema-node.ts'

const fileSchema = fileSchemaOf(schema)

function lines(settings: Settings): readonly string[] {
  return checkSettings(schema, settings).map(({ path, text }) => `${pathText(path)}: ${text}`)
}

describe('what is wrong with settings', () => {
  it.each<[Settings, readonly string[]]>([
    [{}, []],
    [{ record: { format: 'avi' } }, ['record.format: expected flv or mp4', 'record.dir: missing, expected a folder']],
    [{ record: 'here' }, ['record: expected an object']],
    [
      { workers: 0, mergeWindow: 1.5 },
      ['workers: expected a number from 1 to 64', 'mergeWindow: expected a number from 0 to 10000'],
    ],
    [{ rtmp: 'on' }, ['rtmp: expected a port from 0 to 65535, or off']],
    [{ rtmp: NaN }, ['rtmp: expected a port from 0 to 65535, or off']],
    [{ hots: 'x' }, ['hots: unknown setting, did you mean host?']],
    [{ publishKeys: {} }, ['publishKeys: unknown setting, did you mean auth.publishKeys?']],
    [{ somethingElse: 1 }, ['somethingElse: unknown setting']],
    [JSON.parse('{"__proto__": {"record": 1}}') as Settings, ['__proto__: unknown setting']],
    [{ auth: { publishKeys: { keys: [] } } }, ['auth.publishKeys.keys: expected at least one in the list']],
    [{ auth: { publishKeys: { kyes: ['a'] } } }, ['auth.publishKeys.kyes: unknown setting, did you mean keys?']],
    [
      { auth: { publishKeys: { keys: ['a', { key: '', streams: 'live/*' }] } } },
      [
        'auth.publishKeys.keys[1].key: expected a key that is not empty',
        'auth.publishKeys.keys[1].streams: expected a list',
      ],
    ],
    [{ auth: { signedUrls: { keys: {} } } }, ['auth.signedUrls.keys: expected at least one name with its value']],
    [{ auth: { jwt: { key: 'x' } } }, ['auth.jwt.key: expected an object with secret, publicKey or jwks']],
    [
      { relay: { pull: { from: 'rtmp://{app}/{stream}' } } },
      ['relay.pull.from: expected a URL like rtmp://host/{app}/{stream}'],
    ],
    [
      { relay: { push: { to: ['rtmp://host/app'], proxy: true } } },
      [
        'relay.push.proxy: expected the URL of a proxy, like http://user:password@host:port or socks5h://host:1080, or false',
      ],
    ],
    [{ relay: { push: { to: ['rtmp://host/app'], proxy: false } } }, []],
    [{ relay: { push: { to: ['rtmp://host/app'], proxy: 'socks5h://anna:hush@host:1080' } } }, []],
    [{ record: { dir: 'x', when: () => true } }, ['record.when: expected always or asked']],
  ])('%j', (settings, expected) => {
    expect(lines(settings)).toEqual(expected)
  })

  it('shows no value where one may be secret', () => {
    const settings = {
      auth: {
        publishKeys: { keys: [['hush']], parameter: ['hush'], actions: ['hush'] },
        authmod: { users: { studio: 5, hall: '' } },
        jwt: { key: { jwks: 'hush' } },
        httpCallback: { url: 'hush', secret: 7 },
      },
      relay: { push: { to: ['hush'], proxy: 'hush' }, pull: { from: 'hush', proxy: 'http://a:1#hush@host' } },
    }
    const problems = checkSettings(schema, settings)
    expect(problems).toHaveLength(12)
    expect(problems.filter(problem => 'shown' in problem)).toEqual([])
    expect(JSON.stringify(problems)).not.toContain('hush')
  })
})

/** Values as they could be given to a node: right ones, nearly right ones, and any. */
function valuesFor(node: SchemaNode): fc.Arbitrary<unknown> {
  const odd = fc.oneof(fc.constantFrom(null, true, -1, 0, 1, 1.5, '', 'x', [], {}, { x: 1 }), fc.integer(), fc.string())
  const right = (): fc.Arbitrary<unknown> => {
    if (node.anyOf !== undefined) return fc.oneof(...node.anyOf.map(valuesFor))
    if (node.type === 'array') return fc.array(valuesFor(node.items ?? {}), { minLength: 1, maxLength: 2 })
    if (node.type === 'object') {
      const { properties = {}, additionalProperties } = node
      const known = fc.record(
        Object.fromEntries(Object.entries(properties).map(([name, child]) => [name, valuesFor(child)])),
        { requiredKeys: [...(node.required ?? [])] },
      )
      return additionalProperties
        ? fc.dictionary(fc.constantFrom('a', 'b'), valuesFor(additionalProperties), { minKeys: 1 })
        : known
    }
    if (node.enum !== undefined) return fc.constantFrom(...node.enum)
    if (node.type === 'boolean') return node.const === undefined ? fc.boolean() : fc.constant(node.const)
    const urls = ['rtmp://host/app', 'rtmp://host/{stream}', 'http://host/path', 'http://host:3128']
    const values = ['x', ...urls, 0, 0.5, 1, 5, 20, 2_000, 5_000_000]
    return fc.constantFrom(...values.filter(value => check(node, value).length === 0))
  }
  return fc.oneof({ weight: 300, arbitrary: right() }, { weight: 1, arbitrary: odd })
}

describe('the schema', () => {
  it('is JSON Schema: TypeBox finds right and wrong what we find right and wrong', () => {
    const found = { right: 0, wrong: 0 }
    fc.assert(
      fc.property(valuesFor(schema), value => {
        const isRight = check(schema, value).length === 0
        found[isRight ? 'right' : 'wrong'] += 1
        expect(Check(fileSchema, value)).toBe(isRight)
      }),
      { numRuns: 2_000 },
    )
    expect(found.right).toBeGreaterThan(20)
    expect(found.wrong).toBeGreaterThan(100)
  })

  it('says of each part on its own what TypeBox says', () => {
    for (const node of Object.values(schema.properties ?? {})) {
      fc.assert(
        fc.property(valuesFor(node), value => {
          expect(Check(node, value)).toBe(check(node, value).length === 0)
        }),
        { numRuns: 300 },
      )
    }
  })

  it('is printed without words that only we know, and takes $schema', () => {
    const text = JSON.stringify(fileSchema)
    expect(text).not.toContain('"expected"')
    expect(text).not.toContain('"example"')
    expect(text).not.toContain('"isGroup"')
    // Settings may be called as our words are.
    expect(text).toContain('"secret":{"description":"shared secret"')
    expect(Check(fileSchema, { $schema: './schema.json', rtmp: 'off' })).toBe(true)
    expect(Check(fileSchema, { plugins: [] })).toBe(false)
  })
})
