import type { ServerOptions } from 'rtmpipe'
import { expect, it } from 'vitest'
import { MarkdownFile } from './markdown.ts'

/** All that there are: the compiler knows. */
const options: Readonly<Record<keyof ServerOptions, true>> = {
  transports: true,
  plugins: true,
  stages: true,
  limits: true,
  whenSlow: true,
  publishWait: true,
  mergeWindow: true,
  gopCache: true,
  sharedObjects: true,
  rtmpe: true,
  swf: true,
  log: true,
  container: true,
}

it('docs/server-options.md has every option of createServer', () => {
  const { text } = new MarkdownFile('docs/server-options.md')
  const documented = [...text.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name)
  expect(documented).toEqual(Object.keys(options))
})
