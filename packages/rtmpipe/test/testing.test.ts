import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import * as original from '@rtmpipe/testing'
import { describe, expect, expectTypeOf, it } from 'vitest'
import * as testing from '../src/testing.ts'

/** Makes Node look for the package where there is none. */
const hooks = `export async function resolve(specifier, context, next) {
  return next(specifier, specifier === '@rtmpipe/testing' ? { ...context, parentURL: 'file:///nowhere/x.js' } : context)
}`
const dataUrl = (code: string) => `data:text/javascript,${encodeURIComponent(code)}`
const registration = dataUrl(`import { register } from 'node:module'; register(${JSON.stringify(dataUrl(hooks))})`)
const program = "import('rtmpipe/testing').catch(error => console.log(error.code, error.message, error.cause.code))"

async function output(...options: readonly string[]): Promise<string> {
  const cwd = fileURLToPath(new URL('..', import.meta.url))
  return (await promisify(execFile)(process.execPath, [...options, '-e', program], { cwd })).stdout
}

describe('rtmpipe/testing', () => {
  it('is all of @rtmpipe/testing', () => {
    expect({ ...testing }).toEqual({ ...original })
  })

  it('has classes that are types too, and all other types', () => {
    expectTypeOf<testing.TestServer>().toEqualTypeOf<original.TestServer>()
    expectTypeOf<testing.VirtualClock>().toEqualTypeOf<original.VirtualClock>()
    expectTypeOf<testing.MemoryTransport>().toEqualTypeOf<original.MemoryTransport>()
    expectTypeOf<testing.PluginSubject>().toEqualTypeOf<original.PluginSubject>()
  })

  it('says what to install where that is missing', async () => {
    expect(await output('--import', registration)).toBe(
      'RTMP_ERR_USAGE rtmpipe/testing needs the package @rtmpipe/testing: npm install --save-dev @rtmpipe/testing ERR_MODULE_NOT_FOUND\n',
    )
    expect(await output()).toBe('')
  })
})
