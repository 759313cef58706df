// `node bin/run.js <file> [argument…]`: runs a TypeScript file of the repository as the main module.
'use strict';
const { dirname, relative, resolve } = require('node:path');
const { runPrecompiled } = require('./precompiled.js');

// As if the file itself had been started.
process.argv.splice(1, 2, resolve(process.argv[2] ?? ''));
// The SDK of Pulumi reads files next to its own.
const external = ['typescript', '@pulumi/*', '@pulumiverse/*', '@grpc/*', 'google-protobuf'];
runPrecompiled(relative(dirname(__dirname), process.argv[1] ?? ''), { external });
