"""Stands for systemd: binds the datagram socket that NOTIFY_SOCKET names and prints what it is told, with the time."""
import socket
import sys
import time

path = sys.argv[1]
line = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
line.bind('\0' + path[1:] if path.startswith('@') else path)
print('bound', flush=True)
while True:
    # The descriptor that comes with BARRIER=1 is closed unseen, which is what the barrier waits for.
    words = line.recv(4096).decode().replace('\n', ' ')
    print(f'{time.monotonic() * 1000:.0f} {words}', flush=True)
