import { load, readFile, resolveFresh } from './model/lab';
import { fleetTable } from '../model/table';
import { writeFileSync } from 'node:fs';
test.each([['trio',null],['tart',null],['kind',null],['trio','nspawn'],['tart','nspawn'],['kind','nspawn'],['lab',null]])('%s %s', (n,o) => {
  const f = resolveFresh(load(n as string,o), { readFile: (p: string) => readFile(p) ?? (p.includes('dashboards') ? '{}' : null), ...(o===null && n!=='lab' ? {source:'official' as const}:{}) });
  writeFileSync(`/tmp/p-out-${n}-${o}.txt`, fleetTable(f));
  writeFileSync(`/tmp/p-out-${n}-${o}.json`, JSON.stringify(f,null,1));
});
