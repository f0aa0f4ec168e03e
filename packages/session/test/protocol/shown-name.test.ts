import { expect, it } from 'vitest'
import { shownName, shownReason } from '../../src/protocol/shown-name.ts'

it.each([
  ['cam', 'cam'],
  ['ein Name 名', 'ein Name 名'],
  ['mp4:a/b.mp4', 'mp4:a/b.mp4'],
  ['cam?key=secret', 'cam'],
  ['cam#key=secret', 'cam'],
  ['cam&key=secret', 'cam'],
  ['cam;key=secret', 'cam'],
  ['cam%3Fkey=secret', 'cam'],
  ['cam%26key=secret', 'cam'],
  [' cam\r\n', 'cam'],
  ['?key=secret', '?…'],
  ['', ''],
  ['x'.repeat(600), `${'x'.repeat(100)}…`],
])('%j is shown as %j', (name, shown) => {
  expect(shownName(name)).toBe(shown)
})

it.each([
  ['cam is being published already', 'cam', 'cam is being published already'],
  ['cam;secret is being published already', 'cam;secret', 'cam is being published already'],
  ['nobody publishes ?key=secret', '?key=secret', 'nobody publishes ?…'],
  ['the key is missing', '', 'the key is missing'],
  ['the key is missing', ' ', 'the key is missing'],
  ['no such application', undefined, 'no such application'],
])('%j about %j is shown as %j', (reason, name, shown) => {
  expect(shownReason(reason, name)).toBe(shown)
})
