const advices: readonly (readonly [RegExp, string])[] = [
  [/^ECONNREFUSED/, 'nothing listens there: start the server, or correct the address'],
  [/^(ENOTFOUND|EAI_AGAIN)/, 'no such host is known: correct the name, or see to DNS'],
  [/^(EHOSTUNREACH|ENETUNREACH|ETIMEDOUT)/, 'there is no way to it: see to the network and firewalls'],
  [/^does not answer/, 'it is frozen, the way to it is cut, or it is another program'],
  [/auth/i, 'it does not know this user: correct the user, password or credentials, or set them up there'],
  [
    /certificate|altname/i,
    'its certificate is not trusted: give cluster.nats.tls.ca, or correct the name in the address',
  ],
]

/** What to do about a server that can't be connected to. @param why as the system, the library or we have said it */
export function withAdvice(why: string): string {
  const advice = advices.find(([pattern]) => pattern.test(why))?.[1]
  return advice === undefined ? why : `${why}: ${advice}`
}
