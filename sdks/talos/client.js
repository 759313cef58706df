'use strict';
const { defineFunction } = require('./define');

const getConfiguration = defineFunction(
  'client/getConfiguration:getConfiguration',
  'clientConfiguration!* clusterName! endpoints nodes',
  true,
);

module.exports = { getConfiguration: getConfiguration.promise, getConfigurationOutput: getConfiguration.output };
