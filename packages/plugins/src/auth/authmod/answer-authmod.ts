import { randomBytes } from 'node:crypto'
import { adobeResponse, type Credentials, llnwResponse } from './authmod-method.ts'
import { parametersOf } from './authmod-parameters.ts'

/**
 * The client's side: what to append to `app` and `tcUrl` of the next attempt, after a server refused `connect` with
 * this description. Undefined when there is no answer: the password was wrong, or the refusal is of another kind.
 *
 * @param app the application without query
 */
export function answerAuthmod(description: string, { user, password }: Credentials, app: string): string | undefined {
  const [, method] = /authmod=(adobe|llnw)\b/.exec(description) ?? []
  if (method === undefined) return undefined
  const login = `authmod=${method}&user=${encodeURIComponent(user)}`
  if (description.includes('code=403 need auth')) return login
  const [, question] = /\?(reason=needauth&\S*)/.exec(description) ?? []
  if (question === undefined) return undefined
  const asked = parametersOf(question)
  return `${login}&${method === 'adobe' ? adobe(asked, { user, password }) : llnw(asked, { user, password }, app)}`
}

function adobe(asked: ReadonlyMap<string, string>, credentials: Credentials): string {
  const [challenge, opaque] = [randomBytes(4).toString('hex'), asked.get('opaque')]
  const question = { salt: asked.get('salt') ?? '', challenge: opaque ?? asked.get('challenge') ?? '' }
  const response = adobeResponse(credentials, question, challenge)
  return `challenge=${challenge}&response=${encodeURIComponent(response)}${opaque === undefined ? '' : `&opaque=${opaque}`}`
}

function llnw(asked: ReadonlyMap<string, string>, credentials: Credentials, app: string): string {
  const [nonce, cnonce, nc] = [asked.get('nonce') ?? '', randomBytes(4).toString('hex'), '00000001']
  return `nonce=${nonce}&cnonce=${cnonce}&nc=${nc}&response=${llnwResponse(credentials, app, { nonce, nc, cnonce })}`
}
