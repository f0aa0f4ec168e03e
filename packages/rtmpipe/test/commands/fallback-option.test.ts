import { expect, it } from 'vitest'
import { fallbackOf, withFallbackValues } from '../../src/commands/fallback-option.ts'
import { words } from '../../../../test/support/words.ts'

const url = 'rtmp://host/live/name'

it.each([
  [words`play --fallback ${url}`, words`play --fallback=true ${url}`],
  [words`play ${url} --fallback`, words`play ${url} --fallback=true`],
  [words`play ${url} --fallback --insecure`, words`play ${url} --fallback=true --insecure`],
  [words`play --fallback rtmpts ${url}`, words`play --fallback=rtmpts ${url}`],
  [words`play --fallback rtmps:1,rtmpt://host:80 ${url}`, words`play --fallback=rtmps:1,rtmpt://host:80 ${url}`],
  [words`play --fallback rtmfp:1935,rtmfp://host ${url}`, words`play --fallback=rtmfp:1935,rtmfp://host ${url}`],
  [words`play --fallback rtmfp://host/live/name`, words`play --fallback=true rtmfp://host/live/name`],
  [words`play --fallback=rtmps:1 ${url}`, words`play --fallback=rtmps:1 ${url}`],
  [words`publish --fallback file.flv ${url}`, words`publish --fallback=true file.flv ${url}`],
  [words`publish -- --fallback ${url}`, words`publish -- --fallback ${url}`],
  [words`sign ${url} --fallback`, words`sign ${url} --fallback`],
  [[], []],
])('%j is %j', (given, expected) => {
  expect(withFallbackValues(given)).toEqual(expected)
})

it('is off, the usual ways, or a list', () => {
  expect([undefined, 'true', 'rtmps:1936,rtmpt'].map(fallbackOf)).toEqual([false, true, ['rtmps:1936', 'rtmpt']])
})
