/** What a terminal shows of what is written to it, as far as the live tree uses one. Its height has no end. */
export class VirtualScreen {
  cursorIsHidden = false;
  wasHidden = false;
  private rows: string[][] = [[]];
  private row = 0;
  private column = 0;
  private pending = '';

  constructor(private readonly columns: number) {}

  write(text: string): void {
    let rest = this.pending + text;
    this.pending = '';
    while (rest !== '') {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: this is what a terminal reads
      const control = /^\x1b\[([?0-9;]*)([A-Za-z])/.exec(rest);
      if (rest.startsWith('\x1b') && control === null) {
        this.pending = rest;
        return;
      }
      if (control === null) this.put(rest[0]!);
      else this.obey(control[1]!, control[2]!);
      rest = rest.slice(control === null ? 1 : control[0].length);
    }
  }

  lines(): readonly string[] {
    return this.rows.map((row) => row.join('').trimEnd());
  }

  /** Below the cursor, or twice the same stack: what a redraw should have taken away. */
  leftovers(): readonly string[] {
    const stacks = this.lines().flatMap((line) => /^[^ ] (stack-\d+)( |$)/.exec(line)?.[1] ?? []);
    const twice = stacks.filter((stack, index) => stacks.indexOf(stack) !== index);
    return [
      ...this.lines()
        .slice(this.row)
        .filter((line) => line !== ''),
      ...twice,
    ];
  }

  private put(character: string): void {
    if (character === '\n') {
      this.row += 1;
      this.column = 0;
      this.rows[this.row] ??= [];
      return;
    }
    if (character === '\r') {
      this.column = 0;
      return;
    }
    if (character < ' ') return;
    if (this.column === this.columns) this.put('\n');
    const row = this.rows[this.row]!;
    while (row.length < this.column) row.push(' ');
    row[this.column] = character;
    this.column += 1;
  }

  private obey(given: string, command: string): void {
    if (command === 'A') this.row = Math.max(0, this.row - Number(given || 1));
    if (command === 'K') this.rows[this.row]!.length = Math.min(this.rows[this.row]!.length, this.column);
    if (command === 'J') {
      this.rows[this.row]!.length = Math.min(this.rows[this.row]!.length, this.column);
      this.rows.length = this.row + 1;
    }
    if (given === '?25') {
      this.cursorIsHidden = command === 'l';
      this.wasHidden ||= this.cursorIsHidden;
    }
  }
}
