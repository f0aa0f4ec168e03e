import type { TestContext } from 'vitest'
import { run, RunningProgram } from './running-program.ts'

/** Skips the test, saying why, when tshark is not installed or may not capture; in CI that is a failure. */
export async function requireTshark(context: TestContext): Promise<void> {
  try {
    const { stdout } = await run('tshark', ['-D'])
    if (stdout.some(line => /\blo\b/.test(line))) return
    throw new Error('tshark can not capture on the loopback interface')
  } catch (error) {
    const reason = `tshark is not available: ${(error as Error).message.split('\n')[0] ?? ''}`
    if (process.env['CI'] !== undefined) throw new Error(reason, { cause: error })
    console.warn(`skipping ${context.task.name}: ${reason}`)
    context.skip(reason)
  }
}

/** A capture of all that goes to and from one port of this machine. */
export class Capture implements AsyncDisposable {
  readonly file: string
  readonly #program: RunningProgram

  private constructor(file: string, program: RunningProgram) {
    this.file = file
    this.#program = program
  }

  /** Resolves when packets are being captured. @param format of the file, as for tshark's `-F` */
  static async start(
    file: string,
    port: number,
    format: 'pcap' | 'pcapng',
    protocol: 'tcp' | 'udp' = 'tcp',
  ): Promise<Capture> {
    const args = [
      '-i',
      'lo',
      '-f',
      `${protocol} port ${port}`,
      '-w',
      file,
      '-F',
      format,
      '-P',
      '-l',
      '--log-level',
      'message',
    ]
    const program = new RunningProgram({ name: 'tshark', file: 'tshark', args, limit: 60_000 })
    await program.waitForLine(/Capture started/)
    return new Capture(file, program)
  }

  /** Resolves when that many connections have ended, and the file is complete. */
  async finish(connections: number): Promise<void> {
    const ended = new Set<string>()
    await this.#program.waitForLine(/ (\d+) → (\d+) \[(.*?)\]/, ([, source = '', destination = '', flags = '']) => {
      if (/FIN|RST/.test(flags)) ended.add([source, destination].sort().join(' '))
      return ended.size === connections
    })
    await this.#end()
  }

  /** Resolves when a UDP datagram of that length has come, and the file is complete. */
  async finishWith(length: number): Promise<void> {
    await this.#program.waitForLine(new RegExp(` UDP .* Len=${length}$`))
    await this.#end()
  }

  async #end(): Promise<void> {
    this.#program.kill('SIGINT')
    await this.#program.exited
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program[Symbol.asyncDispose]()
  }
}

/** A message as tshark's dissector sees it: connection from 0, port it came from, type, length. */
export type DissectedMessage = readonly [connection: number, sourcePort: number, typeId: number, length: number]

/** The RTMP messages of a capture, in the order in which they were complete. */
export async function dissect(file: string, port: number): Promise<DissectedMessage[]> {
  // The default of 32768 also makes tshark ignore a Set Chunk Size above that.
  const args = ['-r', file, '-d', `tcp.port==${port},rtmpt`, '-o', 'rtmpt.max_packet_size:16777215', '-T', 'pdml']
  const { stdout } = await run('tshark', args)
  // What a header of format 1, 2 or 3 leaves out is as in the message before on the same chunk stream.
  const previous = new Map<string, DissectedMessage>()
  return stdout
    .join('\n')
    .split('<packet>')
    .flatMap(packet => {
      const connection = Number(field(packet, 'tcp.stream'))
      const sourcePort = Number(field(packet, 'tcp.srcport'))
      return packet
        .split('<proto name="rtmpt"')
        .slice(1)
        .map(protocol => protocol.slice(0, protocol.indexOf('</proto>')))
        .filter(protocol => protocol.includes('rtmpt.header.format'))
        .map(protocol => {
          const key = `${connection} ${sourcePort} ${field(protocol, 'rtmpt.header.csid')}`
          const [, , typeId, length] = previous.get(key) ?? []
          const message: DissectedMessage = [
            connection,
            sourcePort,
            Number(field(protocol, 'rtmpt.header.typeid') ?? typeId),
            Number(field(protocol, 'rtmpt.header.bodysize') ?? length),
          ]
          previous.set(key, message)
          return message
        })
    })
}

function field(text: string, name: string): string | undefined {
  return new RegExp(`<field name="${name.replaceAll('.', '\\.')}"[^>]* show="([^"]*)"`).exec(text)?.[1]
}
