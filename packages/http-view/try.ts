import 'reflect-metadata'
import { http } from '@rtmpipe/http'
import { createServer, tcp } from 'rtmpipe'
import { hls } from './src/index.ts'
const options = JSON.parse(process.argv[2] ?? '{}')
const web = http({ port: Number(process.argv[4] ?? 18080), mount: [hls(options)] })
const server = createServer({ transports: [tcp({ port: Number(process.argv[3] ?? 11935) })], plugins: [web] })
await server.listen()
console.log('up')
setTimeout(() => process.exit(0), Number(process.argv[5] ?? 20) * 1000)
