'use strict';
const { defineFunction, defineResource } = require('./define');

const Kubeconfig = defineResource(
  'Kubeconfig',
  'cluster/kubeconfig:Kubeconfig',
  'certificateRenewalDuration clientConfiguration!* endpoint node! timeouts',
  'kubeconfigRaw* kubernetesClientConfiguration*',
);

const getHealth = defineFunction(
  'cluster/getHealth:getHealth',
  'clientConfiguration!* controlPlaneNodes! endpoints! skipKubernetesChecks timeouts workerNodes',
  true,
);
const getKubeconfig = defineFunction(
  'cluster/getKubeconfig:getKubeconfig',
  'clientConfiguration!* endpoint node! timeouts wait',
  true,
);

module.exports = {
  Kubeconfig,
  getHealth: getHealth.promise,
  getHealthOutput: getHealth.output,
  getKubeconfig: getKubeconfig.promise,
  getKubeconfigOutput: getKubeconfig.output,
};
