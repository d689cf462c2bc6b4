// Writes down how long a program has computed when it ends: on a busy host its duration tells of others too.
'use strict';
const fs = require('node:fs');
process.on('exit', () => {
  const { user, system } = process.cpuUsage();
  fs.writeFileSync(process.env.FLOTILLA_CPU_SECONDS, String((user + system) / 1e6));
});
