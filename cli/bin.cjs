#!/usr/bin/env node
// Starts from nothing but Node. In a checkout: installs the packages when they are missing, bundles the sources (some ten milliseconds) and runs
// them. In an installed package: runs what was compiled when it was packed.
'use strict';
const fs = require('node:fs');
const path = require('node:path');
const { requireNode, installPackages, load: loadBundled } = require('./packages.cjs');

requireNode();
const isCheckout = fs.existsSync(path.join(__dirname, '..', 'main.ts'));
if (isCheckout) installPackages();
const load = (entry) => (isCheckout ? loadBundled(entry) : require(path.join(__dirname, '..', 'dist', entry.replace(/\.ts$/, '.js'))));

// The synthesis is a program of its own, which the verb of that name starts with a model: the command must work without the framework.
if (process.argv[2] === 'synth' && process.env.FLOTILLA_MODEL) load('main.ts');
else if (process.argv[2] === 'generate-docs') load('docs/generate.ts').writeDocuments();
else load('cli/index.ts');
