'use strict';
const { defineFunction, defineResource } = require('./define');

const Bootstrap = defineResource(
  'Bootstrap',
  'machine/bootstrap:Bootstrap',
  'clientConfiguration* clientConfigurationWo* endpoint node! timeouts',
  '',
);

const ConfigurationApply = defineResource(
  'ConfigurationApply',
  'machine/configurationApply:ConfigurationApply',
  'applyMode clientConfiguration* clientConfigurationWo* configPatches endpoint machineConfigurationInput* ' +
    'machineConfigurationInputWo* node! onDestroy timeouts',
  'machineConfiguration* machineConfigurationHash resolvedApplyMode',
);

const Secrets = defineResource(
  'Secrets',
  'machine/secrets:Secrets',
  'talosVersion',
  'clientConfiguration* machineSecrets*',
);

const getConfiguration = defineFunction(
  'machine/getConfiguration:getConfiguration',
  'clusterEndpoint! clusterName! configPatches docs examples kubernetesVersion machineSecrets!* machineType! ' +
    'talosVersion',
  true,
);
const getDisks = defineFunction(
  'machine/getDisks:getDisks',
  'clientConfiguration!* endpoint node! selector timeouts',
  true,
);

module.exports = {
  Bootstrap,
  ConfigurationApply,
  Secrets,
  getConfiguration: getConfiguration.promise,
  getConfigurationOutput: getConfiguration.output,
  getDisks: getDisks.promise,
  getDisksOutput: getDisks.output,
};
