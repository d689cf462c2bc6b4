import { adopt } from './adopt';
import { boot } from './boot';
import { charts } from './charts';
import { completionOf } from './completion';
import { destroy } from './destroy';
import { diff } from './diff';
import { doctor } from './doctor';
import { drift } from './drift';
import { forget } from './forget';
import { graph } from './graph';
import { kubeconfig } from './kubeconfig';
import { load } from './load';
import { logs } from './logs';
import { model } from './model';
import { outputs } from './outputs';
import { prepare } from './prepare';
import { selftest } from './selftest';
import { shutdown } from './shutdown';
import { ssh } from './ssh';
import { status } from './status';
import { support } from './support';
import { synth } from './synth';
import { up } from './up';
import { validate } from './validate';
import { verify } from './verify';

const all = [
  up,
  diff,
  drift,
  destroy,
  status,
  verify,
  outputs,
  boot,
  shutdown,
  ssh,
  kubeconfig,
  load,
  logs,
  graph,
  charts,
  adopt,
  forget,
  synth,
  prepare,
  validate,
  model,
  doctor,
  support,
  selftest,
] as const;

/** Every verb of the command, in the order of its help. */
export const verbs = [...all, completionOf(all)] as const;
