import { execLine } from './exec-line.ts'

/** What a unit is to start. */
export interface UnitOptions {
  /** Path of Node. */
  readonly node: string
  /** Path of the `rtmpipe` command. */
  readonly command: string
  /** Options of `rtmpipe serve`. */
  readonly options: readonly string[]
  /** Whether systemd opens the ports 80 and 443. */
  readonly sockets: boolean
}

/** A file for `/etc/systemd/system`. */
export interface UnitFile {
  readonly name: string
  readonly text: string
}

const socketUnits = [
  { name: 'rtmpipe-http.socket', port: 80, descriptor: 'http', what: 'HTTP' },
  { name: 'rtmpipe-https.socket', port: 443, descriptor: 'https', what: 'HTTPS' },
]

/** The unit of the service, and those of its sockets if they are wanted. */
export function unitFiles(options: UnitOptions): readonly UnitFile[] {
  const service = { name: 'rtmpipe.service', text: serviceUnit(options) }
  return options.sockets ? [service, ...socketUnits.map(socketUnit)] : [service]
}

/** True of paths that a service without access to home folders can't read. */
export function isAtHome(path: string): boolean {
  return /^\/(home|root|run\/user)\//.test(path)
}

function serviceUnit({ node, command, options, sockets }: UnitOptions): string {
  const names = socketUnits.map(({ name }) => name).join(' ')
  const protectHome = [node, command].some(isAtHome) ? 'read-only' : 'yes'
  return `# Before the first start:
#   sudo install -d -m 0755 /etc/rtmpipe
#   openssl rand -hex 32 | sudo install -m 0600 /dev/stdin /etc/rtmpipe/admin-token
# Settings go into /etc/rtmpipe/rtmpipe.env, one a line, as RTMPIPE_HOST=0.0.0.0 (rtmpipe config --env lists them).

[Unit]
Description=rtmpipe, RTMP server
Documentation=https://github.com/rtmpipe/rtmpipe/blob/main/docs/running.md
Wants=network-online.target
After=network-online.target${sockets ? ` ${names}\nRequires=${names}` : ''}

[Service]
Type=notify
# systemd-notify, which says READY=1 and WATCHDOG=1, is a process of its own.
NotifyAccess=all
ExecStart=${execLine([node, command, 'serve', ...options])}
ExecReload=/bin/kill -HUP $MAINPID
WatchdogSec=30
Restart=on-failure
RestartSec=2
# What is wrong with the configuration is still wrong two seconds later.
RestartPreventExitStatus=2
# Workers are told to end by their primary.
KillMode=mixed
KillSignal=SIGTERM
TimeoutStopSec=30
LimitNOFILE=65536
${sockets ? `Sockets=${names}\n` : ''}
EnvironmentFile=-/etc/rtmpipe/rtmpipe.env
Environment=RTMPIPE_DATA=%S/rtmpipe
# Secrets are read by systemd and shown to this service alone. More of them in the same way:
LoadCredential=admin-token:/etc/rtmpipe/admin-token
Environment=RTMPIPE_ADMIN_TOKEN_FILE=%d/admin-token
#LoadCredential=publish-key:/etc/rtmpipe/publish-key
#Environment=RTMPIPE_AUTH_PUBLISH_KEYS_KEYS_0_FILE=%d/publish-key

# A user that exists while the service runs, and a folder that is its own: /var/lib/rtmpipe.
DynamicUser=yes
StateDirectory=rtmpipe
StateDirectoryMode=0750
WorkingDirectory=%S/rtmpipe
UMask=0027

NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=${protectHome}
PrivateTmp=yes
PrivateDevices=yes
PrivateUsers=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
CapabilityBoundingSet=
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
RemoveIPC=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target
`
}

function socketUnit({ name, port, descriptor, what }: (typeof socketUnits)[number]): UnitFile {
  const text = `[Unit]
Description=rtmpipe, ${what} port
Documentation=https://github.com/rtmpipe/rtmpipe/blob/main/docs/running.md

[Socket]
ListenStream=${port}
FileDescriptorName=${descriptor}
Service=rtmpipe.service
NoDelay=yes
Backlog=4096

[Install]
WantedBy=sockets.target
`
  return { name, text }
}
