export { Provider, type ProviderArgs } from './provider';
export * as client from './client';
export * as cluster from './cluster';
export * as imageFactory from './imageFactory';
export * as machine from './machine';
export * as types from './types';
