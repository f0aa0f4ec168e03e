import {
  type CallEvent,
  checkNames,
  deny,
  type Denial,
  type Host,
  type Logger,
  type PlayEvent,
  type Plugin,
  type PrivateSource,
  shownName,
} from '@rtmpipe/session'
import type { InjectionToken } from 'tsyringe'
import { inject } from '../inject.ts'
import { PluginLog } from '../plugin-log.ts'
import { LOGGER } from '../tokens/index.ts'
import { VodError } from './errors.ts'
import { fileNames } from './file-names.ts'
import { Folder } from './folder.ts'
import { cacheSizeOf, type VodOptions } from './options.ts'
import { MediaFileStream } from './media-file-stream.ts'
import { type Lease, Shelf } from './shelf.ts'
import { folderOf, parseName, type StreamTarget } from './target.ts'
import { vodDefaults } from './defaults.ts'

const known: Record<keyof VodOptions, true> = { dir: true, app: true, cacheSize: true, log: true }

/** Options of {@link Vod} where it is given as a class. */
export const VOD_OPTIONS: InjectionToken<Omit<VodOptions, 'log'>> = Symbol.for('rtmpipe.VodOptions')

/** Plays files. Made by {@link vod}. */
export class Vod implements Plugin {
  readonly name = 'vod'
  readonly #app: string
  readonly #log: PluginLog
  readonly #folder: Folder
  readonly #shelf: Shelf

  /** @throws UsageError `RTMP_ERR_USAGE` for options that do not exist, VodError `RTMP_ERR_VOD_OPTION` */
  constructor(@inject(VOD_OPTIONS) options: Omit<VodOptions, 'log'>, @inject(LOGGER) log?: Logger) {
    checkNames('vod()', options, known)
    this.#app = options.app ?? vodDefaults.app
    this.#log = new PluginLog(this.name, log)
    this.#folder = new Folder(options.dir)
    this.#shelf = new Shelf(this.#folder, cacheSizeOf(options))
  }

  setup(host: Host): void {
    this.#log.use(host)
    host.offer('openFile', async (app, streamName) => {
      const folder = folderOf(app, this.#app)
      if (folder === undefined) return undefined
      const lease = await this.#lease({ folder, ...parseName(streamName) })
      return lease && { media: lease.mediaFile, release: lease.release }
    })
  }

  /** Opened here, because only here the client can be told what is wrong. */
  async onPlay(event: PlayEvent): Promise<Denial | undefined> {
    const target = this.#target(event)
    if (target === undefined) return undefined
    const { streamName } = event
    try {
      const lease = await this.#lease(target)
      if (lease === undefined) return deny('NetStream.Play.StreamNotFound', `there is no ${streamName}`)
      lease.release()
      const { leftOut } = lease.mediaFile
      if (leftOut !== undefined) {
        this.#log.info(
          { app: event.app, stream: shownName(streamName) },
          `a part of the file is not played: ${leftOut}`,
        )
      }
      return undefined
    } catch (error) {
      const fields = { app: event.app, stream: shownName(streamName) }
      if (error instanceof VodError) {
        this.#log.warn({ ...fields, code: error.code }, `the file can not be played: ${error.message}`)
      } else this.#log.warn({ ...fields, err: error }, 'the file can not be read')
      return refusal(error, streamName)
    }
  }

  async sourcePlay(event: PlayEvent): Promise<PrivateSource | undefined> {
    const target = this.#target(event)
    const lease = target && (await this.#lease(target))
    if (lease === undefined) return undefined
    const wanted = typeof event.start === 'number' ? event.start : 0
    return new MediaFileStream(lease.mediaFile, wanted, () => lease.release()).source()
  }

  async onCall({ connection, method, args }: CallEvent): Promise<number | undefined> {
    const [name] = args
    const folder = folderOf(connection.app, this.#app)
    if (method !== 'getStreamLength' || folder === undefined || typeof name !== 'string') return undefined
    const lease = await this.#lease({ folder, ...parseName(name) }).catch(() => undefined)
    lease?.release()
    return lease && lease.mediaFile.duration / 1000
  }

  async onClose(): Promise<void> {
    await this.#shelf.close()
  }

  /** Undefined for streams that other plugins play. */
  #target({ app, filePrefix, fileName, rawQuery, start, isLive }: PlayEvent): StreamTarget | undefined {
    if (start === 'live' || (start === 'any' && isLive)) return undefined
    const folder = folderOf(app, this.#app)
    return folder === undefined ? undefined : { folder, filePrefix, fileName, rawQuery }
  }

  async #lease(target: StreamTarget): Promise<Lease | undefined> {
    const file = await this.#folder.find(fileNames(target))
    return file && (await this.#shelf.lease(file))
  }
}

/**
 * Plays FLV and MP4 files of a folder, with seek and pause. It refuses files that it can't play, so put it after
 * plugins that decide who may play or that rename.
 *
 * @example
 * ```ts
 * server.use(vod({ dir: 'movies' })) // movies/film.mp4 is rtmp://host/vod/film.mp4
 * ```
 *
 * @throws UsageError `RTMP_ERR_USAGE` for options that do not exist, VodError `RTMP_ERR_VOD_OPTION`
 */
export function vod(options: VodOptions): Vod {
  return new Vod(options, options.log)
}

/** Says what is wrong with the file, and nothing of where it is. */
function refusal(error: unknown, streamName: string): Denial {
  const code = error instanceof VodError ? error.code : undefined
  if (code === 'RTMP_ERR_VOD_FILE') return deny('NetStream.Play.FileStructureInvalid', `${streamName} is damaged`)
  if (code === 'RTMP_ERR_VOD_CODEC') {
    const reason = `${streamName} can not be played: ${(error as VodError).message}`
    return deny('NetStream.Play.NoSupportedTrackFound', reason)
  }
  return deny('NetStream.Play.Failed', `${streamName} can not be read`)
}
