// This example shows how to record: every stream goes to files of ten minutes, and FOLDER says where. What a crash has
// left is repaired at the next start.
import { record } from 'rtmpipe/plugins/record'
import { createServer, tcp } from 'rtmpipe'

const server = createServer({ transports: [tcp({ port: Number(process.env['PORT'] ?? 1935) })] })
server.use(
  record({
    dir: process.env['FOLDER'] ?? 'recordings',
    segment: { duration: 600_000 },
    onRecorded: ({ file, duration, bytes }) => console.log(`recorded ${file}: ${duration} ms, ${bytes} bytes`),
    onRecordError: ({ error }) => console.error(error.message),
  }),
)
const [listener] = await server.listen()
console.log(`ready on port ${listener?.address.port}`)

process.once('SIGTERM', () => void server.close())
