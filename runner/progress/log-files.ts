import { closeSync, existsSync, fstatSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { basename, join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import type { TerraformEvent } from '../terraform/terraform';

/** What Terraform said in one run of the command. */
export interface LoggedRun {
  /** When it began, also the name of its folder, e.g. 2026-11-21T13-09-16-123Z. */
  readonly name: string;
  readonly folder: string;
  readonly stacks: readonly string[];
}

/** All runs of which there are logs, the last one last. */
export function loggedRuns(logs: string): readonly LoggedRun[] {
  const runs = existsSync(logs) ? readdirSync(logs, { withFileTypes: true }).filter((entry) => entry.isDirectory()) : [];
  return runs
    .map(({ name }) => ({ name, folder: join(logs, name), stacks: stacksIn(join(logs, name)) }))
    .filter(({ stacks }) => stacks.length > 0)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

const stacksIn = (folder: string): readonly string[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.log'))
    .map((file) => basename(file, '.log'))
    .sort();

/** What a run did to a stack, and how many errors it met. */
export function summarize(file: string): { readonly did: string; readonly errors: number } {
  const events = readFileSync(file, 'utf8').split('\n').flatMap(parse);
  const last = events.findLast(({ type }) => type === 'change_summary');
  const errors = events.filter(({ diagnostic }) => diagnostic?.severity === 'error').length;
  return { did: last?.changes?.operation ?? 'init', errors };
}

/** A line of a log as a person reads it: the time, what was said, and the detail of an error. Lines that are no event stay as they are. */
export function readable(line: string): string {
  const [event] = parse(line);
  if (event === undefined) return line;
  const time = new Date(event['@timestamp']).toTimeString().slice(0, 8);
  const detail = event.diagnostic?.detail.trim() ?? '';
  const indented = detail === '' ? [] : detail.split('\n').map((text) => `          ${text}`);
  return [`${time}  ${event['@message']}`, ...indented].join('\n');
}

/**
 * The same line as JSON: what Terraform wrote, and the stack. A line that is no event, as `terraform init` prints them, has its text as `@message`.
 */
export const asJson = (line: string, stack: string): string => JSON.stringify({ stack, ...(parse(line)[0] ?? { '@message': line }) });

type LoggedEvent = TerraformEvent & { readonly '@timestamp': string };

function parse(line: string): LoggedEvent[] {
  if (!line.startsWith('{')) return [];
  try {
    const event = JSON.parse(line);
    return typeof event['@message'] === 'string' ? [event] : [];
  } catch {
    return [];
  }
}

/** Reads a file that grows, line by line; a line that is only half written waits for its rest. */
export class Tail {
  private position = 0;
  private rest = '';
  private readonly decoder = new StringDecoder('utf8');

  constructor(private readonly file: string) {}

  /** Lines that came since the last call; none while there is no such file. */
  read(): readonly string[] {
    if (!existsSync(this.file)) return [];
    const descriptor = openSync(this.file, 'r');
    try {
      const fresh = Buffer.alloc(Math.max(0, fstatSync(descriptor).size - this.position));
      const count = readSync(descriptor, fresh, 0, fresh.length, this.position);
      this.position += count;
      const [rest, ...lines] = (this.rest + this.decoder.write(fresh.subarray(0, count))).split('\n').reverse();
      this.rest = rest!;
      return lines.reverse();
    } finally {
      closeSync(descriptor);
    }
  }

  /** What is left of a file that does not grow any more. */
  end(): readonly string[] {
    const lines = this.read();
    return this.rest === '' ? lines : [...lines, this.rest];
  }
}
