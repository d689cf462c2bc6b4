#!/usr/bin/env node
// Starts from nothing but Node: installs the packages when they are missing, bundles the sources (some ten milliseconds) and runs them.
'use strict';
const { requireNode, installPackages, bundle } = require('./packages.cjs');

requireNode();
installPackages();
// The synthesis is a program of its own: the command must work without the framework.
if (process.argv[2] === 'synth') require(bundle('main.ts'));
else if (process.argv[2] === 'generate-docs') require(bundle('docs/generate.ts')).writeDocuments();
else require(bundle('cli/index.ts'));
