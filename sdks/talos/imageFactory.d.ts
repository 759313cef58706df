import type * as pulumi from '@pulumi/pulumi';

export interface SchematicArgs {
  /** The schematic as YAML. Default: a schematic without customization. */
  schematic?: pulumi.Input<string>;
}

/**
 * An image factory schematic; its `id` is the schematic's. An update in place keeps the old id in the state: always use
 * `replaceOnChanges: ['schematic']`.
 */
export declare class Schematic extends pulumi.CustomResource {
  static get(
    name: string,
    id: pulumi.Input<pulumi.ID>,
    state?: SchematicArgs,
    opts?: pulumi.CustomResourceOptions,
  ): Schematic;
  static isInstance(value: unknown): value is Schematic;
  readonly schematic: pulumi.Output<string | undefined>;
  constructor(name: string, args?: SchematicArgs, opts?: pulumi.CustomResourceOptions);
}

export interface GetExtensionsVersionsArgs {
  exactFilters?: { names?: string[] };
  filters?: { names?: string[] };
  talosVersion: string;
}

export interface GetExtensionsVersionsResult extends GetExtensionsVersionsArgs {
  readonly extensionsInfos: { author: string; description: string; digest: string; name: string; ref: string }[];
  readonly id: string;
}

/** The official extensions that exist for a Talos version. */
export declare function getExtensionsVersions(
  args: GetExtensionsVersionsArgs,
  opts?: pulumi.InvokeOptions,
): Promise<GetExtensionsVersionsResult>;

/** Output form of `getExtensionsVersions`. */
export declare function getExtensionsVersionsOutput(
  args: { [K in keyof GetExtensionsVersionsArgs]: pulumi.Input<GetExtensionsVersionsArgs[K]> },
  opts?: pulumi.InvokeOutputOptions,
): pulumi.Output<GetExtensionsVersionsResult>;

export interface GetOverlaysVersionsArgs {
  filters?: { name?: string };
  talosVersion: string;
}

export interface GetOverlaysVersionsResult extends GetOverlaysVersionsArgs {
  readonly id: string;
  readonly overlaysInfos: { digest: string; image: string; name: string; ref: string }[];
}

/** The overlays (for single-board computers) that exist for a Talos version. */
export declare function getOverlaysVersions(
  args: GetOverlaysVersionsArgs,
  opts?: pulumi.InvokeOptions,
): Promise<GetOverlaysVersionsResult>;

/** Output form of `getOverlaysVersions`. */
export declare function getOverlaysVersionsOutput(
  args: { [K in keyof GetOverlaysVersionsArgs]: pulumi.Input<GetOverlaysVersionsArgs[K]> },
  opts?: pulumi.InvokeOutputOptions,
): pulumi.Output<GetOverlaysVersionsResult>;

export interface GetUrlsArgs {
  /** Default: 'amd64'. */
  architecture?: string;
  /** For example 'metal'. Mutually exclusive with `sbc`. */
  platform?: string;
  sbc?: string;
  schematicId: string;
  talosVersion: string;
}

export interface GetUrlsResult extends GetUrlsArgs {
  readonly architecture: string;
  readonly id: string;
  readonly urls: {
    diskImage: string;
    diskImageSecureboot: string;
    initramfs: string;
    installer: string;
    installerSecureboot: string;
    iso: string;
    isoSecureboot: string;
    kernel: string;
    kernelCommandLine: string;
    pxe: string;
    uki: string;
  };
}

/** The URLs of a schematic's images. */
export declare function getUrls(args: GetUrlsArgs, opts?: pulumi.InvokeOptions): Promise<GetUrlsResult>;

/** Output form of `getUrls`. */
export declare function getUrlsOutput(
  args: { [K in keyof GetUrlsArgs]: pulumi.Input<GetUrlsArgs[K]> },
  opts?: pulumi.InvokeOutputOptions,
): pulumi.Output<GetUrlsResult>;

export interface GetVersionsArgs {
  filters?: { stableVersionsOnly?: boolean };
}

export interface GetVersionsResult extends GetVersionsArgs {
  readonly id: string;
  readonly talosVersions: string[];
}

/** The Talos versions that the image factory can build. */
export declare function getVersions(args?: GetVersionsArgs, opts?: pulumi.InvokeOptions): Promise<GetVersionsResult>;

/** Output form of `getVersions`. */
export declare function getVersionsOutput(
  args?: { [K in keyof GetVersionsArgs]: pulumi.Input<GetVersionsArgs[K]> },
  opts?: pulumi.InvokeOutputOptions,
): pulumi.Output<GetVersionsResult>;
