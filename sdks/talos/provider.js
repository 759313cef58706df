'use strict';
const pulumi = require('@pulumi/pulumi');
const { pluginOptions } = require('./define');

class Provider extends pulumi.ProviderResource {
  static isInstance(value) {
    return value !== undefined && value !== null && value.__pulumiType === 'pulumi:providers:talos';
  }

  constructor(name, args, opts) {
    super('talos', name, { imageFactoryUrl: args?.imageFactoryUrl }, pulumi.mergeOptions(pluginOptions, opts ?? {}));
  }

  terraformConfig() {
    return pulumi.runtime.call('pulumi:providers:talos/terraformConfig', { __self__: this }, this);
  }
}

module.exports = { Provider };
