// This example shows how to hand on what a gate found out: 1. a plugin looks up the account of a token
// (`rtmp://host/live/name?token=TOKEN`) and says who it is, 2. the recorder keeps the streams of those who pay for it,
// 3. each account may publish one stream at a time, whatever the token.
import { contextKey, createServer, deny, type Plugin, PRINCIPAL, tcp } from 'rtmpipe'
import { quotas } from 'rtmpipe/plugins/quotas'
import { record } from 'rtmpipe/plugins/record'

interface Account {
  readonly user: string
  readonly isRecorded: boolean
}
const ACCOUNT = contextKey<Account>('account')

/** Stands for a database. */
const database = new Map<string, Account>([
  ['aa11', { user: 'alice', isRecorded: true }],
  ['bb22', { user: 'alice', isRecorded: true }],
  ['cc33', { user: 'bob', isRecorded: false }],
])

const accounts: Plugin = {
  name: 'accounts',
  async onPublish({ query, context }) {
    const account = database.get(query.get('token') ?? '')
    if (account === undefined) return deny('NetStream.Publish.Denied', 'a token is needed')
    context.set(ACCOUNT, account)
    context.set(PRINCIPAL, { id: account.user, by: 'accounts' })
    return undefined
  },
}

const server = createServer({ transports: [tcp({ port: Number(process.env['PORT'] ?? 1935) })] })
const recorder = record({
  dir: process.env['FOLDER'] ?? 'recordings',
  when: ({ context }) => context.get(ACCOUNT)?.isRecorded === true,
})
server
  .use(accounts)
  .use(quotas({ streamsPerKey: 1 }))
  .use(recorder)
const [listener] = await server.listen()
console.log(`ready on port ${listener?.address.port}`)

process.once('SIGTERM', () => void server.close())
