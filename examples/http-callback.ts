// This example shows how to have a web server decide, here the scripts that nginx-rtmp asked so far (WEB is their URL):
// 1. on_publish and on_play before anything starts, 2. on_update every half minute, 3. on_record_done of every recording.
import { httpCallback } from 'rtmpipe/plugins/auth'
import { record } from 'rtmpipe/plugins/record'
import { createServer, tcp } from 'rtmpipe'

const { WEB = 'http://127.0.0.1:3000', FOLDER = 'recordings', PORT = '1935' } = process.env

const callback = httpCallback({
  format: 'nginx-rtmp',
  url: { publish: `${WEB}/on_publish`, play: `${WEB}/on_play`, publishEnd: `${WEB}/on_done` },
  update: { url: `${WEB}/on_update`, interval: 30_000 },
  recorded: `${WEB}/on_record_done`,
})
const server = createServer({ transports: [tcp({ port: Number(PORT) })] })
server.use(callback).use(record({ dir: FOLDER, onRecorded: file => callback.recorded(file) }))
const [listener] = await server.listen()
console.log(`ready on port ${listener?.address.port}`)

process.once('SIGTERM', () => void server.close())
