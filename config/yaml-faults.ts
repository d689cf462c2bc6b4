import type { ErrorCode } from 'yaml';

/** What a fault of YAML means and what to do about it. The parser's own messages quote the file, which may hold a secret, so none of them is used. */
export interface YamlFault {
  readonly rule: string;
  readonly remedy: string;
}

const look = 'look at the indentation, colons and quotes there';
const tag: YamlFault = {
  rule: 'has a tag (!name) that a fleet file does not know',
  remedy: 'write plain text, a number, true or false, a list or a map',
};

const faults: Readonly<Partial<Record<ErrorCode, YamlFault>>> = {
  BAD_ALIAS: { rule: 'is an alias (*name) that YAML does not allow here', remedy: 'write the value in its place' },
  ALIAS_PROPS: { rule: 'is an alias (*name) with an anchor or a tag', remedy: 'write the alias alone' },
  BAD_DIRECTIVE: { rule: 'is a directive (%NAME) that is not known', remedy: 'drop it' },
  BAD_DQ_ESCAPE: { rule: 'has an escape (\\x) that double quotes do not know', remedy: 'write single quotes, or \\\\ for a backslash' },
  BAD_INDENT: {
    rule: 'is indented differently from what it belongs to',
    remedy: 'indent the fields of one map and the items of one list alike',
  },
  BAD_SCALAR_START: { rule: 'starts with a character that text without quotes must not start with', remedy: 'put the text in quotes' },
  BLOCK_AS_IMPLICIT_KEY: {
    rule: 'has more than one colon in one line',
    remedy: 'put the text in quotes, or begin a new line after the first colon',
  },
  BLOCK_IN_FLOW: { rule: 'has an indented block inside of braces or brackets', remedy: 'write it with braces and commas, or without any' },
  DUPLICATE_KEY: { rule: 'is here twice in one map', remedy: 'keep one of the two' },
  KEY_OVER_1024_CHARS: { rule: 'is a key of more than 1024 characters', remedy: 'shorten it' },
  MISSING_CHAR: {
    rule: 'lacks a character, such as a closing quote, brace or bracket, a comma or a space after a colon',
    remedy: 'add it',
  },
  MULTILINE_IMPLICIT_KEY: { rule: 'is a key over several lines, or lacks its colon', remedy: 'write the key and its colon in one line' },
  MULTIPLE_ANCHORS: { rule: 'has two anchors (&name)', remedy: 'keep one' },
  MULTIPLE_DOCS: { rule: 'begins a second document (---)', remedy: 'write one fleet a file' },
  MULTIPLE_TAGS: { rule: 'has two tags', remedy: 'drop them' },
  NON_STRING_KEY: { rule: 'is a key that is a list or a map', remedy: 'write a text as the key' },
  RESOURCE_EXHAUSTION: { rule: 'is nested too deeply', remedy: 'flatten it' },
  TAB_AS_INDENT: { rule: 'is indented by a tab', remedy: 'indent by spaces' },
  TAG_RESOLVE_FAILED: tag,
  BAD_COLLECTION_TYPE: tag,
};

export const yamlFault = (code: ErrorCode): YamlFault => faults[code] ?? { rule: 'is not the YAML that it should be', remedy: look };
