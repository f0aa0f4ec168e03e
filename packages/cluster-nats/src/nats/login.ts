import { readFileSync } from 'node:fs'
import { UsageError } from '@rtmpipe/chunk-stream'
import {
  type Authenticator,
  credsAuthenticator,
  nkeyAuthenticator,
  tokenAuthenticator,
  usernamePasswordAuthenticator,
} from '@nats-io/transport-node'
import type { UrlLogin } from './addresses.ts'

/**
 * How to log in at a NATS server. A file is read here, so that another one is taken up with the next connection.
 *
 * @param credentials path of a `.creds` file, or of one with the seed of a user's NKey
 * @returns undefined without any
 * @throws UsageError for a file that can't be used; nothing of what is in it is told
 */
export function authenticatorOf(credentials: string | undefined, login: UrlLogin): Authenticator | undefined {
  if (credentials !== undefined) return ofFile(credentials)
  if (login.token !== undefined) return tokenAuthenticator(login.token)
  if (login.user !== undefined) return usernamePasswordAuthenticator(login.user, login.password)
  return undefined
}

function ofFile(path: string): Authenticator {
  const text = read(path)
  if (/BEGIN NATS USER JWT/.test(text)) return credsAuthenticator(Buffer.from(text))
  const seed = /^\s*(SU[A-Z2-7]{56})\s*$/m.exec(text)?.[1]
  if (seed !== undefined) return nkeyAuthenticator(Buffer.from(seed))
  throw new UsageError(
    'RTMP_ERR_USAGE',
    `${path} holds no NATS credentials: it must be a .creds file, or have a line with the seed of a user’s NKey, SU…`,
  )
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new UsageError('RTMP_ERR_USAGE', `can't read the NATS credentials in ${path}: ${code}`)
  }
}
