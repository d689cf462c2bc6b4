/** Something that did not work out, said in full: printed without a stack trace, exit code 1. */
export class Failure extends Error {}
