import { describe, expect, it } from 'vitest'
import { execLine } from '../../src/commands/systemd/exec-line.ts'
import { isAtHome, unitFiles } from '../../src/commands/systemd/units.ts'
import { schema } from '../../src/sections/index.ts'
import { settingOf } from '../../src/config/variables.ts'
import { rtmpipe } from '../support/command.ts'

const options = { node: '/usr/bin/node', command: '/opt/rtmpipe/rtmpipe.js', options: [], sockets: false }
const textOf = (more: object = {}) => unitFiles({ ...options, ...more })[0]?.text ?? ''

describe('units', () => {
  it('are hardened', () => {
    const lines = textOf().split('\n')
    for (const line of [
      'Type=notify',
      'NotifyAccess=all',
      'ExecStart=/usr/bin/node /opt/rtmpipe/rtmpipe.js serve',
      'DynamicUser=yes',
      'StateDirectory=rtmpipe',
      'ProtectSystem=strict',
      'ProtectHome=yes',
      'NoNewPrivileges=yes',
      'KillSignal=SIGTERM',
      'TimeoutStopSec=30',
      'Restart=on-failure',
      'LoadCredential=admin-token:/etc/rtmpipe/admin-token',
      'Environment=RTMPIPE_ADMIN_TOKEN_FILE=%d/admin-token',
    ])
      expect(lines).toContain(line)
  })

  it('set what there is to set', () => {
    const variables = [...textOf().matchAll(/Environment=RTMPIPE_(\w+?)(?:_FILE)?=/g)].map(([, name = '']) => name)
    expect(variables).toEqual(['DATA', 'ADMIN_TOKEN', 'AUTH_PUBLISH_KEYS_KEYS_0'])
    for (const name of variables) expect(settingOf(schema, name), name).toBeDefined()
  })

  it('leave Node readable that lies in a home folder', () => {
    expect(textOf({ node: '/home/me/.nvm/bin/node' })).toContain('\nProtectHome=read-only\n')
    expect(['/root/x', '/home/me/x', '/run/user/1/x', '/usr/home/x', '/homes'].map(isAtHome)).toEqual([
      true,
      true,
      true,
      false,
      false,
    ])
  })

  it('wait for their sockets, if there are any', () => {
    expect(textOf()).not.toContain('.socket')
    const [service, http, https, ...others] = unitFiles({ ...options, sockets: true })
    expect(others).toEqual([])
    expect(service?.text).toContain('\nSockets=rtmpipe-http.socket rtmpipe-https.socket\n')
    expect(http).toMatchObject({
      name: 'rtmpipe-http.socket',
      text: expect.stringContaining('ListenStream=80\nFileDescriptorName=http\n'),
    })
    expect(https).toMatchObject({
      name: 'rtmpipe-https.socket',
      text: expect.stringContaining('ListenStream=443\nFileDescriptorName=https\n'),
    })
  })
})

describe('execLine()', () => {
  it('quotes what systemd would read otherwise', () => {
    expect(execLine(['/a b/node', '100%', '$HOME', 'a"b\\c', "it's", '--key=x'])).toBe(
      '"/a b/node" 100%% $$HOME "a\\"b\\\\c" "it\'s" --key=x',
    )
  })
})

describe('rtmpipe systemd', () => {
  it('prints one unit as it is, and several with their names', async () => {
    const one = await rtmpipe('systemd', '--', '--host', '::').finish()
    expect(one.stdout[0]).toBe('# Before the first start:')
    expect(one.stdout.find(line => line.startsWith('ExecStart='))).toMatch(/rtmpipe\.js serve --host ::$/)
    const { stdout } = await rtmpipe('systemd', '--sockets').finish()
    expect(stdout.filter(line => line.startsWith('# /etc/systemd/system/'))).toEqual([
      '# /etc/systemd/system/rtmpipe.service',
      '# /etc/systemd/system/rtmpipe-http.socket',
      '# /etc/systemd/system/rtmpipe-https.socket',
    ])
  })
})
