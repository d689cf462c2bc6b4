import '@cdktf/provider-helm/lib/release';
import '@cdktf/provider-kubernetes/lib/namespace-v1';
import '@cdktf/provider-null/lib/resource';
import { cpSync, rmSync } from 'node:fs';
import 'cdktf';

// What no synthesis can do without: the framework loaded, the same files written.
const [from, to] = process.argv.slice(2) as [string, string];
rmSync(to, { recursive: true, force: true });
cpSync(from, to, { recursive: true });
