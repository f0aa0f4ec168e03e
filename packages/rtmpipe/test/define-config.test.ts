import { describe, expect, expectTypeOf, it } from 'vitest'
import { type Config, defineConfig, type RecordConfig } from '../src/define-config.ts'

describe('defineConfig', () => {
  it('gives back what it is given', () => {
    const config: Config = {
      rtmp: 'off',
      record: { dir: 'x', format: 'mp4' },
      plugins: [
        { name: 'a' },
        class {
          name = 'b'
        },
      ],
    }
    expect(defineConfig(config)).toBe(config)
  })

  it('knows names and values', () => {
    expectTypeOf<RecordConfig['format']>().toEqualTypeOf<'flv' | 'mp4' | undefined>()
    // @ts-expect-error -- no such setting
    defineConfig({ hots: 'x' })
    // @ts-expect-error -- no such format
    defineConfig({ record: { dir: 'x', format: 'avi' } })
    // @ts-expect-error -- what has to be there
    defineConfig({ record: { format: 'flv' } })
    // @ts-expect-error -- neither a port nor off
    defineConfig({ rtmp: 'on' })
    // @ts-expect-error -- functions are for plugins
    defineConfig({ quotas: { keyOf: () => 'x' } })
    // @ts-expect-error -- no hook of this name
    defineConfig({ plugins: [{ name: 'x', onPublis: () => undefined }] })
    // @ts-expect-error -- one kind of key
    defineConfig({ auth: { jwt: { key: { secrets: 'x' } } } })
  })
})
