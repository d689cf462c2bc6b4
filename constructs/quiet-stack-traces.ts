import { createRequire } from 'node:module';

// cdktf records an unlimited stack trace for every token, a third of the synthesis time, and has no switch for it.
const traces = createRequire(require.resolve('cdktf'))('./tokens/private/stack-trace') as { captureStackTrace: () => string[] };
traces.captureStackTrace = () => [];
