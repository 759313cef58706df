'use strict';
const { defineFunction, defineResource } = require('./define');

const Schematic = defineResource('Schematic', 'imageFactory/schematic:Schematic', 'schematic', '');

const getExtensionsVersions = defineFunction(
  'imageFactory/getExtensionsVersions:getExtensionsVersions',
  'exactFilters filters talosVersion!',
  false,
);
const getOverlaysVersions = defineFunction(
  'imageFactory/getOverlaysVersions:getOverlaysVersions',
  'filters talosVersion!',
  false,
);
const getUrls = defineFunction(
  'imageFactory/getUrls:getUrls',
  'architecture platform sbc schematicId! talosVersion!',
  false,
);
const getVersions = defineFunction('imageFactory/getVersions:getVersions', 'filters', false);

module.exports = {
  Schematic,
  getExtensionsVersions: getExtensionsVersions.promise,
  getExtensionsVersionsOutput: getExtensionsVersions.output,
  getOverlaysVersions: getOverlaysVersions.promise,
  getOverlaysVersionsOutput: getOverlaysVersions.output,
  getUrls: getUrls.promise,
  getUrlsOutput: getUrls.output,
  getVersions: getVersions.promise,
  getVersionsOutput: getVersions.output,
};
