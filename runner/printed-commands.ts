/** What the running verb works on. */
interface Chosen {
  readonly fleet: string;
  readonly overlay: string | null;
  /** Name of the deployment, where it was chosen by that. */
  readonly deployment?: string | undefined;
  /** Whether the verb prints JSON. */
  readonly json: boolean;
}

let chosen: Chosen | null = null;

/** From now on commands that are printed name this deployment; `null`: they are printed as they are. */
export function chooseDeployment(now: Chosen | null): void {
  chosen = now;
}

/**
 * A text with the deployment in every command of Flotilla that it tells a person to run. Without it a copied `npx flotilla destroy` would mean the
 * default fleet. Here and not where texts are written, because scripts and checks, which do not know the selection, name commands too.
 */
export function withDeployment(text: string, of: Chosen | null = chosen): string {
  if (of === null) return text;
  return text.replace(/npx flotilla ([a-z]+)\b(?! --(?:fleet|overlay|uid|deployment|moved)\b)/g, (command, verb: string) => {
    const words = wordsOf(verb, of).map(shellWord).join(' ');
    return words === '' ? command : `${command} ${of.json ? JSON.stringify(words).slice(1, -1) : words}`;
  });
}

function wordsOf(verb: string, { fleet, overlay, deployment }: Chosen): readonly string[] {
  if (deployment !== undefined && ['destroy', 'forget'].includes(verb)) return ['--deployment', deployment];
  return [...(fleet === 'lab' ? [] : ['--fleet', fleet]), ...(overlay === null ? [] : ['--overlay', overlay])];
}

/** For a shell, as one word. */
const shellWord = (text: string): string => (/^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);

/** Names the deployment in all that is printed by `console` while `run` runs. */
export async function namingDeployment<T>(run: () => Promise<T>): Promise<T> {
  const { log, error } = console;
  const naming =
    (print: typeof log): typeof log =>
    (...parts) =>
      print(...parts.map((part) => (typeof part === 'string' ? withDeployment(part) : part)));
  Object.assign(console, { log: naming(log), error: naming(error) });
  try {
    return await run();
  } finally {
    Object.assign(console, { log, error });
    chooseDeployment(null);
  }
}
