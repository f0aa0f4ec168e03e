import type { DiagnosticsMessages } from 'rtmpipe'
import { expect, it } from 'vitest'
import { MarkdownFile } from './markdown.ts'

type Fields = { readonly [Name in keyof DiagnosticsMessages]: readonly (keyof DiagnosticsMessages[Name] & string)[] }

/** All that there are, and what is in them: the compiler knows. */
const channels: Fields = {
  'rtmpipe:connection:start': ['connection'],
  'rtmpipe:connection:end': ['connection', 'error'],
  'rtmpipe:publish:start': ['publish'],
  'rtmpipe:publish:end': ['publish', 'error'],
  'rtmpipe:play:start': ['play'],
  'rtmpipe:play:end': ['play', 'error'],
  'rtmpipe:stream:start': ['stream'],
  'rtmpipe:stream:end': ['stream', 'error'],
  'rtmpipe:stream:viewers': ['stream', 'viewers'],
  'rtmpipe:refusal': [
    'what',
    'connection',
    'remote',
    'transport',
    'app',
    'streamName',
    'sharedObject',
    'plugin',
    'code',
    'reason',
  ],
  'rtmpipe:gate': ['hook', 'plugin', 'duration', 'result', 'code', 'connection'],
  'rtmpipe:stream:recordings': ['stream'],
  'rtmpipe:stream:relays': ['stream'],
}

it('docs/observing.md has every channel with its payload', () => {
  const { text } = new MarkdownFile('docs/observing.md')
  const rows = [...text.matchAll(/^\| `(rtmpipe:[\w:]+)` \| ([^|]+) \|/gm)]
  const documented = rows.map(([, name, payload = '']) => [
    name,
    [...payload.matchAll(/`(\w+)\??`/g)].map(([, field]) => field),
  ])
  expect(Object.fromEntries(documented)).toEqual(channels)
})
