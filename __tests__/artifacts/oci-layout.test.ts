import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const script = resolve(__dirname, '../../artifacts/build/oci-layout.sh');
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'oci-layout-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function pack(name: string, year: string): string {
  const tree = join(folder, name, 'tree');
  const layout = join(folder, name, 'layout');
  mkdirSync(join(tree, 'usr/bin'), { recursive: true });
  writeFileSync(join(tree, 'usr/bin/program'), 'content', { mode: 0o755 });
  utimesSync(join(tree, 'usr/bin/program'), new Date(year), new Date(year));
  const input = { tree, layout, entrypoint: ['/usr/bin/program'], command: null, user: '65535:65535' };
  execFileSync('bash', [script], { env: { ...process.env, INPUT: JSON.stringify(input) } });
  return layout;
}

describe('oci-layout.sh', () => {
  it('gives the same digests for the same tree', () => {
    const [first, second] = [pack('first', '2001-01-01'), pack('second', '2002-02-02')];
    expect(readFileSync(join(first, 'index.json'), 'utf8')).toBe(readFileSync(join(second, 'index.json'), 'utf8'));
  });

  it('writes blobs that are what their names say, down to the layer', () => {
    const layout = pack('one', '2001-01-01');
    const blob = (digest: string): Buffer => {
      const content = readFileSync(join(layout, 'blobs', digest.replace(':', '/')));
      expect(`sha256:${createHash('sha256').update(content).digest('hex')}`).toBe(digest);
      return content;
    };
    const index = JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8'));
    const manifest = JSON.parse(blob(index.manifests[0].digest).toString());
    const config = JSON.parse(blob(manifest.config.digest).toString());
    const layer = manifest.layers[0];
    expect(blob(layer.digest)).toHaveLength(layer.size);
    expect(layer.mediaType).toBe('application/vnd.oci.image.layer.v1.tar');
    expect(config.rootfs.diff_ids).toEqual([layer.digest]);
    expect(config.config).toMatchObject({ Entrypoint: ['/usr/bin/program'], User: '65535:65535' });
    expect(config.config).not.toHaveProperty('Cmd');
  });
});
