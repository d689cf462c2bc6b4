/** One kind of line that bash 3.2, the bash of macOS, lacks or understands differently. Every row was run with 3.2.48 and 5.2.15. */
export interface OldBashKind {
  readonly why: string;
  readonly remedy: string;
  /** Matches the line, without the lines of comments around it. Sees several lines where the kind needs them. */
  readonly pattern: RegExp;
  /** A program that 3.2 refuses or runs differently. */
  readonly wrong: string;
  /** The remedy, which both run alike. Left out where 3.2 has nothing of the kind. */
  readonly right?: string;
}

const kind = (why: string, remedy: string, pattern: RegExp, wrong: string, right?: string): OldBashKind =>
  right === undefined ? { why, remedy, pattern, wrong } : { why, remedy, pattern, wrong, right };

export const oldBashKinds: readonly OldBashKind[] = [
  kind(
    'a brace or an escaped brace in a default keeps its backslash or ends the expansion',
    'compare first and assign, or let jq have the default',
    /\$\{\w+:?[-+=?](?:[^}"]*(?<!\$)\{|[^}"]*\\\})/,
    'x=; echo "${x:-{\\}}"',
    `x=; [[ -n "$x" ]] || x='{}'; echo "$x"`,
  ),
  kind(
    'a quote or an escaped brace in a replacement stays in the result',
    'put the replacement into a variable',
    /\$\{\w+\/\/?(?!\/)[^}/]+\/[^}]*(?:(?<!\\)["']|\\\})/,
    `x=ab; echo "\${x/a/"q"}"`,
    'x=ab; to=q; echo "${x/a/$to}"',
  ),
  kind(
    'an expansion in braces, quoted inside of a quoted pattern of a replacement, is a bad substitution',
    'put the pattern into a variable',
    /\$\{\w+\/\/?"[^"]*\$\{/,
    'x="a:/b/c:d"; y=/b/c/z; echo "${x//"${y%/*}:"/}"',
    'x="a:/b/c:d"; y=/b/c/z; own="${y%/*}:"; echo "${x//"$own"/}"',
  ),
  kind(
    'an empty array is an unbound variable under set -u',
    'write ${array[@]+"${array[@]}"}',
    /(?<!\+)"\$\{\w+\[[@*]\](?::[^}]*)?\}/,
    'set -u; a=(); printf "<%s>" "${a[@]}"',
    'set -u; a=(); printf "<%s>" ${a[@]+"${a[@]}"}',
  ),
  kind(
    'a subshell or a condition that stands alone and fails does not end the script, in spite of set -e',
    'add || exit 1, or make it the last command of a function',
    /^(?!.*(?:\)|\]\]) (?:\|\||&&) )\s*(?:\(.*\)|\)|\[\[ .* \]\]|\(\(.*\)\))(?: [0-9]*[<>]\S*)*(?: #.*)?\n(?!\s*\}|\s*\))/,
    'set -e\n(exit 3)\necho "went on"',
    'set -e\n(exit 3) || exit 1\necho "went on"',
  ),
  kind(
    'there are no associative arrays',
    'ask jq, or use a case',
    /\b(?:declare|local|typeset) -\w*A/,
    'declare -A a; a[x]=1; a[y]=2; echo "${a[x]}"',
  ),
  kind(
    'there are no references and no globals of declare',
    'print the value and read it',
    /\b(?:declare|local|typeset) -\w*[ng]/,
    'f() { declare -g x=1; }; f; echo "$x"',
    'f() { x=1; }; f; echo "$x"',
  ),
  kind(
    'there is no mapfile',
    'read in a loop',
    /\b(?:mapfile|readarray)\b/,
    'mapfile -t a <<<x; echo "${a[0]}"',
    'a=(); while IFS= read -r line; do a[${#a[@]}]="$line"; done <<<x; echo "${a[0]}"',
  ),
  kind(
    'there are no expansions that change case or quote',
    'use tr, or printf %q',
    /\$\{\w+(?:\[[^\]]*\])?(?:,|\^|@[A-Za-z]\})/,
    'x=A; echo "${x,,}"',
    'x=A; tr A-Z a-z <<<"$x"',
  ),
  kind(
    'neither an index nor a length of a substring may be negative',
    'count from the start, or cut with ${x%?}',
    /\[-[0-9]+\]|\$\{\w+:[^}:]*:-[0-9]/,
    'x=abc; echo "${x:0:-1}"',
    'x=abc; echo "${x%?}"',
  ),
  kind('there is no &>> and no |&', 'write 2>&1', /&>>|\|&/, 'echo a |& cat', 'echo a 2>&1 | cat'),
  kind('printf knows no time', 'call date', /%\([^)]*\)T/, `printf '%(%s)T' 0`, 'date -u +%Y >/dev/null; echo 0'),
  kind(
    '[[ -v ]] is not there',
    'ask ${x+set}',
    /(?:\[\[?|\btest) (?:! )?-v /,
    'x=; [[ -v x ]] && echo set',
    'x=; [[ -n "${x+set}" ]] && echo set',
  ),
  kind('wait -n is not there', 'wait for each process', /\bwait -\w*[np]/, 'true & wait -n; echo $?', 'true & wait "$!"; echo $?'),
  kind('a case cannot go on to its next pattern', 'name both patterns', /;;?&/, 'case a in a) echo 1 ;& b) echo 2 ;; esac'),
  kind('there are no coprocesses', 'use a pipe with a name', /\bcoproc\b/, 'coproc true; echo $?'),
  kind(
    'the shell chooses no descriptor',
    'name a number',
    /\bexec \{\w+\}[<>]/,
    'exec {fd}>/dev/null; echo $?',
    'exec 7>/dev/null; echo $?',
  ),
  kind(
    'read waits for whole seconds only and counts no characters',
    'wait for a whole second',
    /\bread (?:-\w+ )*-(?:\w*t ?[0-9]*\.|\w*N)/,
    'read -r -N 1 x <<<ab; echo "$x"',
    'read -r -n 1 x <<<ab; echo "$x"',
  ),
  kind('these options of shopt are newer', 'do without', /\bshopt -\w (?:lastpipe|globstar|inherit_errexit)/, 'shopt -s lastpipe; echo $?'),
  kind(
    'these variables are newer',
    'call date, or sh -c with $PPID',
    /\$\{?(?:EPOCHSECONDS|EPOCHREALTIME|BASHPID|SRANDOM)\b/,
    '[[ -n "$EPOCHSECONDS" ]]; echo $?',
    '[[ -n "$(date +%s)" ]]; echo $?',
  ),
  kind("$'…' knows no \\u", 'write the bytes', /\$'[^']*\\[uU]/, `printf '%s' $'\\u0041'`, `printf '%s' $'\\x41'`),
  kind(
    'a file from <(…) cannot be sourced',
    'eval what it prints',
    /^\s*(?:\.|source) <\(/,
    '. <(echo x=1); echo "$x"',
    'eval "$(echo x=1)"; echo "$x"',
  ),
  kind('a range drops leading zeros', 'count with printf', /\{0\d+\.\.\d+\}/, 'echo {01..02}', 'echo 01 02'),
  kind(
    'the parenthesis of a case pattern ends a $(…)',
    'open the pattern with a parenthesis too',
    /\$\([^()\n]*\bcase\b[^()\n]* in [^()\n]*\)/,
    'x=a; echo "$(case $x in a) echo 1 ;; esac)"',
    'x=a; echo "$(case $x in (a) echo 1 ;; esac)"',
  ),
  kind(
    'a quote in a here-document or a comment inside of $(…) opens a string',
    'take it out of the $(…)',
    /\$\([^)\n]*(?:<<-?\s*['"]?[A-Za-z]|\s# [^\n]*')/,
    `echo "$(cat <<EOF\nit's\nEOF\n)"`,
  ),
  kind(
    'a here-string without quotes is split into words',
    'put it into double quotes',
    /<<<\$/,
    'x="a   b"; cat <<<$x',
    'x="a   b"; cat <<<"$x"',
  ),
];

/** Lines of a script that bash 3.2 would not take, with the reason. Comments are left out, line numbers stay. */
export function oldBashFaults(text: string): readonly string[] {
  const code = text.replace(/^\s*#.*$/gm, '');
  return oldBashKinds.flatMap(({ pattern, why, remedy }) =>
    [...code.matchAll(new RegExp(pattern, 'gm'))].map(({ index, 0: found }) => {
      const line = code.slice(0, index).split('\n').length;
      return `line ${line}: ${found.trim()}: ${why}: ${remedy}`;
    }),
  );
}
