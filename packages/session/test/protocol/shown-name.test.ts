import { expect, it } from 'vitest'
import { shownName } from '../../src/protocol/shown-name.ts'

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
