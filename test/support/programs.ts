import { chmodSync, constants, accessSync, existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { TestContext } from 'vitest'
import { run } from './running-program.ts'

/**
 * The real programs that tests use as clients. `ffmpeg-2018` is the build inside the npm package
 * `@ffmpeg-installer/ffmpeg`, `ffmpeg` the system's; `node-av` carries FFmpeg 8 into a Node process.
 */
export type ClientName =
  | 'ffmpeg-2018'
  | 'ffmpeg'
  | 'ffprobe'
  | 'rtmpdump'
  | 'gstreamer'
  | 'node-av'
  | 'rtmpload'
  | 'systemd'
  | 'python3'
  | 'nginx'
  | 'nginx-stream'
  | 'nftables'
  | 'haproxy'
  | 'stunnel'
  | 'caddy'
  | 'apache'
  | 'varnish'
  | 'squid'
  | 'tinyproxy'
  | 'rtmpsrc'
  | 'microsocks'
  | 'promtool'
  | 'chromium'

/** Debian's. */
export const chromium: string = '/usr/bin/chromium'

const require = createRequire(import.meta.url)

/** Sources of the load generator, beside the repository. */
export const rtmploadSource: string = fileURLToPath(new URL('../../../shared/tools/rtmpload', import.meta.url))

/** The ffmpeg of 2018 that npm installed; made executable here because npm may skip the package's install script. */
export function ffmpeg2018(): string {
  const { path } = require('@ffmpeg-installer/ffmpeg') as { path: string }
  try {
    accessSync(path, constants.X_OK)
  } catch {
    chmodSync(path, 0o755)
  }
  return path
}

const versions: Record<ClientName, () => Promise<string>> = {
  'ffmpeg-2018': () => firstLine(ffmpeg2018(), ['-version']),
  ffmpeg: () => firstLine('ffmpeg', ['-version']),
  ffprobe: () => firstLine('ffprobe', ['-version']),
  rtmpdump: async () => {
    const { stderr } = await run('rtmpdump', ['-h'])
    return stderr.find(line => line.startsWith('RTMPDump')) ?? 'rtmpdump'
  },
  gstreamer: async () => {
    await run('gst-inspect-1.0', ['--exists', 'rtmp2sink'])
    await run('gst-inspect-1.0', ['--exists', 'flvmux'])
    return await firstLine('gst-launch-1.0', ['--version'])
  },
  promtool: () => firstLine('promtool', ['--version']),
  'node-av': async () => {
    const { version } = require(`@seydx/node-av-${process.platform}-${process.arch}/package.json`) as {
      version: string
    }
    require.resolve('node-av')
    return `node-av ${version}`
  },
  rtmpload: async () => {
    if (!existsSync(rtmploadSource)) throw new Error('no shared/tools/rtmpload beside the repository')
    return await firstLine('cc', ['--version'])
  },
  systemd: async () => {
    for (const program of ['systemd-notify', 'systemd-socket-activate']) await run(program, ['--version'])
    return await firstLine('systemd-analyze', ['--version'])
  },
  python3: () => firstLine('python3', ['--version']),
  nginx: async () => (await run('/usr/sbin/nginx', ['-v'])).stderr[0] ?? 'nginx',
  'nginx-stream': async () => {
    const module = '/usr/lib/nginx/modules/ngx_stream_module.so'
    if (!existsSync(module)) throw new Error(`no ${module} (libnginx-mod-stream)`)
    return (await run('/usr/sbin/nginx', ['-v'])).stderr[0] ?? 'nginx'
  },
  stunnel: async () => (await run('stunnel', ['-version'])).stderr[0] ?? 'stunnel',
  nftables: () => firstLine('nft', ['--version']),
  haproxy: () => firstLine('/usr/sbin/haproxy', ['-v']),
  caddy: () => firstLine('caddy', ['version']),
  apache: () => firstLine('/usr/sbin/apache2', ['-v']),
  varnish: async () => (await run('/usr/sbin/varnishd', ['-V'])).stderr[0] ?? 'varnish',
  squid: () => firstLine('/usr/sbin/squid', ['-v']),
  tinyproxy: () => firstLine('/usr/bin/tinyproxy', ['-v']),
  rtmpsrc: async () => {
    for (const element of ['rtmpsrc', 'rtmpsink', 'flvmux']) await run('gst-inspect-1.0', ['--exists', element])
    return await firstLine('gst-launch-1.0', ['--version'])
  },
  microsocks: () => firstLine('dpkg-query', ['-W', 'microsocks']),
  chromium: () => firstLine(chromium, ['--version']),
}

const found = new Map<ClientName, Promise<{ version: string } | { missing: string }>>()

/** The client's version line, or why it cannot be used here. */
export function available(client: ClientName): Promise<{ version: string } | { missing: string }> {
  let answer = found.get(client)
  if (answer === undefined) {
    answer = versions[client]().then(
      version => ({ version }),
      (error: unknown) => ({ missing: error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error) }),
    )
    found.set(client, answer)
  }
  return answer
}

/** Skips the test, saying why, when a client is not installed; in CI that is a failure. */
export async function requireClient(context: TestContext, ...clients: readonly ClientName[]): Promise<void> {
  for (const client of clients) {
    const answer = await available(client)
    if ('version' in answer) continue
    const reason = `${client} is not available: ${answer.missing}`
    if (process.env['CI'] !== undefined) throw new Error(reason)
    // The reporter keeps the reason of a skipped test to itself.
    console.warn(`skipping ${context.task.name}: ${reason}`)
    context.skip(reason)
  }
}

async function firstLine(file: string, args: readonly string[]): Promise<string> {
  const { stdout } = await run(file, args)
  return stdout[0] ?? file
}
