// This example shows how to let encoders log in with name and password (`rtmp://name:password@host/live/stream`, or the
// fields of OBS), by a class that asks a database of yours; players need not. USERS are pairs like `studio:secret`.
import { Authmod, AUTHMOD_OPTIONS, AUTHMOD_USERS, type Users } from 'rtmpipe/plugins/auth'
import { createServer, tcp } from 'rtmpipe'

const { USERS = 'studio:change-me', PORT = '1935' } = process.env

// What stands for a database here.
const passwords = new Map(USERS.split(' ').map(pair => pair.split(':', 2) as [string, string]))
const users: Users = async name => passwords.get(name)

const server = createServer({ transports: [tcp({ port: Number(PORT) })] })
server
  .provide(AUTHMOD_USERS, users)
  .provide(AUTHMOD_OPTIONS, { actions: ['publish'] })
  .use(Authmod)
const [listener] = await server.listen()
console.log(`ready on port ${listener?.address.port}`)

process.once('SIGTERM', () => void server.close())
