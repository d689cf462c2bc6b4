import { createInterface } from 'node:readline/promises';
import { Failure } from '../config/failure';

/** Asks for a name to be typed before something is lost. @throws Failure where nobody can answer @returns whether it was typed */
export async function typedName(verb: string, name: string, question: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new Failure(`${verb} asks before it acts and there is nobody to answer: add --yes`);
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(question);
  terminal.close();
  return answer.trim() === name;
}
