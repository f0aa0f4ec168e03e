import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { once } from 'node:events'
import type { TestContext } from 'vitest'
import { freePort } from './free-port.ts'
import { RunningProgram } from './running-program.ts'
import { TemporaryFolder } from './temporary-folder.ts'

const [binary, module] = ['/usr/sbin/nginx', '/usr/lib/nginx/modules/ngx_rtmp_module.so']

/** nginx with its RTMP module, relaying the application `live`. */
export interface NginxRtmp extends AsyncDisposable {
  /** Without a path: `rtmp://127.0.0.1:4711`. */
  readonly url: string
  /** Of its statistics, as XML. */
  readonly statUrl: string
}

/** Skips the test, saying why, where it is not installed; in CI that is a failure. */
export async function startNginxRtmp(context: TestContext): Promise<NginxRtmp> {
  if (![binary, module].every(file => existsSync(file))) {
    const reason = 'nginx with its RTMP module is not installed'
    if (process.env['CI'] !== undefined) throw new Error(reason)
    console.warn(`skipping ${context.task.name}: ${reason}`)
    context.skip(reason)
  }
  const folder = await TemporaryFolder.create()
  const [port, statPort] = [await freePort(), await freePort()]
  await mkdir(folder.file('logs'))
  await writeFile(
    folder.file('nginx.conf'),
    `load_module ${module};
daemon off;
master_process off;
pid ${folder.file('nginx.pid')};
error_log stderr notice;
events {}
rtmp { access_log off; server { listen 127.0.0.1:${port}; application live { live on; } } }
http { access_log off; server { listen 127.0.0.1:${statPort}; location /stat { rtmp_stat all; } } }
`,
  )
  const args = ['-p', folder.path, '-c', folder.file('nginx.conf'), '-e', 'stderr']
  const program = new RunningProgram({ name: 'nginx', file: binary, args, limit: 60_000 })
  const dispose = async () => {
    await program[Symbol.asyncDispose]()
    await folder[Symbol.asyncDispose]()
  }
  try {
    await program.waitForLine(/start worker|using the "/)
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    socket.destroy()
  } catch (error) {
    await dispose()
    throw error
  }
  return {
    url: `rtmp://127.0.0.1:${port}`,
    statUrl: `http://127.0.0.1:${statPort}/stat`,
    [Symbol.asyncDispose]: dispose,
  }
}
