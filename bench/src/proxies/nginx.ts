import type { SocketAddress } from '@bankinfo/mesh'

/** One process, so that its id is the one to measure; nothing is written outside the folder it is started with (`-p`). */
const oneProcess = `
daemon off;
master_process off;
worker_processes 1;
pid nginx.pid;
error_log stderr error;
events { worker_connections 4096; }
`

const http = `
  keepalive_requests 1000000000;
  keepalive_time 24h;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
`

/** A server that answers every request with the body. */
export function nginxServer (port: number, body: string): string {
  return `${oneProcess}
http {${http}
  access_log off;
  server {
    listen 127.0.0.1:${port};
    location / { default_type text/plain; return 200 "${body}"; }
  }
}
`
}

/** A proxy that passes every request to one server, over kept-alive connections, and writes nginx's own access log. */
export function nginxProxy (port: number, { backend, accessLog }: { backend: SocketAddress, accessLog: string }): string {
  return `${oneProcess}
http {${http}
  access_log ${accessLog} combined buffer=64k;
  upstream backend {
    server ${backend.host}:${backend.port};
    keepalive 128;
    keepalive_requests 1000000000;
  }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://backend;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_set_header X-Request-Id $request_id;
      proxy_set_header X-Forwarded-Proto $scheme;
    }
  }
}
`
}
