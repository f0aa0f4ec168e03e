import { expect, it } from 'vitest'
import { attemptsText } from '../../../src/client/fallback/attempts-text.ts'
import { FallbackError } from '../../../src/client/fallback/fallback-error.ts'

const refused = Object.assign(new Error(''), { code: 'ECONNREFUSED' })

it('says which way was taken and why others failed', () => {
  const attempts = [
    { url: 'rtmp://host:1935', error: new Error('no answer in 300 ms') },
    { url: 'rtmps://host:1936', error: refused },
    { url: 'rtmps://host:443', error: new Error('self-signed certificate') },
    { url: 'rtmpts://host:443' },
  ]
  expect(attemptsText(attempts)).toBe(
    'rtmpts://host:443 (rtmp: no answer in 300 ms, rtmps://host:1936: ECONNREFUSED, rtmps://host:443: self-signed certificate)',
  )
  expect(attemptsText([{ url: 'rtmp://host:1935' }])).toBe('rtmp://host:1935')
})

it('an error has each reason, and what to do', () => {
  const error = new FallbackError([
    { url: 'rtmp://host:1935', error: refused },
    { url: 'rtmpt://host:80', error: new Error('server answered 404') },
  ])
  expect(error).toMatchObject({
    name: 'FallbackError',
    code: 'RTMP_ERR_FALLBACK',
    errors: [refused, expect.any(Error)],
  })
  expect(error.message).toBe(
    "no server answered: rtmp://host:1935: ECONNREFUSED; rtmpt://host:80: server answered 404. Look at the host's name " +
      'and whether the server runs; if it listens on other ports, name them in the fallback list, like rtmpts:8443',
  )
})
