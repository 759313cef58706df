'use strict';
const { Provider } = require('./provider');

module.exports = {
  Provider,
  client: require('./client'),
  cluster: require('./cluster'),
  imageFactory: require('./imageFactory'),
  machine: require('./machine'),
};
