import { expect, it } from 'vitest'
import { withAdvice } from '../../src/nats/advice.ts'

it.each([
  ['ECONNREFUSED', 'start the server'],
  ['ENOTFOUND', 'DNS'],
  ['EHOSTUNREACH', 'firewalls'],
  ['does not answer', 'frozen'],
  ['Authorization Violation', 'correct the user, password or credentials'],
  ['self-signed certificate in certificate chain', 'cluster.nats.tls.ca'],
])('says what to do about %s', (why, advice) => {
  expect(withAdvice(why)).toMatch(new RegExp(`^${why}: .*${advice}`))
})

it('leaves what it does not know as it is', () => {
  expect(withAdvice('closed the connection')).toBe('closed the connection')
})
