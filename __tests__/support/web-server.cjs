// A web server in a process of its own, because its askers block theirs: files of the folder in argv[2]; /401 and /never answer as they are called.
'use strict';
const { createServer } = require('node:http');
const { existsSync, readFileSync } = require('node:fs');
const { join } = require('node:path');

const server = createServer((request, response) => {
  const file = join(process.argv[2], request.url);
  if (request.url === '/never') return;
  const found = request.url !== '/401' && existsSync(file);
  response.writeHead(request.url === '/401' ? 401 : found ? 200 : 404);
  response.end(found && request.method === 'GET' ? readFileSync(file) : undefined);
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
