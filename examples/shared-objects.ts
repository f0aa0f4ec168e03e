// This example shows how to keep shared objects: 1. in files, so that they are there after a restart, 2. read by
// everybody and written with the right key only (`rtmp://host/game?key=KEY`), 3. written by the server as well.
import { createServer, deny, FileSharedObjectStore, type Plugin, tcp } from 'rtmpipe'

const readOnly: Plugin = {
  name: 'read-only',
  onSharedObject({ access, query }) {
    if (access === 'use' || query.get('key') === 'secret') return undefined
    return deny('SharedObject.NoWriteAccess', 'wrong key')
  },
}

const server = createServer({
  transports: [tcp({ port: Number(process.env['PORT'] ?? 1935) })],
  plugins: [readOnly],
  sharedObjects: { store: new FileSharedObjectStore({ folder: process.env['FOLDER'] ?? 'shared-objects' }) },
})
const [listener] = await server.listen()

const board = await server.sharedObjects.open('game', 'board', { persistent: true })
board.set('starts', Number(board.get('starts') ?? 0) + 1)
board.on('change', ({ version, changed }) => console.log(`board, version ${version}:`, Object.fromEntries(changed)))
console.log(`ready on port ${listener?.address.port}`)

process.once('SIGTERM', () => void server.close())
