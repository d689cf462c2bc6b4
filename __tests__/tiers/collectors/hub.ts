import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createServer as createServer2, type Http2Server, type ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import { gunzipSync } from 'node:zlib';

/**
 * The hub as collectors see it: takes OTLP logs over HTTP, as Loki does, and traces over gRPC, as Tempo does, and counts each `line-<number>` and
 * `span-<number>` in them. It can go away and come back on the same ports.
 */
export class Hub {
  /** How often each was taken. */
  public readonly seen = new Map<string, number>();
  private http: Server | undefined;
  private grpc: Http2Server | undefined;
  private readonly sockets = new Set<Socket | ServerHttp2Session>();

  constructor(
    private readonly httpPort: number,
    private readonly grpcPort: number,
  ) {}

  public async come(): Promise<void> {
    this.http = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const body = Buffer.concat(parts);
        this.count(request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body);
        // An empty answer is an ExportLogsServiceResponse that refuses nothing.
        response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
      });
    });
    this.http.on('connection', (socket) => this.sockets.add(socket));
    this.grpc = createServer2();
    this.grpc.on('session', (session) => this.sockets.add(session));
    this.grpc.on('stream', (stream) => {
      const parts: Buffer[] = [];
      stream.on('error', () => {});
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('end', () => {
        // One byte says whether it is compressed, four how long it is.
        const body = Buffer.concat(parts);
        this.count(body[0] === 1 ? gunzipSync(body.subarray(5)) : body.subarray(5));
        stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
        stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
        stream.end(Buffer.alloc(5));
      });
    });
    this.http.listen(this.httpPort, '127.0.0.1');
    this.grpc.listen(this.grpcPort, '127.0.0.1');
    await Promise.all([once(this.http, 'listening'), once(this.grpc, 'listening')]);
  }

  /** At once: what is on its way is answered to nobody. */
  public async go(): Promise<void> {
    const closed = [this.http, this.grpc].map((server) => server?.listening && new Promise((done) => server.close(done)));
    for (const socket of this.sockets) socket.destroy();
    this.sockets.clear();
    await Promise.all(closed);
  }

  private count(body: Buffer): void {
    for (const [name] of body.toString('latin1').matchAll(/(line|span)-\d{5}/g)) this.seen.set(name, (this.seen.get(name) ?? 0) + 1);
  }
}
