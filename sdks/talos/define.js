'use strict';
// Plain JavaScript, because Pulumi's runner does not compile TypeScript below node_modules, where npm links this package.
const pulumi = require('@pulumi/pulumi');
const { pulumi: plugin } = require('./package.json');

/** Makes the engine request exactly this plugin, from its download server. */
const pluginOptions = { version: plugin.version, pluginDownloadURL: plugin.server };

/**
 * Reads a property list such as 'node! clientConfiguration!* endpoint': `!` is required, `*` is secret or contains a
 * secret. A property that only contains one is secret as a whole, because the provider's nested markers are lost.
 */
function properties(list) {
  return list
    .split(' ')
    .filter(Boolean)
    .map((entry) => {
      const name = entry.replace(/[!*]/g, '');
      return { name, required: entry.includes('!'), secret: entry.includes('*') };
    });
}

function wrapped(property, value) {
  return property.secret && value !== undefined ? pulumi.secret(value) : value;
}

function requireAll(what, inputs, args) {
  const missing = inputs.filter((input) => input.required && args?.[input.name] === undefined);
  if (missing.length > 0) {
    throw new Error(`${what}: missing required property ${missing.map((input) => `'${input.name}'`).join(', ')}`);
  }
}

/** The class of one resource. Outputs that are also inputs are not repeated in `outputList`. */
function defineResource(className, token, inputList, outputList) {
  const type = `talos:${token}`;
  const inputs = properties(inputList);
  const outputs = properties(outputList);
  const all = [...inputs, ...outputs];
  const secretOutputs = all.filter((property) => property.secret).map((property) => property.name);

  const resource = class extends pulumi.CustomResource {
    static get(name, id, state, opts) {
      return new resource(name, state, { ...opts, id });
    }

    static isInstance(value) {
      return value !== undefined && value !== null && value.__pulumiType === type;
    }

    constructor(name, args, opts = {}) {
      const values = Object.fromEntries(all.map((property) => [property.name, undefined]));
      const given = opts.id === undefined ? inputs : all;
      if (opts.id === undefined && opts.urn === undefined) requireAll(`${type} '${name}'`, inputs, args);
      for (const property of given) values[property.name] = wrapped(property, args?.[property.name]);
      const merged = pulumi.mergeOptions(pluginOptions, opts);
      super(type, name, values, pulumi.mergeOptions(merged, { additionalSecretOutputs: secretOutputs }));
    }
  };
  Object.defineProperty(resource, 'name', { value: className });
  resource.__pulumiType = type;
  return resource;
}

/** Both forms of a function; `secretResult` marks the whole result as secret, because it contains credentials. */
function defineFunction(token, inputList, secretResult) {
  const full = `talos:${token}`;
  const inputs = properties(inputList);
  const pick = (args) => {
    requireAll(full, inputs, args);
    return Object.fromEntries(inputs.map((input) => [input.name, args?.[input.name]]));
  };
  return {
    promise: (args, opts) => pulumi.runtime.invoke(full, pick(args), { ...pluginOptions, ...opts }),
    output: (args, opts) => {
      const result = pulumi.runtime.invokeOutput(full, pick(args), { ...pluginOptions, ...opts });
      return secretResult ? pulumi.secret(result) : result;
    },
  };
}

module.exports = { defineFunction, defineResource, pluginOptions };
