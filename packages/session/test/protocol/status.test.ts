import { readFile } from 'node:fs/promises'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { deny } from '../../src/contract/denial.ts'
import { PluginError, StatusError } from '../../src/contract/errors.ts'
import { type Status, status, type StatusCode, statusLevels } from '../../src/protocol/status.ts'

// By hand, after RTMP 1.0, Enhanced RTMP v2 and Flash's NetStatusEvent.
const levels: Record<keyof typeof statusLevels, string> = {
  'Application.GC': 'status',
  'Application.Resource.LowMemory': 'warning',
  'Application.Script.Error': 'error',
  'Application.Script.Warning': 'warning',
  'Application.Shutdown': 'error',
  'NetConnection.Call.BadVersion': 'error',
  'NetConnection.Call.Failed': 'error',
  'NetConnection.Call.Prohibited': 'error',
  'NetConnection.Connect.AppShutdown': 'error',
  'NetConnection.Connect.Closed': 'status',
  'NetConnection.Connect.Failed': 'error',
  'NetConnection.Connect.IdleTimeout': 'status',
  'NetConnection.Connect.InvalidApp': 'error',
  'NetConnection.Connect.NetworkChange': 'status',
  'NetConnection.Connect.ReconnectRequest': 'status',
  'NetConnection.Connect.Rejected': 'error',
  'NetConnection.Connect.Success': 'status',
  'NetConnection.Proxy.NotResponding': 'error',
  'NetStream.Buffer.Empty': 'status',
  'NetStream.Buffer.Flush': 'status',
  'NetStream.Buffer.Full': 'status',
  'NetStream.Clear.Failed': 'error',
  'NetStream.Clear.Success': 'status',
  'NetStream.Connect.Closed': 'status',
  'NetStream.Connect.Failed': 'error',
  'NetStream.Connect.Rejected': 'error',
  'NetStream.Connect.Success': 'status',
  'NetStream.Data.Start': 'status',
  'NetStream.Failed': 'error',
  'NetStream.InvalidArg': 'error',
  'NetStream.Pause.Notify': 'status',
  'NetStream.Play.Complete': 'status',
  'NetStream.Play.Failed': 'error',
  'NetStream.Play.FileStructureInvalid': 'error',
  'NetStream.Play.InsufficientBW': 'warning',
  'NetStream.Play.NoSupportedTrackFound': 'error',
  'NetStream.Play.PublishNotify': 'status',
  'NetStream.Play.Reset': 'status',
  'NetStream.Play.Start': 'status',
  'NetStream.Play.Stop': 'status',
  'NetStream.Play.StreamNotFound': 'error',
  'NetStream.Play.Switch': 'status',
  'NetStream.Play.Transition': 'status',
  'NetStream.Play.TransitionComplete': 'status',
  'NetStream.Play.UnpublishNotify': 'status',
  'NetStream.Publish.BadName': 'error',
  'NetStream.Publish.Denied': 'error',
  'NetStream.Publish.Idle': 'status',
  'NetStream.Publish.Start': 'status',
  'NetStream.Record.DiskQuotaExceeded': 'error',
  'NetStream.Record.Failed': 'error',
  'NetStream.Record.NoAccess': 'error',
  'NetStream.Record.Start': 'status',
  'NetStream.Record.Stop': 'status',
  'NetStream.Seek.Failed': 'error',
  'NetStream.Seek.InvalidTime': 'error',
  'NetStream.Seek.Notify': 'status',
  'NetStream.Transition.Forced': 'status',
  'NetStream.Transition.Success': 'status',
  'NetStream.Unpause.Notify': 'status',
  'NetStream.Unpublish.Success': 'status',
  'SharedObject.BadPersistence': 'error',
  'SharedObject.NoReadAccess': 'error',
  'SharedObject.NoWriteAccess': 'error',
  'SharedObject.ObjectCreationFailed': 'error',
}

describe('status', () => {
  it.each(Object.entries(levels))('%s is of level %s', (code, level) => {
    expect(status(code as StatusCode, 'why')).toEqual({ level, code, description: 'why' })
  })

  it('has a level for every code that is sent', async () => {
    expect(Object.keys(statusLevels).sort()).toEqual(Object.keys(levels).sort())
    const sources = [
      'rtmp-server',
      'publication',
      'play/playback',
      'play/live-playback',
      'play/private-playback',
      'commands/publish',
      'commands/play',
      'commands/play2',
      'commands/playback-control',
      'commands/announce',
      'commands/call',
      'commands/connect',
    ]
    for (const name of sources) {
      const text = await readFile(new URL(`../../src/server/${name}.ts`, import.meta.url), 'utf8')
      for (const [, code] of text.matchAll(/'(Net(?:Connection|Stream)\.[\w.]+)'/g))
        expect(levels).toHaveProperty([code as string])
    }
  })

  it.each(['__proto__', 'toString', 'constructor', '', 'NetStream.Publish.Denyed'])('is not made of %s', code => {
    for (const make of [status, deny]) {
      expect(() => make(code as StatusCode, '')).toThrow(
        expect.objectContaining({ code: 'RTMP_ERR_USAGE', message: expect.stringContaining(`no status code ${code}`) }),
      )
    }
  })

  it('says which code was meant, and lets those of applications pass', () => {
    expect(() => deny('NetStream.Publish.Denyed' as StatusCode, '')).toThrow('did you mean NetStream.Publish.Denied?')
    expect(() => deny('Mine.Own' as StatusCode, '')).toThrow('codes of your own begin with App.')
    expect(deny('App.Mine', 'why')).toEqual({ denied: true, code: 'App.Mine', description: 'why' })
  })

  it('types the level by the code', () => {
    expectTypeOf(status('NetStream.Play.Start', '')).toEqualTypeOf<Status<'NetStream.Play.Start'>>()
    expectTypeOf(status('NetStream.Play.Start', '').level).toEqualTypeOf<'status'>()
    expectTypeOf(status('NetStream.Play.InsufficientBW', '').level).toEqualTypeOf<'warning'>()
    expectTypeOf(status('App.Any', '').level).toEqualTypeOf<'error'>()
    expectTypeOf<Status['level']>().toEqualTypeOf<'status' | 'warning' | 'error'>()
  })

  it("counts an application's own code as an error", () => {
    expect(status('App.OutOfCredit', '').level).toBe('error')
  })
})

describe('errors', () => {
  it('a denial is a value, not an error', () => {
    expect(deny('NetStream.Publish.Denied', 'no')).toEqual({
      denied: true,
      code: 'NetStream.Publish.Denied',
      description: 'no',
    })
  })

  it('a plugin error names plugin and hook, and has its cause', () => {
    const cause = new Error('boom')
    const error = new PluginError('auth', 'onPublish', 'boom', { cause })
    expect(error).toMatchObject({
      name: 'PluginError',
      code: 'RTMP_ERR_PLUGIN',
      plugin: 'auth',
      hook: 'onPublish',
      cause,
    })
    expect(error.message).toBe('plugin auth, onPublish: boom')
  })

  it('a status error says what the peer said', () => {
    expect(new StatusError('NetStream.Publish.Denied', 'no')).toMatchObject({
      name: 'StatusError',
      code: 'RTMP_ERR_STATUS',
      statusCode: 'NetStream.Publish.Denied',
      description: 'no',
      message: 'NetStream.Publish.Denied: no',
    })
    expect(new StatusError('NetStream.Failed', '').message).toBe('NetStream.Failed')
  })
})
