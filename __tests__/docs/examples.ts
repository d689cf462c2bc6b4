import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../config/package-root';

export interface Example {
  /** Below the root of the repository. */
  readonly file: string;
  readonly language: string;
  readonly text: string;
}

/** Every fenced block of the README and the guides that names its language. */
export function examples(): readonly Example[] {
  const guides = readdirSync(join(packageRoot(), 'docs', 'guide')).map((file) => join('docs', 'guide', file));
  return ['README.md', ...guides].flatMap((file) =>
    [...readFileSync(join(packageRoot(), file), 'utf8').matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language, text]) => ({
      file,
      language: language!,
      text: text!,
    })),
  );
}

export const libraryGuide = join('docs', 'guide', 'use-as-a-library.md');

/** Those of the guide to the library: whole apps in TypeScript, the commands that install it, the script of the app. */
export function libraryExamples() {
  const own = examples().filter(({ file }) => file === libraryGuide);
  const of = (language: string): readonly string[] => own.filter((one) => one.language === language).map(({ text }) => text);
  const [shell, script] = of('sh');
  return { apps: of('ts'), commands: shell!, script: script!, manifest: of('json')[0]! };
}
