# Varnish in front of rtmpipe: RTMP over HTTP (RTMPT), API, dashboard and health. docs/firewalls.md says more.
#
# varnishd -a :80 -f /etc/varnish/rtmpipe.vcl -p backend_idle_timeout=15 -p timeout_idle=60
#
# backend_idle_timeout is less than the 20 s after which rtmpipe closes: a request must not meet the end of its
# connection. timeout_idle is how long a client's connection may be silent.

vcl 4.1;

backend rtmpipe {
  .host = "127.0.0.1";
  .port = "8080";
  # Events (server-sent events) may be an hour apart.
  .first_byte_timeout = 1h;
  .between_bytes_timeout = 1h;
}

# Nothing of it is to be kept.
sub vcl_recv {
  return (pass);
}
