import { forwarding, type Kind } from './kind.ts'

export const tinyproxy: Kind = {
  file: 'tinyproxy.conf',
  replace: [
    [/^Port 8888/gm, ({ http }) => `Port ${http}\nListen 127.0.0.1\nBind ${forwarding}`],
    [/^ConnectPort .*$/gm, () => ''],
    [/^Allow .*$/gm, () => 'Allow 127.0.0.1'],
  ],
  start: config => ({ file: '/usr/bin/tinyproxy', args: ['-d', '-c', config] }),
  ready: 'http',
}
