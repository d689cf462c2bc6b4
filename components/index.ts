import { bridgeCni } from './bridge-cni';
import type { Component } from './define';
import { demo } from './demo';
import { localPath } from './local-path';
import { metricsServer } from './metrics-server';

/** Everything that can be installed, sorted by id; the only lookup of a component by its name starts here. */
export const catalog: readonly Component[] = Object.freeze([bridgeCni, demo, localPath, metricsServer]);
