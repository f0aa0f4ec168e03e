// This example shows how to let encoders log in with name and password (`rtmp://name:password@host/live/stream`, or the
// fields of OBS), which a database of yours knows; players need not. USERS are pairs like `studio:secret`.
import { authmod, type Users } from 'rtmpipe/plugins/auth'
import { createServer, tcp } from 'rtmpipe'

const { USERS = 'studio:change-me', PORT = '1935' } = process.env

// What stands for a database here.
const passwords = new Map(USERS.split(' ').map(pair => pair.split(':', 2) as [string, string]))
const users: Users = async name => passwords.get(name)

const server = createServer({
  transports: [tcp({ port: Number(PORT) })],
  plugins: [authmod({ users, actions: ['publish'] })],
})
const [listener] = await server.listen()
console.log(`ready on port ${listener?.address.port}`)

process.once('SIGTERM', () => void server.close())
