// The Pulumi program: `main` in package.json.
'use strict';
const { runPrecompiled } = require('./precompiled.js');

// What Pulumi's runner has loaded already, and shares state with the program.
const external = ['@pulumi/*', '@pulumiverse/*', '@grpc/*', 'google-protobuf'];
module.exports = runPrecompiled('index.ts', { external });
