import { LiveStream } from '@rtmpipe/session'
import { serveStreams, joinStream } from './dist/workers/stream-socket.js'
import { StreamServer } from './dist/workers/stream-server.js'
import { joinMessages } from './dist/workers/joined-messages.js'
const which = process.argv[2]
const path = `/tmp/zzbench/${process.pid}.sock`
const n = 200
const streams = Array.from({length: n}, (_, i) => new LiveStream('a', `${i}`, { mergeWindow: 20, gopCache: false }))
for (const s of streams) s.startPublish()
let received = 0
if (which === 'old') {
  await serveStreams(path, r => streams[Number(r)])
  for (let i = 0; i < n; i++) { const m = joinStream(path, `${i}`); void (async () => { for await (const x of m) received += x.payload.length })() }
} else {
  const server = await StreamServer.listen(path)
  for (let i = 0; i < n; i++) { server.offer(i, streams[i]); (await joinMessages(path, i, new AbortController().signal)).on('data', x => received += x.payload.length) }
}
const video = Buffer.alloc(10500, 1); video[0] = 0x27; video[1] = 1
const audio = Buffer.alloc(340, 1); audio[0] = 0xaf; audio[1] = 1
await new Promise(r => setTimeout(r, 300))
let t = 0, sent = 0
const c0 = process.cpuUsage()
await new Promise(resolve => {
  const timer = setInterval(() => {
    for (const s of streams) {
      s.write({ messageTypeId: 9, messageStreamId: 1, timestamp: t, payload: video }); sent += video.length
      s.write({ messageTypeId: 8, messageStreamId: 1, timestamp: t, payload: audio }); sent += audio.length
      if (t % 2) { s.write({ messageTypeId: 8, messageStreamId: 1, timestamp: t, payload: audio }); sent += audio.length }
    }
    t++
    if (t >= 120) { clearInterval(timer); setTimeout(resolve, 300) }
  }, 33)
})
const c = process.cpuUsage(c0)
console.log(which, 'sent Gbit', (sent*8/1e9).toFixed(2), 'received', (received*8/1e9).toFixed(2), 'cpu ms/Gbit', ((c.user + c.system) / 1000 / (received*8/1e9)).toFixed(0), 'user', (c.user/1000/(received*8/1e9)).toFixed(0))
process.exit(0)
