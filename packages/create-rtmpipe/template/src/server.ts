import { createServer, tcp } from 'rtmpipe'
import { streamKeys } from './stream-keys.ts'

const { PORT = '1935', STREAM_KEYS = '' } = process.env
const keys = STREAM_KEYS.split(',').filter(key => key !== '')

const server = createServer({ transports: [tcp({ port: Number(PORT) })], plugins: [streamKeys(keys)] })
const [listener] = await server.listen()
console.log(`rtmp://127.0.0.1:${listener?.address.port}/live`)

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void server.close())
