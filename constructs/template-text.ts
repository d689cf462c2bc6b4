/** Terraform template text, as cdktf resolves tokens to it: literal text with `$${` for `${`, and expressions in `${…}`. */
interface Part {
  readonly kind: 'literal' | 'expression';
  readonly text: string;
}

/** The expression without its `${…}` when the text is one expression and nothing else; else `null`. */
export function expressionIn(text: string): string | null {
  const [first, ...others] = partsOf(text);
  return first?.kind === 'expression' && others.length === 0 ? first.text.slice(2, -1) : null;
}

/** The text as a quoted template of Terraform's language, for use inside an expression. */
export const quoteTemplate = (text: string): string =>
  `"${partsOf(text)
    .map((part) => (part.kind === 'expression' ? part.text : quoted(part.text)))
    .join('')}"`;

/** JSON's escapes, but for the two that Terraform does not have. */
const quoted = (literal: string): string =>
  JSON.stringify(literal)
    .slice(1, -1)
    .replaceAll(/\\(.)/g, (found, letter: string) => ({ b: '\\u0008', f: '\\u000c' })[letter] ?? found);

function partsOf(text: string): readonly Part[] {
  const parts: Part[] = [];
  let literal = '';
  for (let at = 0; at < text.length; ) {
    const [three, two] = [text.slice(at, at + 3), text.slice(at, at + 2)];
    if (three === '$${' || three === '%%{') {
      literal += three;
      at += 3;
    } else if (two === '${' || two === '%{') {
      if (literal !== '') parts.push({ kind: 'literal', text: literal });
      literal = '';
      const end = endOf(text, at + 2);
      parts.push({ kind: 'expression', text: text.slice(at, end) });
      at = end;
    } else {
      literal += text[at]!;
      at += 1;
    }
  }
  return literal === '' ? parts : [...parts, { kind: 'literal', text: literal }];
}

/** Behind the brace that closes what was opened before `from`; braces in quoted strings count only where they open an expression. */
function endOf(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === '}') return at + 1;
    if (text[at] === '{') at = endOf(text, at + 1) - 1;
    else if (text[at] === '"') at = endOfString(text, at + 1) - 1;
  }
  return text.length;
}

function endOfString(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    const [three, two] = [text.slice(at, at + 3), text.slice(at, at + 2)];
    if (text[at] === '"') return at + 1;
    if (text[at] === '\\') at += 1;
    else if (three === '$${' || three === '%%{') at += 2;
    else if (two === '${' || two === '%{') at = endOf(text, at + 2) - 1;
  }
  return text.length;
}
