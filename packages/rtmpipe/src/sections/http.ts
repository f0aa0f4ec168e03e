import { object, type SchemaNode, text, yesOrNo } from '../config/schema-node.ts'

/** Who may look into the server and steer it over HTTP. */
export interface TokenConfig {
  /** Of those who may see and change everything. Without it one is made and kept in the data folder. */
  readonly adminToken?: string
  /** Of those who may look, and change nothing. Default: there is none. */
  readonly viewToken?: string
}

/** What `GET /metrics` shows. */
export interface MetricsConfig {
  /** Bytes and players of each stream as well. Default false: every stream makes series of its own. */
  readonly perStream?: boolean
}

const token: Partial<SchemaNode> = {
  secret: 'all',
  pattern: '^[!-~]{1,1024}$',
  expected: 'visible ASCII characters, without spaces',
  example: 'CHANGE-ME',
}

export const tokens: { readonly [Name in keyof Required<TokenConfig>]: SchemaNode } = {
  adminToken: text(
    'token of those who may see and change everything; without it one is made and kept in the data folder',
    token,
  ),
  viewToken: text('token of those who may look, and change nothing', token),
}

export const metrics: SchemaNode = object<MetricsConfig>('what GET /metrics shows', {
  perStream: yesOrNo('bytes and players of each stream as well', false),
})

/** Without a default: a configuration that does not ask for it does not show it. */
export const statsCompat: SchemaNode = {
  ...yesOrNo('answer scripts that were written for nginx-rtmp, SRS, MediaMTX or Node-Media-Server'),
  example: true,
}

/** What several workers mean for them. */
export const httpWithWorkers: readonly { readonly settings: readonly string[]; readonly means: string }[] = [
  { settings: ['adminToken', 'viewToken'], means: 'the first worker has the API and pages, and tells of all' },
  { settings: ['metrics'], means: 'one scrape has all workers, summed' },
  { settings: ['statsCompat'], means: 'the same as in one process' },
]
