import { readdirSync, readFileSync, statSync } from 'node:fs'
import { Counter, Gauge, type Registry } from 'prom-client'
import type { Part } from './part.ts'

/** The process, by the names that Prometheus' own client libraries have for it. */
export class ProcessPart implements Part {
  readonly #cpu: Counter
  readonly #resident: Gauge
  readonly #openFiles: Gauge
  readonly #heapUsed: Gauge
  readonly #external: Gauge

  constructor(registry: Registry) {
    const registers = [registry]
    const gauge = (name: string, help: string, aggregator: 'sum' | 'min' | 'max' = 'sum'): Gauge =>
      new Gauge({ name, help, registers, aggregator })
    this.#cpu = new Counter({
      name: 'process_cpu_seconds_total',
      help: 'Time that the process has computed, in all its threads.',
      registers,
    })
    this.#resident = gauge('process_resident_memory_bytes', 'Resident memory.')
    this.#heapUsed = gauge('nodejs_heap_size_used_bytes', 'Used memory of the JavaScript heap.')
    this.#external = gauge('nodejs_external_memory_bytes', 'Memory outside of the heap that its objects hold.')
    // Of several workers: the one that has most of its files open is the first to run out of them.
    this.#openFiles = gauge('process_open_fds', 'Open files and sockets; of the worker that has most.', 'max')
    gauge('process_max_fds', 'Files and sockets that a process may have open.', 'min').set(maxFiles())
    gauge('process_start_time_seconds', 'When the process began, in seconds since 1970.', 'min').set(
      Math.round(Date.now() / 1000 - process.uptime()),
    )
  }

  read(): void {
    const { user, system } = process.cpuUsage()
    this.#cpu.reset()
    this.#cpu.inc((user + system) / 1e6)
    const { rss, heapUsed, external } = process.memoryUsage()
    this.#resident.set(rss)
    this.#heapUsed.set(heapUsed)
    this.#external.set(external)
    this.#openFiles.set(openFiles())
  }
}

/** 0 where the system does not tell. */
function openFiles(): number {
  try {
    // Linux 6.2 and later tell the number as the folder's size; reading the folder takes long when it is large.
    return statSync('/proc/self/fd').size || readdirSync('/proc/self/fd').length
  } catch {
    return 0
  }
}

function maxFiles(): number {
  try {
    const [, soft = '0'] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
    return Number(soft)
  } catch {
    return 0
  }
}
