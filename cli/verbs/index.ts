import { boot } from './boot';
import { destroy } from './destroy';
import { diff } from './diff';
import { doctor } from './doctor';
import { kubeconfig } from './kubeconfig';
import { model } from './model';
import { shutdown } from './shutdown';
import { ssh } from './ssh';
import { status } from './status';
import { up } from './up';
import { validate } from './validate';

/** Every verb of the command, in the order of its help. */
export const verbs = [up, diff, destroy, status, boot, shutdown, ssh, kubeconfig, validate, model, doctor] as const;
